from odoo import api, fields, models
from odoo.addons.lead_nurture.engine.breaker import PROBING
from odoo.tools import SQL


class NurtureEnrolment(models.Model):
    """People before a step that is paused because it failed too often: they are held, a few are
    let through when somebody says "try again", and the rest follow when it works."""

    _inherit = "nurture.enrolment"

    hold = fields.Selection(
        [("held", "Step is paused"), ("probe", "First to try again")],
        "Held up",
        readonly=True,
        help="The step failed for too many people and is paused. Nobody is lost: whoever comes to "
        "it waits, and goes on when it works again.",
    )

    held_text = fields.Char(compute="_compute_held_text")

    # who is held before a step
    _held_idx = models.Index(
        "(node_id, hold) WHERE hold IS NOT NULL AND state IN ('active', 'waiting')"
    )

    @api.depends("hold", "node_id.paused_text")
    def _compute_held_text(self):
        for enrolment in self:
            enrolment.held_text = bool(enrolment.hold) and enrolment.node_id.paused_text

    def _write_rows(self, bump=None, **values):
        """Whoever gets a new state or a new time is held up no more."""
        if values.keys() & {"state", "run_at"}:
            values.setdefault("hold", False)
        return super()._write_rows(bump, **values)

    def _stuck(self):
        """Tried again like the others; as long as the step is paused, it holds them anew."""
        return super()._stuck() | self.filtered("hold")

    def _set_held(self):
        """Wait before the step, without a time: somebody has to mend it."""
        self._write_rows(hold="held", run_at=False)

    def _hold_before_paused(self):
        """Hold those whose step is paused. → (those who may go on, {node id: 'probing'})"""
        shut = self.env["nurture.breaker"]._shut_states(self.node_id)
        stopped = self.filtered(
            lambda e: e.node_id.id in shut
            and not (shut[e.node_id.id] == PROBING and e.hold == "probe")
        )
        stopped._set_held()
        return self - stopped, shut

    @api.model
    def _let_go(self, node, limit, now, hold=None):
        """Let the first of those go on who are held before this step. → how many"""
        rows = self.env.execute_query(self._query_let_go(node, limit, now, hold))
        self.invalidate_model(["hold", "run_at"], flush=False)
        return len(rows)

    @api.model
    def _count_probe(self, node):
        [(number,)] = self.env.execute_query(self._query_count_probe(node))
        return number

    @api.model
    def _query_let_go(self, node, limit, now, hold):
        # index nurture_enrolment_held_idx; rows that a lane holds right now are let go next time
        return SQL(
            """WITH first AS MATERIALIZED (
                   SELECT id FROM nurture_enrolment
                    WHERE node_id = %(node)s AND hold = 'held'
                      AND state IN ('active', 'waiting')
                 ORDER BY id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED)
               UPDATE nurture_enrolment e SET hold = %(hold)s, run_at = %(now)s
                 FROM first WHERE first.id = e.id
            RETURNING e.id""",
            node=node.id,
            hold=hold,
            now=now,
            limit=limit,
        )

    @api.model
    def _query_count_probe(self, node):
        # index nurture_enrolment_held_idx
        return SQL(
            """SELECT count(*) FROM nurture_enrolment
                WHERE node_id = %s AND hold = 'probe' AND state IN ('active', 'waiting')""",
            node.id,
        )
