from odoo import fields, models
from odoo.tools import SQL


class SalesCycleReport(models.Model):
    """One row per won deal: how long it took from the first touch to the first confirmed order.

    Without a confirmed order the cycle ends when the deal was won. The time of sales alone begins
    when somebody accepted the hand-off, else when the lead became an opportunity, else when it was
    created. A date that lies after the end (an import) gives 0 days, not a negative time.
    """

    _name = "sales.cycle.report"
    _inherit = "sales.deal.report.mixin"
    _description = "Sales Cycle"
    _auto = False
    _order = "closed_at desc, id desc"
    _rec_name = "lead_id"
    _depends = {
        "crm.lead": [
            "sales_outcome", "won_at", "type", "user_id", "team_id", "company_id", "source_id",
            "expected_revenue", "create_date", "first_touch_at", "first_touch_origin",
            "date_conversion"],
        "sales.handoff": ["lead_id", "state", "answered_at"],
        "sale.order": ["opportunity_id", "state", "date_order"],
    }
    _percentile_measures = {
        "cycle_median": ("cycle_days", 0.5), "cycle_p90": ("cycle_days", 0.9),
        "sales_median": ("sales_days", 0.5), "sales_p90": ("sales_days", 0.9),
    }

    touched_at = fields.Datetime("First Touch", readonly=True)
    touch_origin = fields.Selection(
        [("visit", "Website visit"), ("click", "Click in a mailing"),
         ("event", "Marketing event"), ("lead", "Creation of the lead")],
        "First Touch By", readonly=True)
    accepted_at = fields.Datetime(
        "Accepted by Sales", readonly=True,
        help="Hand-off accepted, else turned into an opportunity, else created.")
    closed_at = fields.Datetime(
        "Ordered", readonly=True, help="First confirmed order, else the moment it was won.")
    won_at = fields.Datetime("Won On", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary("Won Revenue", readonly=True)
    won_count = fields.Integer("Won Deals (n)", readonly=True)
    cycle_days = fields.Float(
        "Cycle: Mean Days", readonly=True, aggregator="avg", digits=(16, 1),
        help="Calendar days from the first touch to the first confirmed order, else to winning.")
    cycle_median = fields.Float(
        "Cycle: Median Days", readonly=True, aggregator="avg", digits=(16, 1),
        help="Half of the won deals were faster. Says little below 5 deals.")
    cycle_p90 = fields.Float(
        "Cycle: 90% Within Days", readonly=True, aggregator="avg", digits=(16, 1),
        help="Nine of ten won deals were faster. Says little below 10 deals.")
    sales_days = fields.Float(
        "Sales Only: Mean Days", readonly=True, aggregator="avg", digits=(16, 1),
        help="Calendar days from the acceptance by sales to the end of the cycle.")
    sales_median = fields.Float(
        "Sales Only: Median Days", readonly=True, aggregator="avg", digits=(16, 1))
    sales_p90 = fields.Float(
        "Sales Only: 90% Within Days", readonly=True, aggregator="avg", digits=(16, 1))

    @property
    def _table_query(self):
        """Won deals by the index on crm_lead.sales_outcome, a person's by that on user_id."""
        return SQL(
            """
            SELECT x.*, 1 AS won_count, d.cycle_days, d.cycle_days AS cycle_median,
                   d.cycle_days AS cycle_p90, d.sales_days, d.sales_days AS sales_median,
                   d.sales_days AS sales_p90
              FROM (%s) x
             CROSS JOIN LATERAL (SELECT
                   GREATEST(0, EXTRACT(EPOCH FROM x.closed_at - x.touched_at))::numeric / 86400
                        AS cycle_days,
                   GREATEST(0, EXTRACT(EPOCH FROM x.closed_at - x.accepted_at))::numeric / 86400
                        AS sales_days) d
            """, self._query_won())

    def _query_won(self):
        home = self._query_home()
        return SQL(
            """
            SELECT l.id, l.id AS lead_id, l.won_at, l.user_id, l.team_id, %(home)s AS company_id,
                   l.source_id, %(category)s AS categ_id, %(currency)s AS currency_id,
                   l.expected_revenue * %(rate)s AS amount,
                   COALESCE(%(ordered)s, l.won_at) AS closed_at, %(touched)s AS touched_at,
                   CASE WHEN l.first_touch_at <= l.create_date THEN l.first_touch_origin
                        ELSE 'lead' END AS touch_origin,
                   COALESCE((SELECT MIN(h.answered_at) FROM sales_handoff h
                              WHERE h.lead_id = l.id AND h.state = 'accepted'),
                            l.date_conversion, l.create_date) AS accepted_at
              FROM crm_lead l
              LEFT JOIN res_users u ON u.id = l.user_id
             WHERE l.type = 'opportunity' AND l.sales_outcome = 'won'
            """,
            category=self._query_category(), ordered=self._query_first_order(),
            touched=self._query_first_touch(), home=home, rate=self._query_rate(home),
            currency=self._query_currency(home))
