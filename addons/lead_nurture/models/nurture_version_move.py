import logging

from odoo import api, fields, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

BATCH = 1_000
CONFLICT_TRIES = 5


class NurtureVersionMove(models.Model):
    """What becomes of the people who stood at one step of an older version.

    A person is dealt with once by each plan (`plan_id` on his row), by the job or by the lane that
    takes him first, where he stood when it was decided.
    """

    _name = "nurture.version.move"
    _description = "Change of version at one step"
    _order = "plan_id, id"
    _rec_name = "node_id"

    plan_id = fields.Many2one(
        "nurture.version.plan", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True)
    node_id = fields.Many2one(
        "nurture.node", "People at", required=True, readonly=True, ondelete="cascade"
    )
    action = fields.Selection(
        [
            ("stay", "Stay on the older version"),
            ("go", "Go on in the new version"),
            ("leave", "Leave the scenario"),
        ],
        "What they do",
        required=True,
        readonly=True,
    )
    target_id = fields.Many2one("nurture.node", "Go on at", readonly=True, ondelete="set null")
    timing = fields.Selection(
        selection="_selection_timing", string="Dates of waits", readonly=True, default="ahead"
    )
    not_again = fields.Json(readonly=True)  # uids of steps that who had them must not get again
    state = fields.Selection(
        [("queued", "Under way"), ("done", "Done")], "Status", default="queued", readonly=True
    )
    total = fields.Integer("People", readonly=True)
    left_count = fields.Integer("Still to do", compute="_compute_counts")
    failed_count = fields.Integer("Failed", compute="_compute_counts")
    last_enrolment_id = fields.Integer(readonly=True)

    _queued_idx = models.Index("(node_id) WHERE state = 'queued'")

    @api.model
    def _selection_timing(self):
        return [
            ("ahead", self.env._("New date, if it is still ahead")),
            ("anew", self.env._("New date; the overdue go on at once")),
            ("keep", self.env._("Keep their date")),
        ]

    @api.depends("state")
    def _compute_counts(self):
        left, failed = self._count_left(), self._count_failed()
        for move in self:
            move.left_count = left.get(move.id, 0)
            move.failed_count = failed.get(move.id, 0)

    def _count_left(self):
        """{move id: people not dealt with yet}."""
        queued = self.filtered(lambda move: move.state == "queued")
        if not queued:
            return {}
        self.env["nurture.enrolment"].flush_model()
        return dict(self.env.execute_query(queued._query_left()))

    def _count_failed(self):
        """{move id: people who should be gone from there and are not}."""
        if not self:
            return {}
        self.env["nurture.enrolment"].flush_model()
        return dict(self.env.execute_query(self._query_failed()))

    def _query_left(self):
        # index nurture_enrolment_node_idx
        return SQL(
            """SELECT m.id, COUNT(*)
                 FROM nurture_version_move m
                 JOIN nurture_enrolment e ON e.node_id = m.node_id
                  AND e.state IN ('active', 'waiting', 'parked')
                  AND e.plan_id IS DISTINCT FROM m.plan_id
                WHERE m.id = ANY(%s)
             GROUP BY m.id""",
            self.ids,
        )

    def _query_failed(self):
        # index nurture_enrolment_trouble_idx
        return SQL(
            """SELECT m.id, COUNT(*)
                 FROM nurture_version_move m
                 JOIN nurture_node n ON n.id = m.node_id
                 JOIN nurture_enrolment e ON e.scenario_id = n.scenario_id
                  AND e.node_id = m.node_id
                  AND e.state IN ('active', 'waiting', 'parked') AND e.attempts > 0
                  AND e.plan_id = m.plan_id
                WHERE m.id = ANY(%s) AND m.action <> 'stay'
             GROUP BY m.id""",
            self.ids,
        )

    # ------------------------------------------------------------
    # STATE
    # ------------------------------------------------------------

    def _set_done(self):
        """A paused step that nobody waits before any more needs nobody's care."""
        self.write({"state": "done"})
        left = self.filtered(lambda move: move.action != "stay").node_id
        fuses = self.env["nurture.breaker"].search([("node_id", "in", left.ids)])
        fuses.filtered(lambda fuse: not fuse.held_count)._set_closed()

    def _begin_again(self):
        """Some were held by a lane when the job came by."""
        self.write({"last_enrolment_id": 0})

    def _forget_failures(self):
        """Those who could not be moved are open for the plan again."""
        self.env["nurture.enrolment"].flush_model()
        self.env.cr.execute(self._query_forget_failures())
        self.env["nurture.enrolment"].invalidate_model(flush=False)
        self.write({"state": "queued", "last_enrolment_id": 0})

    def _query_forget_failures(self):
        # index nurture_enrolment_node_idx
        return SQL(
            """UPDATE nurture_enrolment e
                  SET plan_id = NULL, attempts = 0, last_error = NULL
                 FROM nurture_version_move m
                WHERE m.id = ANY(%s) AND m.action <> 'stay' AND e.node_id = m.node_id
                  AND e.state IN ('active', 'waiting', 'parked') AND e.attempts > 0
                  AND e.plan_id = m.plan_id""",
            self.ids,
        )

    # ------------------------------------------------------------
    # WORK
    # ------------------------------------------------------------

    def _move_batch_safely(self):
        """The next people of this step; → how many. Rows that a lane holds are left to it."""
        for _attempt in range(CONFLICT_TRIES):
            try:
                return self._move_batch(fields.Datetime.now())
            except CONFLICTS as error:
                self.env.cr.rollback()
                _logger.info("Change of version starts over: %s", error.__class__.__name__)
        return 0

    def _move_batch(self, now):
        self.ensure_one()
        # the claim is the first statement of its transaction
        rows = self.env.execute_query(self._query_claim(BATCH))
        people = self.env["nurture.enrolment"].browse([row[0] for row in rows])
        if people:
            people._move_by_plan(self, now)
            self.last_enrolment_id = people[-1].id
        return len(people)

    def _query_claim(self, limit):
        # index nurture_enrolment_node_idx
        return SQL(
            """SELECT e.id
                 FROM nurture_version_move m
                 JOIN nurture_enrolment e ON e.node_id = m.node_id
                  AND e.state IN ('active', 'waiting', 'parked')
                  AND e.plan_id IS DISTINCT FROM m.plan_id
                  AND e.id > COALESCE(m.last_enrolment_id, 0)
                WHERE m.id = %s AND m.state = 'queued'
             ORDER BY e.id LIMIT %s FOR NO KEY UPDATE OF e SKIP LOCKED""",
            self.id,
            limit,
        )

    @api.model
    def _pending_at(self, nodes):
        """The mappings that wait for who stands at these steps, the oldest decision first."""
        rows = self.env.execute_query(self._query_pending_at(nodes)) if nodes else []
        return self.browse([row[0] for row in rows])

    @api.model
    def _query_pending_at(self, nodes):
        # index nurture_version_move_queued_idx
        return SQL(
            """SELECT id FROM nurture_version_move
                WHERE node_id = ANY(%s) AND state = 'queued' ORDER BY id""",
            nodes.ids,
        )
