from odoo import api, fields, models
from odoo.tools import SQL

from .care_churn_period import KIND_SELECTION


class CareChurnCohort(models.Model):
    """Customers who bought first in one month, and how many of them were active at the end of
    another: one cell of the retention map, printed with its month."""

    _name = "care.churn.cohort"
    _description = "Cohort of customers in a month"
    _log_access = False
    _order = "cohort, month"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(KIND_SELECTION, required=True, readonly=True)
    cohort = fields.Date(
        "First purchase in", required=True, readonly=True, help="The first day of the month.")
    month = fields.Date(required=True, readonly=True)
    arrived = fields.Integer(
        "New", readonly=True, help="Printed for the first time in the month: the cohort's own "
        "month, or a later one of who became known late.")
    active_end = fields.Integer("Active at the end", readonly=True)
    buyers = fields.Integer("Bought", readonly=True, help="Bought in the month.")
    revenue = fields.Monetary(readonly=True, help="Net revenue dated in the month.")

    _cell_uniq = models.UniqueIndex(
        "(company_id, kind, month, cohort)", "This cell was printed already.")

    @api.model
    def _print(self, period, kinds):
        """The cells of a month; cohorts that began before the first printed month are left out."""
        self.env.flush_all()
        self._query_print(period, kinds, period._goes_on())
        self.invalidate_model(flush=False)

    def _query_print(self, period, kinds, goes_on) -> None:
        """Indexes care_customer_month_month_idx; _customer_idx for who has no row before.

        goes_on: whoever was active at the start has the row of the month before.
        """
        self.env.execute_query(SQL(
            """WITH written AS (
                   INSERT INTO care_churn_cohort
                          (company_id, kind, cohort, month, arrived, active_end, buyers, revenue)
                   SELECT k.company_id, t.kind, k.cohort, k.month,
                          COUNT(*) FILTER (WHERE NOT (%(goes_on)s AND k.event IN
                                                      ('retained', 'lost', 'withdrawn'))
                              AND NOT EXISTS (
                                  SELECT FROM care_customer_month e
                                   WHERE e.partner_id = k.partner_id AND e.basis = k.basis
                                     AND e.company_id = k.company_id AND e.month < k.month)),
                          COUNT(*) FILTER (WHERE k.active_end),
                          COUNT(*) FILTER (WHERE k.purchases > 0), SUM(k.revenue)
                     FROM unnest(%(kinds)s) t (kind)
                     JOIN care_customer_month k ON k.company_id = %(company)s
                      AND k.month = %(month)s
                      AND CASE WHEN t.kind = 'both' THEN k.in_both ELSE k.basis = t.kind END
                    WHERE k.cohort >= (SELECT MIN(date_from) FROM care_churn_period
                                        WHERE company_id = %(company)s AND span = 'month'
                                          AND kind = 'purchases')
                 GROUP BY 1, 2, 3, 4
              ON CONFLICT DO NOTHING RETURNING 1
               ) SELECT COUNT(*) FROM written""",
            kinds=list(kinds), company=period.company_id.id, month=period.date_from,
            goes_on=goes_on))
