import logging

from odoo import fields, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.addons.lead_nurture.engine.outcome import Outcome
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# somebody who was away for long may have several changes to catch up with
PLANS_IN_A_ROW = 10


class NurtureEnrolment(models.Model):
    """People under way change to another version of the steps, as a plan says."""

    _inherit = "nurture.enrolment"

    plan_id = fields.Many2one(
        "nurture.version.plan", "Last change of version", readonly=True, ondelete="set null"
    )

    def _exit_reasons(self):
        return {**super()._exit_reasons(), "version": self.env._("Taken out by a new version")}

    # ------------------------------------------------------------
    # IN THE LANE
    # ------------------------------------------------------------

    def _go_on(self, now):
        """Who stands where the steps have changed is dealt with before he does another step."""
        moved = self.browse()
        for _plan in range(PLANS_IN_A_ROW):
            people = self.filtered("is_open")
            here = self.browse()
            for move in self.env["nurture.version.move"]._pending_at(people.node_id):
                group = people.filtered(
                    lambda e, m=move: e.node_id == m.node_id and e.plan_id != m.plan_id
                )
                group._move_by_plan(move, now)
                here |= group
            if not here:
                break
            moved |= here
        due = moved.filtered(lambda e: e.is_open and e.run_at and e.run_at <= now)
        return super(NurtureEnrolment, self - moved | due)._go_on(now)

    # ------------------------------------------------------------
    # MOVING
    # ------------------------------------------------------------

    def _move_by_plan(self, move, now):
        """All at once; if that fails, one by one, so that one bad record stops nobody else."""
        if not self:
            return
        try:
            with self.env.cr.savepoint():
                self._move_by_plan_once(move, now)
        except CONFLICTS:
            raise
        except Exception as error:
            self.env.invalidate_all(flush=False)
            if len(self) == 1:
                self._note_failed_move(move, error)
                return
            for enrolment in self:
                enrolment._move_by_plan(move, now)

    def _move_by_plan_once(self, move, now):
        if move.action == "leave":
            self._set_exited("version", now)
        elif move.action == "go":
            self.env["nurture.step.skip"]._remember(self, move.not_again or [])
            if move.target_id.uid == move.node_id.uid:
                self._move_to_twin(move, now)
            else:
                self._move_elsewhere(move, now)
        self._write_rows(plan_id=move.plan_id.id)

    def _note_failed_move(self, move, error):
        """He goes on in the older version; the message stays on his row for who tries again."""
        message = self.env._(
            "Could not change to version %(number)s: %(error)s",
            number=move.plan_id.to_id.number,
            error=str(error)[:1000],
        )
        _logger.warning("Nurture enrolment %s: %s", self.id, message)
        self._write_rows(bump="attempts", last_error=message, plan_id=move.plan_id.id)

    def _move_to_twin(self, move, now):
        """The same step in the new version: he stands there as before, and the log knows it."""
        twin = move.target_id
        changed = twin._acts_otherwise(move.node_id)
        self.env.cr.execute(self.env["nurture.step.log"]._query_follow(self, twin))
        self._write_rows(version_id=twin.version_id.id, node_id=twin.id)
        # the fuse that held them is the old step's; the new one has not failed yet
        self.filtered("hold")._write_rows(run_at=now)
        if changed:
            parked = self.filtered(lambda e: e.state == "parked")
            parked._write_rows(state="active", attempts=0, last_error=False, run_at=now)
            self.filtered(lambda e: e.state == "waiting")._reckon_anew(twin, move.timing, now)
        lost = self.filtered(lambda e: e.release_label and e.release_label not in twin._exits())
        lost._write_rows(release_label=False, state="waiting", run_at=now)

    def _move_elsewhere(self, move, now):
        """Away from the step as if it were done, and to another one."""
        log = self.env["nurture.step.log"]
        result = self.env._("version %s", move.plan_id.to_id.number)
        self.env.cr.execute(log._query_leave(self, "moved", result, now))
        self.env["nurture.waiter"]._disarm(self)
        # what failed for days is not late: it is a new step
        self.filtered(lambda e: e.state == "parked")._write_rows(run_at=now)
        self._write_rows(version_id=move.target_id.version_id.id)
        self._set_active(move.target_id, now)

    def _reckon_anew(self, node, timing, now):
        """A wait has changed: what is waited for is armed again, and the dates follow `timing`.
        The step is asked as it was at the moment of arrival."""
        if not (self and self.env["nurture.node"]._node_kinds()[node.kind].get("pauses")):
            return
        arrived = dict(self.env.execute_query(self._query_arrived()))
        here = self.filtered(lambda e: e.id in arrived)
        dates = {}
        for moment, group in here.grouped(lambda e: arrived[e.id]).items():
            self.env["nurture.waiter"]._disarm(group)
            for enrolment, outcome in node._run(group, moment).items():
                if outcome.until and (timing == "anew" or outcome.until > now):
                    dates[enrolment] = outcome.until
                elif outcome.label and (outcome.result == "event" or timing == "anew"):
                    enrolment._write_rows(
                        state="active", release_label=outcome.label, run_at=now
                    )
        if dates and timing != "keep":
            late = self.browse().union(*dates)
            late._write_rows(run_at=self._query_each(dates))

    def _query_arrived(self):
        # index nurture_step_log_visit_uniq
        return SQL(
            """SELECT e.id, l.arrived_at
                 FROM nurture_enrolment e
                 JOIN nurture_node n ON n.id = e.node_id
                 JOIN nurture_step_log l ON l.enrolment_id = e.id AND l.node_uid = n.uid
                  AND l.visit = e.visit
                WHERE e.id = ANY(%s)""",
            self.ids,
        )

    # ------------------------------------------------------------
    # NOT TWICE
    # ------------------------------------------------------------

    def _do_step_once(self, node, releasing, now):
        """Who had this step before the version changed passes it, by the exit he took then."""
        moved = self.browse() if releasing else self.filtered("plan_id")
        had = self.env["nurture.step.skip"]._take(moved, node) if moved else {}
        repeats = self.filtered(lambda e: e.id in had)
        for label, group in repeats.grouped(lambda e: node._way_on(had[e.id])).items():
            group._pass_over(node, label, self.env._("had it before"), now)
        rest = self - repeats
        if rest:
            super(NurtureEnrolment, rest)._do_step_once(node, releasing, now)

    def _pass_over(self, node, label, result, now, arrived=False):
        """Arrive, unless they stand there already, and leave without doing the step."""
        if not arrived:
            self.env["nurture.step.log"]._arrive(self, now)
        outcome = Outcome.go(label, result)
        self._apply_outcomes(node, dict.fromkeys(self, outcome), now)
        self.env.flush_all()
