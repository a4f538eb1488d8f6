from odoo import fields, models
from odoo.tools import SQL


class SalesStageReport(models.Model):
    """One row per stay of a deal in a stage, with the days it has lasted so far.

    Unlike the history it knows the duration of stays that still last, and leaves out the moment
    of arriving in a won stage, which has none.
    """

    _name = "sales.stage.report"
    _inherit = "sales.report.mixin"
    _description = "Stage Times"
    _auto = False
    _order = "entered_at desc, id desc"
    _rec_name = "lead_id"
    _depends = {
        "sales.stage.history": [
            "lead_id", "stage_id", "entered_at", "left_at", "seconds", "outcome", "direction",
            "is_system", "is_merged", "user_id", "team_id", "company_id", "amount"],
    }
    _percentile_measures = {"days_median": ("days", 0.5), "days_p90": ("days", 0.9)}

    lead_id = fields.Many2one("crm.lead", string="Opportunity", readonly=True)
    stage_id = fields.Many2one("crm.stage", readonly=True)
    entered_at = fields.Datetime("Entered", readonly=True)
    left_at = fields.Datetime("Left", readonly=True)
    days = fields.Float(
        "Days in Stage", readonly=True, aggregator="avg", digits=(16, 2),
        help="Calendar days in the stage; for a stay that still lasts, until now.")
    days_median = fields.Float(
        "Median Days", readonly=True, aggregator="avg", digits=(16, 2),
        help="Half of the stays were shorter. Says little below 5 stays.")
    days_p90 = fields.Float(
        "90% Within Days", readonly=True, aggregator="avg", digits=(16, 2),
        help="Nine of ten stays were shorter. Says little below 10 stays.")
    stay_count = fields.Integer("Stays", readonly=True)
    is_current = fields.Boolean("Still There", readonly=True)
    is_brief = fields.Boolean(
        "Under a Minute", readonly=True, help="Passed through rather than worked on.")
    is_system = fields.Boolean("Moved by the System", readonly=True)
    is_merged = fields.Boolean("From a Merged Lead", readonly=True)
    direction = fields.Selection(
        [("first", "First"), ("forward", "Forward"), ("back", "Back"), ("reopen", "Reopened")],
        readonly=True)
    outcome = fields.Selection(
        [("won", "Won"), ("lost", "Lost"), ("recycled", "Not Now")], "Ended As", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(
        "Expected Revenue", readonly=True,
        help="As it stood when the stay began. Amounts of companies with another currency are "
        "converted at today's rate.")

    @property
    def _table_query(self):
        home = self._query_home("h")
        return SQL(
            """
            SELECT h.id, h.lead_id, h.stage_id, h.entered_at, h.left_at, h.direction, h.outcome,
                   h.is_system, h.is_merged, h.user_id, h.team_id, %(home)s AS company_id,
                   %(currency)s AS currency_id, h.amount * %(rate)s AS amount,
                   1 AS stay_count, h.left_at IS NULL AS is_current,
                   h.left_at IS NOT NULL AND h.seconds < 60 AS is_brief,
                   d.days, d.days AS days_median, d.days AS days_p90
              FROM sales_stage_history h
              LEFT JOIN res_users u ON u.id = h.user_id
             CROSS JOIN LATERAL (SELECT COALESCE(h.seconds, EXTRACT(
                    EPOCH FROM (now() AT TIME ZONE 'UTC') - h.entered_at))::numeric / 86400
                        AS days) d
             WHERE h.seconds IS NOT NULL OR h.left_at IS NULL
            """,
            home=home, rate=self._query_rate(home), currency=self._query_currency(home))
