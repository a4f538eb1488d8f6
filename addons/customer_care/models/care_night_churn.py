from odoo import models
from odoo.tools import SQL

from .care_purchases import Scope

#: Partners times months that are written in one go: a few seconds.
CHUNK = 60_000
#: Customers with changed documents who are compared in one go with what was printed.
COMPARED = 1_000


class CareNight(models.Model):
    """Months are counted customer by customer, printed month by month, and then only compared."""

    _inherit = "care.night"

    def _night_steps(self):
        return super()._night_steps() | {
            "limits": {"label": self.env._("Limits of silence"), "sequence": 15},
            "months": {"label": self.env._("Customer months"), "sequence": 50},
            "periods": {"label": self.env._("Churn and retention"), "sequence": 55},
            "contracts": {
                "label": self.env._("Churn and retention by agreement"), "sequence": 58},
            "corrections": {
                "label": self.env._("Corrections of the past"), "sequence": 59, "fresh": True},
        }

    def _night_limits(self, company, now, position):
        company._care_measure_limits()

    def _night_months(self, company, now, position):
        """Rows of the months that closed, for the next customers."""
        periods = self.env["care.churn.period"]
        open_months = (
            periods._of(company, "open") if position else periods._open_months(company, now))
        if not open_months or open_months[0].state == "counted":
            return None
        until, count = self.env["care.build"]._query_chunk_end(
            position, max(CHUNK // len(open_months), 1))
        if not count:
            open_months.state = "counted"
            return None
        self.env["care.churn.history"]._write_months(
            company, Scope(after=position, until=until), open_months)
        return until

    def _night_periods(self, company, now, position):
        """Print the next month that was counted for every customer."""
        counted = self.env["care.churn.period"]._of(company, "counted")
        if counted:
            counted[0]._print(now, "purchases")
        return position + 1 if len(counted) > 1 else None

    def _night_contracts(self, company, now, position):
        """The next month whose agreements are decided: its grace has passed."""
        periods = self.env["care.churn.period"]
        months = periods._contract_months_due(company, company._care_today(now))
        if months:
            periods._print_contracts(company, months[0], now)
        return position + 1 if len(months) > 1 else None

    def _fresh_corrections(self, company, scope, now):
        self.env["care.customer"]._query_recounted(company, scope, now)

    def _night_corrections(self, company, now, position):
        """Customers whose documents changed since the last look, compared with what was printed."""
        if not company.care_compared_until:
            company.care_compared_until = now
            return None
        ids = self._query_changed(company, position)
        if not ids:
            company.care_compared_until = now
            return None
        self.env["care.churn.correction"]._look_again(company, ids, now)
        return ids[-1]

    def _query_changed(self, company, position) -> list[int]:
        """Customers with new figures, documents or agreements.

        Unique key (partner_id, company_id).
        """
        return [row[0] for row in self.env.execute_query(SQL(
            """SELECT partner_id FROM (
                   SELECT partner_id FROM care_customer
                    WHERE company_id = %(company)s
                       AND (computed_at > %(since)s OR recounted_at > %(since)s)
                    UNION
                   SELECT commercial_partner_id FROM care_agreement
                    WHERE company_id = %(company)s AND write_date > %(since)s
               ) changed WHERE partner_id > %(position)s ORDER BY partner_id LIMIT %(limit)s""",
            company=company.id, position=position, since=company.care_compared_until,
            limit=COMPARED))]
