from odoo import fields, models
from odoo.tools import SQL


class SalesOutcomeReport(models.Model):
    """One row per opportunity: how it ended and when, for win rates by close date and by cohort.

    The two rates are averages of 1 (won) and 0 (not won) over the deals that count: rows that do
    not count are empty, so that any grouping of a pivot shows won / (won + lost), and nothing
    where nothing was closed.
    """

    _name = "sales.outcome.report"
    _description = "Win Rate"
    _auto = False
    _order = "closed_at desc, id desc"
    _rec_name = "lead_id"
    _depends = {
        "crm.lead": [
            "sales_outcome", "won_at", "lost_at", "type", "user_id", "team_id", "company_id",
            "source_id", "lost_reason_id", "expected_revenue", "create_date"],
        "sale.order": ["opportunity_id", "state", "date_order"],
    }

    lead_id = fields.Many2one("crm.lead", string="Opportunity", readonly=True)
    outcome = fields.Selection(
        [("open", "Open"), ("won", "Won"), ("lost", "Lost"), ("recycled", "Not Now")],
        readonly=True)
    created_at = fields.Datetime(
        "Created", readonly=True, help="Group by it to follow the deals of one month (cohort).")
    closed_at = fields.Datetime(
        "Closed", readonly=True, help="Group by it for the win rate by close date.")
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    source_id = fields.Many2one("utm.source", readonly=True)
    lost_reason_id = fields.Many2one("crm.lost.reason", readonly=True)
    amount = fields.Float("Expected Revenue", readonly=True)
    won_amount = fields.Float("Won Revenue", readonly=True)
    deal_count = fields.Integer("Opportunities", readonly=True)
    won_count = fields.Integer("Won", readonly=True)
    lost_count = fields.Integer("Lost", readonly=True)
    recycled_count = fields.Integer("Not Now", readonly=True)
    open_count = fields.Integer("Open", readonly=True)
    win_rate = fields.Float(
        "Win Rate", readonly=True, aggregator="avg",
        help="Won / (won + lost). Open deals and \"not now\" do not count.")
    win_rate_broad = fields.Float(
        "Win Rate incl. Not Now", readonly=True, aggregator="avg",
        help="Won / (won + lost + not now). Open deals do not count.")
    closed_share = fields.Float(
        "Closed Share", readonly=True, aggregator="avg",
        help="Share of the deals that are closed. The win rate of a cohort rests on this share.")
    cycle_days = fields.Float(
        "Sales Cycle (Days)", readonly=True, aggregator="avg",
        help="Won deals: from the creation of the lead to its first confirmed order, else to the "
        "moment it was won.")

    @property
    def _table_query(self):
        """The first order is found by sale.order's index on opportunity_id."""
        return SQL(
            """
            SELECT l.id, l.id AS lead_id, l.sales_outcome AS outcome, l.create_date AS created_at,
                   COALESCE(l.won_at, l.lost_at) AS closed_at, l.user_id, l.team_id, l.company_id,
                   l.source_id, l.lost_reason_id, l.expected_revenue AS amount,
                   CASE l.sales_outcome WHEN 'won' THEN l.expected_revenue ELSE 0 END
                        AS won_amount,
                   1 AS deal_count, (l.sales_outcome = 'won')::int AS won_count,
                   (l.sales_outcome = 'lost')::int AS lost_count,
                   (l.sales_outcome = 'recycled')::int AS recycled_count,
                   (l.sales_outcome = 'open')::int AS open_count,
                   CASE l.sales_outcome WHEN 'won' THEN 1.0 WHEN 'lost' THEN 0.0 END AS win_rate,
                   CASE l.sales_outcome WHEN 'won' THEN 1.0 WHEN 'open' THEN NULL ELSE 0.0 END
                        AS win_rate_broad,
                   (l.sales_outcome <> 'open')::int::float AS closed_share,
                   CASE WHEN l.sales_outcome = 'won' THEN GREATEST(0, EXTRACT(EPOCH FROM
                        COALESCE(o.ordered_at, l.won_at) - l.create_date))::numeric / 86400
                   END AS cycle_days
              FROM crm_lead l
              LEFT JOIN LATERAL (
                    SELECT MIN(s.date_order) AS ordered_at
                      FROM sale_order s
                     WHERE s.opportunity_id = l.id AND s.state = 'sale'
                       AND l.sales_outcome = 'won') o ON TRUE
             WHERE l.type = 'opportunity' AND (l.active OR l.sales_outcome <> 'open')
            """)

    def action_open_lead(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "res_model": "crm.lead", "res_id": self.lead_id.id,
            "views": [(False, "form")], "target": "current",
        }
