from odoo import fields, models
from odoo.tools import SQL

OUTCOMES = [
    ("open", "Open"), ("won", "Won"), ("lost", "Lost"), ("recycled", "Not Now"),
    ("derail", "No Real Deal")]


class SalesOutcomeReport(models.Model):
    """One row per opportunity: how it ended and when, for win rates by close date and by cohort.

    The rates are averages of 1 (won) and 0 (not won) over the deals that count: rows that do not
    count are empty, so that any grouping of a pivot shows won / (won + lost), and nothing where
    nothing was closed. A deal is one row, however often it was reopened: it counts by its final
    state, in the month of that state.

    No row: leads that never became an opportunity, opportunities that were archived without being
    won or lost (paused, not closed), and leads that were merged into another (they are gone).

    The case of the tests, worked out by hand. January: 100 opportunities are created. In February
    3 are won (1,000 each) and 7 lost, 2 of these as spam; 90 stay open. In March 2 of the open
    ones are put to "not now", and 1 of the lost ones is reopened and won for 4,000.

        closed in     won  lost  spam  not now  narrow        all closed     by value
        February       3     4     2      -     3/7  = 42.9%  3/9  = 33.3%   3,000/7,000 = 42.9%
        March          1     -     -      2     1/1  = 100%   1/3  = 33.3%   4,000/4,000 = 100%
        cohort Jan     4     4     2      2     4/8  = 50%    4/12 = 33.3%   7,000/11,000 = 63.6%

    Cohort: of the 100 created, 4 are won so far: 4/96 = 4.2 % of those that were real deals,
    4/100 = 4 % of all. 88 are open, so 12 % of it is closed. The reopened deal has left February (8
    were decided there before: 3 won and 5 lost) and counts once, in March.
    """

    _name = "sales.outcome.report"
    _inherit = "sales.deal.report.mixin"
    _description = "Win Rate"
    _auto = False
    _order = "closed_at desc, id desc"
    _rec_name = "lead_id"
    _depends = {
        "crm.lead": [
            "sales_outcome", "won_at", "lost_at", "type", "user_id", "team_id", "company_id",
            "source_id", "lost_reason_id", "expected_revenue", "create_date", "first_touch_at",
            "stage_id", "lost_competitor_id"],
        "crm.lost.reason": ["is_derail"],
        "sale.order": ["opportunity_id", "state", "date_order"],
    }
    _ratio_measures = {"win_rate_value": ("won_amount", "decided_amount")}
    _money_ratios = frozenset({"win_rate_value"})

    outcome = fields.Selection(
        OUTCOMES, readonly=True, help="\"No real deal\": lost with a reason that says so (spam, "
        "duplicate).")
    created_at = fields.Datetime(
        "Created", readonly=True, help="Group by it to follow the deals of one month (cohort).")
    closed_at = fields.Datetime(
        "Closed", readonly=True, help="Group by it for the win rate by close date.")
    stage_id = fields.Many2one(
        "crm.stage", "Stage", readonly=True, help="For lost deals: the stage they were lost in.")
    lost_reason_id = fields.Many2one("crm.lost.reason", readonly=True)
    lost_competitor_id = fields.Many2one("sales.competitor", "Lost To", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(
        "Expected Revenue", readonly=True,
        help="Amounts of companies with another currency are converted at today's rate.")
    won_amount = fields.Monetary("Won Revenue", readonly=True)
    decided_amount = fields.Monetary(
        "Won and Lost Revenue", readonly=True,
        help="Expected revenue of the deals that the win rate is about.")
    deal_count = fields.Integer("Opportunities", readonly=True)
    won_count = fields.Integer("Won", readonly=True)
    lost_count = fields.Integer("Lost", readonly=True)
    recycled_count = fields.Integer("Not Now", readonly=True)
    derail_count = fields.Integer("No Real Deal", readonly=True)
    open_count = fields.Integer("Open", readonly=True)
    win_rate = fields.Float(
        "Win Rate", readonly=True, aggregator="avg",
        help="Won / (won + lost). Open deals, \"not now\" and what was no real deal (spam, "
        "duplicate) do not count.")
    win_rate_broad = fields.Float(
        "Win Rate, All Closed", readonly=True, aggregator="avg",
        help="Won / everything that was closed, \"not now\", spam and duplicates included.")
    win_rate_value = fields.Float(
        "Win Rate by Value", readonly=True, aggregator="avg",
        help="Revenue won / (revenue won + expected revenue lost). Above the win rate: bigger "
        "deals are won more often.")
    cohort_rate = fields.Float(
        "Won of Created", readonly=True, aggregator="avg",
        help="Won / created, open deals included; without \"not now\" and what was no real deal. "
        "It grows as the cohort closes: read it with the closed share.")
    cohort_rate_broad = fields.Float(
        "Won of All Created", readonly=True, aggregator="avg",
        help="Won / created, \"not now\", spam and duplicates included.")
    closed_share = fields.Float(
        "Closed Share", readonly=True, aggregator="avg",
        help="Share of the deals that are closed. The win rate of a cohort rests on this share.")
    cycle_days = fields.Float(
        "Cycle (Days)", readonly=True, aggregator="avg", digits=(16, 1),
        help="Won deals: from the first touch to the first confirmed order, else to the moment "
        "it was won.")

    @property
    def _table_query(self):
        """A person's or a team's rows are reached by core's indexes on crm_lead."""
        return SQL(
            """
            SELECT x.*,
                   CASE x.outcome WHEN 'won' THEN x.amount ELSE 0 END AS won_amount,
                   CASE WHEN x.outcome IN ('won', 'lost') THEN x.amount ELSE 0 END
                        AS decided_amount,
                   1 AS deal_count, (x.outcome = 'won')::int AS won_count,
                   (x.outcome = 'lost')::int AS lost_count,
                   (x.outcome = 'recycled')::int AS recycled_count,
                   (x.outcome = 'derail')::int AS derail_count,
                   (x.outcome = 'open')::int AS open_count,
                   CASE x.outcome WHEN 'won' THEN 1.0 WHEN 'lost' THEN 0.0 END AS win_rate,
                   CASE x.outcome WHEN 'won' THEN 1.0 ELSE 0.0 END AS win_rate_value,
                   CASE x.outcome WHEN 'won' THEN 1.0 WHEN 'open' THEN NULL ELSE 0.0 END
                        AS win_rate_broad,
                   CASE WHEN x.outcome = 'won' THEN 1.0
                        WHEN x.outcome IN ('open', 'lost') THEN 0.0 END AS cohort_rate,
                   (x.outcome = 'won')::int::float AS cohort_rate_broad,
                   (x.outcome <> 'open')::int::float AS closed_share
              FROM (%s) x
            """, self._query_deals())

    def _query_deals(self):
        home = self._query_home()
        return SQL(
            """
            SELECT l.id, l.id AS lead_id, l.create_date AS created_at,
                   %(outcome)s AS outcome,
                   COALESCE(l.won_at, l.lost_at) AS closed_at, l.user_id, l.team_id,
                   %(home)s AS company_id, l.source_id, l.stage_id, l.lost_reason_id,
                   l.lost_competitor_id,
                   %(category)s AS categ_id, %(currency)s AS currency_id,
                   l.expected_revenue * %(rate)s AS amount,
                   CASE WHEN l.sales_outcome = 'won' THEN GREATEST(0, EXTRACT(EPOCH FROM
                        COALESCE(%(ordered)s, l.won_at) - %(touched)s))::numeric / 86400
                   END AS cycle_days
              FROM crm_lead l
              LEFT JOIN crm_lost_reason r ON r.id = l.lost_reason_id
              LEFT JOIN res_users u ON u.id = l.user_id
             WHERE l.type = 'opportunity' AND (l.active OR l.sales_outcome <> 'open')
            """,
            outcome=self._query_outcome(), category=self._query_category(),
            ordered=self._query_first_order(), touched=self._query_first_touch(),
            home=home, rate=self._query_rate(home),
            currency=self._query_currency(home))
