from odoo import fields, models
from odoo.tools import SQL


class SalesStoryReport(models.Model):
    """One row per story and deal for which it was opened: how the deal ended."""

    _name = "sales.story.report"
    _description = "Use of Win Stories"
    _auto = False
    _order = "last_used_on desc, id desc"
    _rec_name = "story_id"
    _depends = {
        "sales.story.use": ["story_id", "lead_id", "user_id", "used_on", "company_id"],
        "crm.lead": ["sales_outcome", "expected_revenue", "team_id", "user_id"],
    }

    story_id = fields.Many2one("sales.story", readonly=True)
    lead_id = fields.Many2one("crm.lead", "Opportunity", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    last_used_on = fields.Date("Last Opened", readonly=True)
    use_count = fields.Integer("Opened", readonly=True)
    deal_count = fields.Integer("Deals", readonly=True)
    outcome = fields.Selection(
        [("open", "Open"), ("won", "Won"), ("lost", "Lost"), ("recycled", "Not Now")],
        readonly=True)
    won_count = fields.Integer("Won", readonly=True)
    win_rate = fields.Float(
        "Win Rate", readonly=True, aggregator="avg",
        help="Won / (won + lost) of the deals for which the story was opened. Open deals and "
        "\"not now\" do not count.")

    @property
    def _table_query(self):
        """Reached by the index on sales_story_use.lead_id."""
        return SQL(
            """
            SELECT MIN(u.id) AS id, u.story_id, u.lead_id, l.user_id, l.team_id,
                   u.company_id, MAX(u.used_on) AS last_used_on, COUNT(*) AS use_count,
                   1 AS deal_count, l.sales_outcome AS outcome,
                   (l.sales_outcome = 'won')::int AS won_count,
                   CASE l.sales_outcome WHEN 'won' THEN 1.0 WHEN 'lost' THEN 0.0 END AS win_rate
              FROM sales_story_use u
              JOIN crm_lead l ON l.id = u.lead_id
             GROUP BY u.story_id, u.lead_id, u.company_id, l.id
            """)
