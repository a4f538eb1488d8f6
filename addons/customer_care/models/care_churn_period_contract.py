from datetime import timedelta
from itertools import takewhile

from odoo import api, models
from odoo.addons.customer_care.engine import churn

from .care_purchases import Scope


class CareChurnPeriod(models.Model):
    """Contractual churn: a month is printed once the grace of its ends has passed."""

    _inherit = "care.churn.period"

    @api.model
    def _contract_months_due(self, company, today):
        """Decided months that are not printed by agreement yet; by purchase they are already."""
        history = self.env["care.churn.history"]
        own = self._of(company, "printed")
        begun = history._query_first_agreement(company) if own else None
        if not begun:
            return []
        last = self._of(company, "printed", "agreements")[-1:]
        first = churn.next_month(last.date_from) if last else max(
            begun.replace(day=1), own[0].date_from)
        due = own.filtered(lambda period: period.date_from >= first)
        return [p.date_from for p in takewhile(lambda p: p._is_decided(today), due)]

    def _is_decided(self, today):
        """No agreement that ended in this month can be renewed in time any more."""
        grace = timedelta(days=self.definition_id.grace_days + 1)
        return churn.next_month(self.date_from) + grace <= today

    @api.model
    def _print_contracts(self, company, month, now):
        """The rows of all customers under agreement, and the figures of both kinds."""
        # Who is judged by what was said when the month was printed by purchases.
        own = self._of(company, "printed").filtered(lambda period: period.date_from == month)
        period = self.create({
            "company_id": company.id, "kind": "agreements", "date_from": month,
            "last_month": month, "definition_id": own.definition_id.id, "pool_gap": own.pool_gap})
        history, everybody = self.env["care.churn.history"], Scope(after=0, until=2**31 - 1)
        self.env.flush_all()
        rows = history._query_contract_months(
            company, everybody, period.definition_id, [month], company._care_today(now),
            period._goes_on())
        history._query_write(company, everybody, month, own.definition_id, rows, "agreements")
        self.env["care.customer.month"].invalidate_model(flush=False)
        period._print(now, "agreements", "both")

    @api.model
    def _deciding(self, company, span, first):
        """The printed row that says who stayed in a period; none before it is printed.

        From the month of the first agreement on, that is the row of all customers: who is under
        agreement is judged by it, and it is printed once the grace of the period's ends has passed.
        """
        begun = self._first_contract_month(company)
        return self.search([
            ("company_id", "=", company.id), ("span", "=", span), ("date_from", "=", first),
            ("state", "=", "printed"),
            ("kind", "=", "both" if begun and begun <= first else "purchases")])

    @api.model
    def _first_contract_month(self, company):
        """The first month that is, or will be, printed by agreement; None without agreements."""
        printed = self._of(company, "printed", "agreements")[:1]
        begun = printed.date_from or self.env["care.churn.history"]._query_first_agreement(company)
        return begun and begun.replace(day=1)
