from odoo import fields, models
from odoo.tools import SQL


class NurtureStayReport(models.Model):
    """One row: one stay of one lead in one status, with what is known of the lead."""

    _name = "nurture.stay.report"
    _description = "Funnel analysis"
    _auto = False
    _order = "entered_at desc, id desc"
    _rec_name = "status_id"
    _depends = {
        "nurture.stay": ["lead_id", "from_id", "status_id", "next_id", "entered_at", "left_at",
                         "rule"],
        "crm.lead": ["company_id", "team_id", "user_id", "source_id", "medium_id", "campaign_id"],
    }  # fmt: skip

    lead_id = fields.Many2one("crm.lead", "Lead", readonly=True)
    status_id = fields.Many2one("nurture.status", "Status", readonly=True)
    from_id = fields.Many2one("nurture.status", "Came from", readonly=True)
    next_id = fields.Many2one("nurture.status", "Went to", readonly=True)
    rule = fields.Selection(
        lambda self: self.env["nurture.stay"]._selection_rule(), "Moved because", readonly=True
    )
    entered_at = fields.Datetime("Entered", readonly=True)
    left_at = fields.Datetime("Left", readonly=True)
    entered = fields.Integer(
        "Came in", readonly=True, help="How often a lead came into the status."
    )
    is_now = fields.Integer("Now", readonly=True, help="Leads that stand there now.")
    days = fields.Float(
        "Days", readonly=True, aggregator="avg", digits=(16, 1),
        help="How long the lead stayed; of those who have left.",
    )  # fmt: skip
    company_id = fields.Many2one("res.company", "Company", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales team", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    source_id = fields.Many2one("utm.source", "Source", readonly=True)
    medium_id = fields.Many2one("utm.medium", "Medium", readonly=True)
    campaign_id = fields.Many2one("utm.campaign", "Campaign", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """SELECT s.id, s.lead_id, s.status_id, s.from_id, s.next_id, s.rule, s.entered_at,
                      s.left_at, 1 AS entered,
                      CASE WHEN s.left_at IS NULL THEN 1 ELSE 0 END AS is_now,
                      EXTRACT(EPOCH FROM s.left_at - s.entered_at)::float8 / 86400.0 AS days,
                      l.company_id, l.team_id, l.user_id, l.source_id, l.medium_id, l.campaign_id
                 FROM nurture_stay s JOIN crm_lead l ON l.id = s.lead_id"""
        )
