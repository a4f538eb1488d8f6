from odoo import fields, models
from odoo.tools import SQL

from .sales_outcome_report import OUTCOMES


class SalesFunnelReport(models.Model):
    """One row per opportunity and stage that it reached: this stage, or a later one.

    A deal that went from the first stage straight to the offer has reached what lies between, too;
    the row says "skipped" and has no time, instead of 0 days. How far a deal came is read from the
    stage history, without resets by the system and without the stays of merged leads. A stage of
    one team counts for that team's deals (and for those that were in it). A won deal ends in the
    won stage in which it is.
    """

    _name = "sales.funnel.report"
    _inherit = "sales.deal.report.mixin"
    _description = "Sales Funnel"
    _auto = False
    _order = "created_at desc, id desc"
    _rec_name = "lead_id"
    _depends = {
        "crm.lead": [
            "sales_outcome", "type", "user_id", "team_id", "company_id", "source_id",
            "expected_revenue", "create_date", "lost_reason_id", "stage_id", "active"],
        "crm.lost.reason": ["is_derail"],
        "crm.stage": ["sequence", "is_won", "team_ids"],
        "sales.stage.history": [
            "lead_id", "stage_id", "entered_at", "left_at", "seconds", "is_system", "is_merged"],
    }
    _percentile_measures = {"days_median": ("days", 0.5), "days_p90": ("days", 0.9)}

    stage_id = fields.Many2one("crm.stage", readonly=True)
    created_at = fields.Datetime("Created", readonly=True)
    closed_at = fields.Datetime("Closed", readonly=True)
    outcome = fields.Selection(OUTCOMES, readonly=True)
    lost_reason_id = fields.Many2one("crm.lost.reason", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary("Expected Revenue", readonly=True)
    reached = fields.Integer(
        "Reached", readonly=True, help="Deals that came to this stage or to a later one.")
    skipped = fields.Integer(
        "Skipped", readonly=True, help="Deals that passed this stage by.")
    is_furthest = fields.Boolean(
        "Came No Further", readonly=True, help="This is the last stage that the deal reached.")
    dropped = fields.Integer(
        "Dropped Out", readonly=True, help="Deals that were closed without a win after this stage.")
    waiting = fields.Integer(
        "Still Here", readonly=True, help="Open deals that came no further so far.")
    went_on = fields.Float(
        "Went On", readonly=True, aggregator="avg",
        help="Of the deals that left this stage for good: the share that reached a later one. "
        "Open deals that are still here do not count.")
    days = fields.Float(
        "Mean Days", readonly=True, aggregator="avg", digits=(16, 1),
        help="Calendar days in this stage, all stays together; until now while the deal is in it.")
    days_median = fields.Float("Median Days", readonly=True, aggregator="avg", digits=(16, 1))
    days_p90 = fields.Float("90% Within Days", readonly=True, aggregator="avg", digits=(16, 1))

    @property
    def _table_query(self):
        """Stays by the history's index on lead_id, once per deal."""
        return SQL(
            """
            SELECT f.id::bigint * 100000 + s.id AS id, f.lead_id, s.id AS stage_id,
                   f.created_at, f.closed_at, f.outcome, f.lost_reason_id, f.user_id, f.team_id,
                   f.company_id, f.source_id, f.categ_id, f.currency_id, f.amount,
                   1 AS reached, s.id = f.furthest_id AS is_furthest,
                   (s.is_won IS NOT TRUE AND NOT s.id = ANY(f.stage_ids))::int AS skipped,
                   (s.id = f.furthest_id AND f.outcome NOT IN ('open', 'won'))::int AS dropped,
                   (s.id = f.furthest_id AND f.outcome = 'open')::int AS waiting,
                   CASE WHEN s.is_won THEN NULL
                        WHEN s.id <> f.furthest_id THEN 1.0
                        WHEN f.outcome <> 'open' THEN 0.0 END AS went_on,
                   d.days, d.days AS days_median, d.days AS days_p90
              FROM (%(deals)s) f
              JOIN crm_stage s
                ON (s.id = f.furthest_id OR s.is_won IS NOT TRUE)
               AND (s.sequence, s.id) <= (f.furthest_sequence, f.furthest_id)
               AND (s.id = ANY(f.stage_ids) OR NOT EXISTS (
                        SELECT 1 FROM crm_stage_crm_team_rel t WHERE t.crm_stage_id = s.id)
                    OR EXISTS (SELECT 1 FROM crm_stage_crm_team_rel t
                                WHERE t.crm_stage_id = s.id AND t.crm_team_id = f.team_id))
              LEFT JOIN LATERAL (
                    SELECT SUM(stay.seconds) / 86400 AS days
                      FROM UNNEST(f.stage_ids, f.stage_seconds) AS stay(stage_id, seconds)
                     WHERE stay.stage_id = s.id AND s.is_won IS NOT TRUE) d ON TRUE
            """, deals=self._query_deals())

    def _query_deals(self):
        home = self._query_home()
        return SQL(
            """
            SELECT l.id, l.id AS lead_id, l.create_date AS created_at,
                   COALESCE(l.won_at, l.lost_at) AS closed_at,
                   %(outcome)s AS outcome,
                   l.lost_reason_id, l.user_id, l.team_id, %(home)s AS company_id, l.source_id,
                   %(category)s AS categ_id, %(currency)s AS currency_id,
                   l.expected_revenue * %(rate)s AS amount,
                   h.stage_ids, h.stage_seconds,
                   CASE l.sales_outcome WHEN 'won' THEN l.stage_id ELSE h.furthest_id END
                        AS furthest_id,
                   CASE l.sales_outcome WHEN 'won' THEN here.sequence ELSE h.furthest_sequence END
                        AS furthest_sequence
              FROM crm_lead l
              JOIN crm_stage here ON here.id = l.stage_id
              LEFT JOIN crm_lost_reason r ON r.id = l.lost_reason_id
              LEFT JOIN res_users u ON u.id = l.user_id
             CROSS JOIN LATERAL (%(stays)s) h
             WHERE l.type = 'opportunity' AND (l.active OR l.sales_outcome <> 'open')
               AND (h.furthest_id IS NOT NULL OR l.sales_outcome = 'won')
            """,
            outcome=self._query_outcome(), category=self._query_category(),
            home=home, rate=self._query_rate(home), stays=self._query_stays(),
            currency=self._query_currency(home))

    def _query_stays(self):
        """The own stays of lead l, and the furthest open stage among them."""
        return SQL(
            """
            SELECT COALESCE(ARRAY_AGG(h.stage_id), '{}') AS stage_ids,
                   ARRAY_AGG(COALESCE(h.seconds, EXTRACT(EPOCH FROM COALESCE(
                        h.left_at, now() AT TIME ZONE 'UTC') - h.entered_at))) AS stage_seconds,
                   (ARRAY_AGG(s.id ORDER BY s.sequence DESC, s.id DESC)
                        FILTER (WHERE s.is_won IS NOT TRUE))[1] AS furthest_id,
                   (ARRAY_AGG(s.sequence ORDER BY s.sequence DESC, s.id DESC)
                        FILTER (WHERE s.is_won IS NOT TRUE))[1] AS furthest_sequence
              FROM sales_stage_history h
              JOIN crm_stage s ON s.id = h.stage_id
             WHERE h.lead_id = l.id AND h.is_merged IS NOT TRUE AND h.is_system IS NOT TRUE
            """)
