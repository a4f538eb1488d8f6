from odoo import fields, models
from odoo.tools import SQL


class NurtureFunnel(models.Model):
    """One row: one lifecycle status in one company, with how many leads stand there now, how many
    ever came, how many of those went further on the path, and how long they stayed."""

    _name = "nurture.funnel"
    _description = "Funnel"
    _auto = False
    _order = "sequence, company_id"
    _rec_name = "status_id"
    _depends = {
        "nurture.stay": ["lead_id", "status_id", "entered_at", "left_at"],
        "nurture.status": ["sequence", "off_path"],
        "crm.lead": ["company_id"],
    }

    status_id = fields.Many2one("nurture.status", "Status", readonly=True)
    company_id = fields.Many2one("res.company", "Company", readonly=True)
    sequence = fields.Integer(readonly=True, aggregator=None)
    off_path = fields.Boolean("Beside the path", readonly=True)
    now_count = fields.Integer("Now", readonly=True, help="Leads that stand here now.")
    entered_count = fields.Integer("Entered", readonly=True, help="Leads that ever came here.")
    further_count = fields.Integer(
        "Went further", readonly=True,
        help="Those of them that later came to a status further on the path.",
    )  # fmt: skip
    conversion = fields.Float(
        "Conversion", readonly=True, aggregator="avg", digits=(16, 1),
        help="Percentage of those who entered that went further.",
    )  # fmt: skip
    median_days = fields.Float(
        "Median days", readonly=True, aggregator="avg", digits=(16, 1),
        help="Half of those who have left stayed shorter than that.",
    )  # fmt: skip

    @property
    def _table_query(self):
        # each stay knows how far its lead came afterwards
        return SQL(
            """WITH stays AS (
                   SELECT s.id, s.lead_id, s.status_id, s.entered_at, s.left_at,
                          COALESCE(l.company_id, %s) AS company_id,
                          MAX(CASE WHEN NOT COALESCE(t.off_path, FALSE) THEN t.sequence END) OVER (
                              PARTITION BY s.lead_id ORDER BY s.entered_at, s.id
                              ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS furthest
                     FROM nurture_stay s
                     JOIN nurture_status t ON t.id = s.status_id
                     JOIN crm_lead l ON l.id = s.lead_id),
               counted AS (
                   SELECT MIN(s.id) AS id, t.id AS status_id, s.company_id, t.sequence,
                          COALESCE(t.off_path, FALSE) AS off_path,
                          COUNT(*) FILTER (WHERE s.left_at IS NULL) AS now_count,
                          COUNT(DISTINCT s.lead_id) AS entered_count,
                          COUNT(DISTINCT s.lead_id) FILTER (
                              WHERE s.furthest > t.sequence OR t.off_path AND s.furthest > 0)
                              AS further_count,
                          percentile_cont(0.5) WITHIN GROUP (
                              ORDER BY EXTRACT(EPOCH FROM s.left_at - s.entered_at) / 86400.0)
                              FILTER (WHERE s.left_at IS NOT NULL) AS median_days
                     FROM stays s JOIN nurture_status t ON t.id = s.status_id
                 GROUP BY t.id, s.company_id)
               SELECT *, 100.0 * further_count / entered_count AS conversion FROM counted""",
            self.env["nurture.person"]._home_company_id(),
        )

    def action_open_leads(self):
        """The leads that stand here now."""
        return self.status_id.action_open_leads()
