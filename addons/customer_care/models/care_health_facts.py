from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from odoo import models
from odoo.tools import SQL

#: Ratings older than this say nothing about today.
RATING_DAYS = 365


class CareHealth(models.AbstractModel):
    _inherit = "care.health"

    def _health_facts(self):
        _ = self.env._
        return super()._health_facts() | {
            "silence": {
                "label": _("Silence"), "unit": _("× the usual gap"), "sequence": 10,
                "help": _("Days since the last purchase, measured in the gaps that usually lie "
                          "between two of the customer's purchases.")},
            "trend": {
                "label": _("Revenue trend"), "unit": "%", "sequence": 20,
                "help": _("Net revenue of the last twelve months against the twelve before; not "
                          "known before the customer has bought for two years.")},
            "frequency": {
                "label": _("Frequency score"), "unit": "", "sequence": 30,
                "help": _("1 to 5 by the number of purchases; see the RFM grid.")},
            "monetary": {
                "label": _("Value score"), "unit": "", "sequence": 40,
                "help": _("1 to 5 by historic LTV; see the RFM grid.")},
            "overdue": {
                "label": _("Oldest unpaid invoice"), "unit": _("days overdue"), "sequence": 50,
                "default": 0,
                "help": _("Days since the due date of the oldest posted invoice that is not "
                          "paid; 0 when nothing is overdue.")},
            "refunds": {
                "label": _("Credited share"), "unit": "%", "sequence": 60,
                "help": _("Credit notes as a share of all that was invoiced, untaxed.")},
            "rating": {
                "label": _("Mean rating"), "unit": _("of 5"), "sequence": 70,
                "help": _("Mean of the ratings that the customer's contacts gave this company "
                          "in the last year; not known without one.")},
            "agreement": {
                "label": _("Time until an agreement ends"), "unit": _("days"), "sequence": 80,
                "help": _("Days until the first agreement ends that neither renews itself nor "
                          "was renewed; not known without one.")},
        }

    def _query_fact_silence(self, company, scope, today: date) -> SQL:
        rules = self.env["care.status.rule"]._rules_of(company)
        return SQL(
            """SELECT partner_id, silence / NULLIF(gap, 0) AS value
                 FROM (SELECT partner_id, %s FROM people WHERE purchase_days > 0) paced""",
            self.env["care.figures"]._query_paced(company._care_pace(rules._to_engine()), today),
        )

    def _query_fact_trend(self, company, scope, today: date) -> SQL:
        year, before = today - relativedelta(years=1), today - relativedelta(years=2)
        return SQL(
            """SELECT t.partner_id,
                      100 * (COALESCE(SUM(t.amount) FILTER (WHERE t.day >= %(year)s), 0)
                             / SUM(t.amount) FILTER (WHERE t.day < %(year)s) - 1) AS value
                 FROM (%(turnover)s) t
                 JOIN people k ON k.partner_id = t.partner_id
                WHERE k.first_purchase <= %(before)s
             GROUP BY t.partner_id
               HAVING SUM(t.amount) FILTER (WHERE t.day < %(year)s) > 0""",
            year=year, before=before,
            turnover=self.env["care.purchases"]._query_turnover(
                company, scope, since=before, until=today + relativedelta(days=1)),
        )

    def _query_fact_frequency(self, company, scope, today: date) -> SQL:
        return self._query_score("rfm_frequency")

    def _query_fact_monetary(self, company, scope, today: date) -> SQL:
        return self._query_score("rfm_monetary")

    def _query_score(self, column) -> SQL:
        return SQL("SELECT partner_id, NULLIF(%s, 0) AS value FROM people", SQL.identifier(column))

    def _query_fact_overdue(self, company, scope, today: date) -> SQL:
        """What is unpaid is no purchase but a debt. Index account_move_payment_idx."""
        # The journals of the books, whoever asks.
        journals = self.env["account.journal"].sudo().with_context(active_test=False).search(
            [("company_id", "=", company.id), ("type", "=", "sale")])
        return SQL(
            """SELECT commercial_partner_id AS partner_id,
                      %(today)s::date - MIN(invoice_date_due) AS value
                 FROM account_move
                WHERE journal_id = ANY(%(journals)s) AND state = 'posted'
                  AND payment_state IN ('not_paid', 'partial') AND move_type = 'out_invoice'
                  AND company_id = %(company)s AND invoice_date_due < %(today)s AND %(scope)s
             GROUP BY commercial_partner_id""",
            today=today, journals=journals.ids, company=company.id,
            scope=self.env["care.purchases"]._query_scope(scope, SQL("commercial_partner_id")),
        )

    def _query_fact_refunds(self, company, scope, today: date) -> SQL:
        return SQL(
            "SELECT partner_id, 100 * credited / NULLIF(invoiced, 0) AS value FROM people")

    def _query_fact_rating(self, company, scope, today: date) -> SQL:
        return SQL(
            "SELECT partner_id, AVG(rating) AS value FROM (%s) said GROUP BY partner_id",
            self.env["care.ratings"]._query_ratings(
                company, scope, today - timedelta(days=RATING_DAYS)))

    def _query_fact_agreement(self, company, scope, today: date) -> SQL:
        """Agreements are few beside customers. Index care_agreement_end_idx."""
        return SQL(
            """SELECT commercial_partner_id AS partner_id, MIN(date_end) - %(today)s::date AS value
                 FROM care_agreement
                WHERE company_id = %(company)s AND state IN ('running', 'to_renew')
                  AND renewal <> 'auto' AND date_end >= %(today)s AND %(scope)s
             GROUP BY commercial_partner_id""",
            today=today, company=company.id,
            scope=self.env["care.purchases"]._query_scope(scope, SQL("commercial_partner_id")),
        )
