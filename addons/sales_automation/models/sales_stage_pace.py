from odoo import api, fields, models
from odoo.tools import SQL

# Fewer stays than these say nothing about the pace of a stage.
ENOUGH_STAYS = 8
LOOK_BACK_DAYS = 730


class SalesStagePace(models.Model):
    """One row per stage and company: how long won deals stayed there.

    The third quartile (p75) of the stays of deals won in the last 24 months: three of four won
    deals left the stage within it. Moves by the system, merged stays and stays under a minute
    (passed through) do not count. Written anew every night by `_measure`.
    """

    _name = "sales.stage.pace"
    _description = "Pace of a Stage"
    _order = "stage_id, company_id"
    _rec_name = "stage_id"
    _log_access = False

    stage_id = fields.Many2one(
        "crm.stage", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    stay_count = fields.Integer("Stays of Won Deals", readonly=True)
    p75_days = fields.Float(
        "Three of Four Within (Days)", readonly=True, digits=(16, 1),
        help="Days within which three of four won deals left the stage.")
    median_days = fields.Float("Half Within (Days)", readonly=True, digits=(16, 1))
    measured_at = fields.Datetime("Measured", readonly=True)

    _stage_company_uniq = models.UniqueIndex("(stage_id, COALESCE(company_id, 0))")

    @api.model
    def _cron_measure(self):
        self._measure(fields.Datetime.now())

    @api.model
    def _measure(self, now):
        self.env.flush_all()
        self.env.execute_query(self._query_forget())
        self.env.execute_query(self._query_measure(now))
        self.invalidate_model(flush=False)

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_forget(self):
        return SQL("DELETE FROM sales_stage_pace RETURNING id")

    @api.model
    def _query_measure(self, now):
        """Won deals of the last two years are reached by the index on crm_lead.won_at."""
        return SQL(
            """
            INSERT INTO sales_stage_pace (
                stage_id, company_id, stay_count, p75_days, median_days, measured_at)
            SELECT h.stage_id, l.company_id, COUNT(*),
                   PERCENTILE_CONT(0.75) WITHIN GROUP (ORDER BY h.seconds) / 86400,
                   PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY h.seconds) / 86400, %(now)s
              FROM crm_lead l
              JOIN sales_stage_history h ON h.lead_id = l.id
             WHERE l.won_at >= %(since)s AND l.sales_outcome = 'won'
               AND h.seconds >= 60 AND h.is_system IS NOT TRUE AND h.is_merged IS NOT TRUE
               AND h.stage_id IS NOT NULL
             GROUP BY h.stage_id, l.company_id
         RETURNING id
            """,
            now=now, since=fields.Datetime.subtract(now, days=LOOK_BACK_DAYS))
