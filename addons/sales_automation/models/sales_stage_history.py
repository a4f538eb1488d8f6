from odoo import api, fields, models
from odoo.addons.sales_automation.engine import clock
from odoo.tools import SQL

from .crm_stage_forecast import CATEGORIES

# Lead columns that a row of the history copies; they are flushed before the copy is made. With
# them what core computes anew from the probability: so that a move is one UPDATE of the deal.
FLUSHED_FIELDS = [
    "stage_id", "sales_outcome", "type", "user_id", "team_id", "company_id",
    "expected_revenue", "probability", "date_deadline", "active", "forecast_category_manual",
    "won_at", "lost_at",
    "prorated_revenue", "recurring_revenue_prorated", "recurring_revenue_monthly_prorated",
]


class SalesStageHistory(models.Model):
    """One row per stay of an opportunity in a stage.

    The stay begins when the deal enters the stage (or is reopened in it) and ends when it leaves
    the stage, is won, lost or put to "not now". A stage that was skipped has no row. Arriving in
    a won stage is a moment, not a stay: its row begins and ends at once and has no duration.
    Amount, probability and close date are as they stood at the beginning; salesperson, team and
    company follow the deal as long as the stay lasts and then keep what they were.
    Written only by `_follow`, `_merge_into` and `_backfill`.
    """

    _name = "sales.stage.history"
    _description = "Stage History"
    _order = "entered_at desc, id desc"
    _rec_name = "stage_id"
    _log_access = False

    lead_id = fields.Many2one(
        "crm.lead", string="Opportunity", required=True, readonly=True, ondelete="cascade",
        index=True)
    stage_id = fields.Many2one("crm.stage", readonly=True, ondelete="set null", index=True)
    entered_at = fields.Datetime("Entered", required=True, readonly=True)
    left_at = fields.Datetime(
        "Left", readonly=True, help="Empty while the deal is still in this stage.")
    seconds = fields.Integer(
        readonly=True, help="Calendar seconds from entering to leaving. Empty while the stay "
        "lasts, and for the moment of arriving in a won stage.")
    duration = fields.Char(compute="_compute_duration", help="Calendar time spent in this stage.")
    direction = fields.Selection(
        [("first", "First"), ("forward", "Forward"), ("back", "Back"), ("reopen", "Reopened")],
        readonly=True, help="How the deal came here, by the order of the stages.")
    skipped = fields.Integer(
        "Stages Skipped", readonly=True,
        help="Stages of the deal's team that lie between the one it left and the one it entered, "
        "when it moved forward. They have no row of their own.")
    is_system = fields.Boolean(
        "Moved by the System", readonly=True,
        help="The stage was reset because the deal changed team; nobody moved it.")
    is_merged = fields.Boolean(
        "From a Merged Lead", readonly=True,
        help="The stay belonged to a lead that was merged into this one. It ran beside the deal's "
        "own stays: leave it out when adding up time.")
    outcome = fields.Selection(
        [("won", "Won"), ("lost", "Lost"), ("recycled", "Not Now")], "Ended As", readonly=True,
        help="Filled on the stay in which the deal was closed.")
    origin = fields.Selection(
        [("live", "Recorded"), ("backfill", "Rebuilt from the Chatter")], readonly=True,
        help="Rows rebuilt at installation know stages and dates; the amount and the "
        "salesperson of that time are not known.")
    user_id = fields.Many2one(
        "res.users", "Salesperson", readonly=True, index="btree_not_null")
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    amount = fields.Monetary(
        "Expected Revenue", readonly=True, help="As it stood when the stay began.")
    probability = fields.Float(
        readonly=True, aggregator="avg", help="As it stood when the stay began.")
    date_deadline = fields.Date(
        "Expected Closing", readonly=True, help="As it stood when the stay began.")
    forecast_category = fields.Selection(
        CATEGORIES, readonly=True, help="What the deal counted as when the stay began.")

    # The clock of a deal runs in one stage only; also the way to the open stay of a lead.
    _open_uniq = models.UniqueIndex(
        "(lead_id) WHERE left_at IS NULL", "A deal can be in one stage at a time only.")
    _stage_entered_idx = models.Index("(stage_id, entered_at)")

    @api.depends("entered_at", "left_at", "seconds")
    def _compute_duration(self):
        now = fields.Datetime.now()
        for stay in self:
            if stay.left_at and not stay.seconds:
                stay.duration = False
                continue
            seconds = stay.seconds if stay.left_at else (now - stay.entered_at).total_seconds()
            stay.duration = self._spell_duration(seconds)

    @api.depends("company_id")
    def _compute_currency_id(self):
        for stay in self:
            stay.currency_id = (stay.company_id or self.env.company).currency_id

    # ---- following the deal -------------------------------------------------------------------

    def _follow(self, leads, moved, now, *, is_system=False):
        """Bring the history in line with the leads; two statements whatever their number.

        :param leads: opportunities of which a copied fact changed
        :param moved: those of them whose stage or outcome changed
        :param now: the moment of the change
        :param is_system: the stage was changed by a rule, not by a person
        """
        leads.flush_recordset(FLUSHED_FIELDS)
        self.env.execute_query(self._query_leave(leads.ids, now))
        if moved:
            self._enter(moved, now, is_system=is_system)
        self._forget(leads)

    def _enter(self, leads, now, *, is_system=False):
        leads.flush_recordset(FLUSHED_FIELDS)
        self.env.execute_query(self._query_enter(leads.ids, now, is_system))
        self._forget(leads)

    def _relabel(self, leads):
        """A lost deal got another reason: the stay in which it was lost says so too."""
        leads.flush_recordset(["sales_outcome"])
        self.env.execute_query(self._query_relabel(leads.ids))
        self._forget(leads)

    def _merge_into(self, target, sources, now):
        """Carry the stays of leads that are about to be merged away; their clocks stop."""
        self.env.execute_query(self._query_merge(target.id, sources.ids, now))
        self._forget(target | sources)

    def _forget(self, leads):
        """Drop what the cache knows of rows that were written by SQL."""
        self.invalidate_model(flush=False)
        leads.invalidate_recordset(["stage_history_ids"], flush=False)

    @api.model
    def _spell_duration(self, seconds):
        """Return the duration in words, e.g. "3 d 4 h"."""
        forms = {
            "day": self.env._("%s d"), "hour": self.env._("%s h"), "minute": self.env._("%s min"),
        }
        parts = [forms[unit] % count for unit, count in clock.leading_parts(seconds)]
        return " ".join(parts) or self.env._("under a minute")

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_leave(self, lead_ids, now):
        """End open stays whose lead has moved on; on the others follow the salesperson.

        Reaches the open stay by the unique index sales_stage_history_open_uniq.
        """
        return SQL(
            """
            UPDATE sales_stage_history h
               SET left_at = CASE WHEN x.ended THEN %(now)s::timestamp END,
                   seconds = CASE WHEN x.ended
                        THEN GREATEST(0, EXTRACT(EPOCH FROM %(now)s::timestamp - h.entered_at))
                   END,
                   outcome = CASE WHEN x.ended AND x.same_stage AND x.sales_outcome <> 'open'
                        THEN x.sales_outcome END,
                   user_id = CASE WHEN x.ended THEN h.user_id ELSE x.user_id END,
                   team_id = CASE WHEN x.ended THEN h.team_id ELSE x.team_id END,
                   company_id = x.company_id
              FROM (SELECT o.id AS stay_id, l.sales_outcome, l.user_id, l.team_id, l.company_id,
                           l.stage_id IS NOT DISTINCT FROM o.stage_id AS same_stage,
                           l.stage_id IS DISTINCT FROM o.stage_id
                                OR l.sales_outcome <> 'open' AS ended
                      FROM crm_lead l
                      JOIN sales_stage_history o ON o.lead_id = l.id AND o.left_at IS NULL
                     WHERE l.id = ANY(%(ids)s)) x
             WHERE h.id = x.stay_id
               AND (x.ended OR (h.user_id, h.team_id, h.company_id)
                    IS DISTINCT FROM (x.user_id, x.team_id, x.company_id))
         RETURNING h.id
            """,
            ids=list(lead_ids), now=now,
        )

    @api.model
    def _query_enter(self, lead_ids, now, is_system):
        """Begin a stay for opportunities whose last row does not tell their present state.

        An open deal without an open stay gets one. A closed deal gets a row that begins and ends
        at once, unless its last own stay already ended that way.
        The last own stay is found by the index on lead_id (a deal has a handful of rows).
        """
        return SQL(
            """
            INSERT INTO sales_stage_history (
                lead_id, stage_id, entered_at, left_at, outcome, direction, skipped, is_system,
                is_merged, origin, user_id, team_id, company_id, amount, probability,
                date_deadline, forecast_category)
            SELECT l.id, l.stage_id, came.at,
                   CASE WHEN l.sales_outcome <> 'open' THEN came.at END,
                   NULLIF(l.sales_outcome, 'open'),
                   CASE WHEN last.id IS NULL THEN 'first'
                        WHEN last.outcome <> l.sales_outcome THEN 'reopen'
                        WHEN (s.sequence, s.id) > (last.sequence, last.stage_id) THEN 'forward'
                        ELSE 'back' END,
                   CASE WHEN last.outcome IS NULL THEN %(skipped)s END,
                   %(system)s AND last.id IS NOT NULL, FALSE, 'live', l.user_id, l.team_id,
                   l.company_id, l.expected_revenue, l.probability, l.date_deadline,
                   %(category)s
              FROM crm_lead l
              LEFT JOIN crm_stage s ON s.id = l.stage_id
              LEFT JOIN LATERAL (
                    SELECT h.id, h.left_at, h.outcome, h.stage_id, hs.sequence
                      FROM sales_stage_history h
                      LEFT JOIN crm_stage hs ON hs.id = h.stage_id
                     WHERE h.lead_id = l.id AND h.is_merged IS NOT TRUE
                     ORDER BY h.left_at IS NULL DESC, h.entered_at DESC, h.id DESC
                     LIMIT 1) last ON TRUE
             CROSS JOIN LATERAL (
                    -- a deal that is imported closed brings its own date
                    SELECT CASE WHEN last.id IS NULL
                           THEN LEAST(%(now)s::timestamp, l.won_at, l.lost_at)
                           ELSE %(now)s::timestamp END AS at) came
             WHERE l.id = ANY(%(ids)s)
               AND l.type = 'opportunity'
               AND (last.id IS NULL OR last.left_at IS NOT NULL)
               AND CASE l.sales_outcome
                        WHEN 'open' THEN TRUE
                        WHEN 'won' THEN (last.outcome, last.stage_id)
                            IS DISTINCT FROM ('won', l.stage_id)
                        ELSE COALESCE(last.outcome, '') NOT IN ('lost', 'recycled') END
         RETURNING id
            """,
            ids=list(lead_ids), now=now, system=is_system, skipped=self._query_skipped("last", "s"),
            category=self.env["crm.lead"]._query_forecast_category("l", "s"),
        )

    @api.model
    def _query_skipped(self, left, entered):
        """How many stages of the team of lead l lie between two stages; NULL going back.

        :param left: alias with `sequence` and `stage_id`
        :param entered: alias of a row of crm_stage
        """
        teams = self.env["crm.stage"]._fields["team_ids"]
        return SQL(
            """
            (SELECT NULLIF(COUNT(*), 0)
               FROM crm_stage m
              WHERE NOT COALESCE(m.is_won, FALSE)
                AND (m.sequence, m.id) > (%(left)s.sequence, %(left)s.stage_id)
                AND (m.sequence, m.id) < (%(entered)s.sequence, %(entered)s.id)
                AND (NOT EXISTS (SELECT 1 FROM %(rel)s t WHERE t.%(stage)s = m.id)
                     OR EXISTS (SELECT 1 FROM %(rel)s t
                                 WHERE t.%(stage)s = m.id AND t.%(team)s = l.team_id)))
            """,
            left=SQL.identifier(left), entered=SQL.identifier(entered),
            rel=SQL.identifier(teams.relation), stage=SQL.identifier(teams.column1),
            team=SQL.identifier(teams.column2))

    @api.model
    def _query_relabel(self, lead_ids):
        return SQL(
            """
            UPDATE sales_stage_history h
               SET outcome = l.sales_outcome
              FROM crm_lead l
             WHERE l.id = ANY(%(ids)s)
               AND l.sales_outcome IN ('lost', 'recycled')
               AND h.id = ANY(ARRAY(
                    SELECT DISTINCT ON (lead_id) id
                      FROM sales_stage_history
                     WHERE lead_id = ANY(%(ids)s) AND outcome IN ('lost', 'recycled')
                       AND is_merged IS NOT TRUE
                     ORDER BY lead_id, left_at DESC, id DESC))
               AND h.lead_id = l.id
         RETURNING h.id
            """,
            ids=list(lead_ids),
        )

    @api.model
    def _query_merge(self, target_id, source_ids, now):
        return SQL(
            """
            UPDATE sales_stage_history
               SET lead_id = %(target)s, is_merged = TRUE,
                   seconds = CASE WHEN left_at IS NULL THEN GREATEST(
                        0, EXTRACT(EPOCH FROM %(now)s::timestamp - entered_at)) ELSE seconds END,
                   left_at = COALESCE(left_at, %(now)s::timestamp)
             WHERE lead_id = ANY(%(sources)s)
         RETURNING id
            """,
            target=target_id, sources=list(source_ids), now=now,
        )
