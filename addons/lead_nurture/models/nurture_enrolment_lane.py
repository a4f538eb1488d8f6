import logging
import random
import time

from odoo import api, fields, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.addons.lead_nurture.engine import cadence
from odoo.addons.lead_nurture.engine.outcome import Outcome

_logger = logging.getLogger(__name__)

# steps without a pause that one person may take in one go
HOPS = 12
CONFLICT_TRIES = 5


class NurtureEnrolment(models.Model):
    """The lane: claims the people whose time has come, does their steps, writes them onward.

    Any number of lanes may run at once, on any number of machines. The claim holds the rows
    until the commit, so a killed lane leaves nothing behind. A step, its log row, the mail it
    makes and the move to the next step are one transaction.
    """

    _inherit = "nurture.enrolment"

    # ------------------------------------------------------------
    # CRON
    # ------------------------------------------------------------

    @api.model
    def _cron_advance(self):
        cron = self.env["ir.cron"]
        self._tend_safely()
        left = cron._commit_progress()  # the claim must be the first statement of its transaction
        while left and (done := self._advance_batch_safely()):
            more = self._has_due()
            if more:
                self._wake_lanes()
            left = cron._commit_progress(done, remaining=int(more))

    @api.model
    def _wake_lanes(self):
        """There is more than one lane can take: call the others."""
        for lane in self.env["ir.cron"]._nurture_lanes():
            self.env["ir.cron"]._nurture_wake(lane)

    @api.model
    def _tend_safely(self):
        """What is looked at once a run and not for each batch."""
        try:
            with self.env.cr.savepoint():
                self.env["nurture.scenario"]._pause_broken()
                if self.env["nurture.breaker"]._tend(fields.Datetime.now()):
                    self._wake_lanes()
        except CONFLICTS:
            self.env.invalidate_all(flush=False)  # another lane is at it
        except Exception:
            self.env.invalidate_all(flush=False)
            _logger.exception("Looking after paused steps failed; people go on all the same")

    @api.model
    def _advance_batch_safely(self):
        """One batch; when another transaction got in the way, again in a fresh one, and when it
        failed, again with everybody on his own account. Nothing is raised: core would call a job
        again at once, and hotly, that had done something before."""
        apart = False
        for attempt in range(CONFLICT_TRIES):
            try:
                return self._advance_batch(fields.Datetime.now(), apart)
            except CONFLICTS as error:
                self.env.cr.rollback()
                _logger.info("Nurture lane starts over: %s", error.__class__.__name__)
                # jitter: two lanes that collided must not collide again. Not a decision about
                # anybody, so it needs no seed.
                time.sleep(random.uniform(0, 0.1) * (attempt + 1))
            except Exception:
                self.env.cr.rollback()
                _logger.exception("A batch of a nurture lane failed")
                if apart:
                    return 0  # the next run takes it up
                apart = True
        return 0

    @api.model
    def _advance_batch(self, now, apart=False):
        """Claim a batch and take everybody in it as far as he can go now; `apart` after a failure
        that no step can be blamed for. → people claimed"""
        claimed = self._claim(now)
        running = claimed.filtered(lambda e: e.scenario_id.state == "running")
        if apart:
            for _scenario, people in running.grouped("scenario_id").items():
                people._go_on_apart(now)
        elif running:
            running._go_on(now)
        return len(claimed)

    def _go_on_apart(self, now):
        """The people of a scenario together; if that fails each alone, and whoever fails alone
        keeps the message and is tried again later, so that others travel."""
        try:
            with self.env.cr.savepoint():
                self._go_on(now)
                self.env.flush_all()
        except CONFLICTS:
            raise
        except Exception as error:
            self.env.invalidate_all(flush=False)
            if len(self) == 1:
                self._note_failure(error, now)
                return
            for one in self:
                one._go_on_apart(now)

    def _go_on(self, now):
        """Do what is due for these people, and what follows from it at once. The simulator moves
        people by this too, under a clock of its own."""
        pending = self - self._leave_early(now)
        for _hop in range(HOPS):
            if not pending:
                break
            pending._do_steps(now)
            pending = pending.filtered(lambda e: e._is_due(now))

    @api.model
    def _claim(self, now):
        # a row that another lane has just moved is a conflict and no fault: the batch starts over
        self.env.cr.execute(self._query_claim(now), log_exceptions=False)
        return self.browse(row[0] for row in self.env.cr.fetchall())

    @api.model
    def _has_due(self):
        return bool(self.env.execute_query(self._query_queues(fields.Datetime.now())))

    def _is_due(self, now):
        return self.state == "active" and bool(self.run_at) and self.run_at <= now

    # ------------------------------------------------------------
    # LEAVING EARLY
    # ------------------------------------------------------------

    def _leave_early(self, now):
        """Take out who must not be bothered any more; asked before every batch. → who left"""
        by_reason = {}
        for enrolment, reason in self._exit_reasons_now().items():
            by_reason[reason] = by_reason.get(reason, self.browse()) | enrolment
        for reason, leavers in by_reason.items():
            self.env.cr.execute(
                self.env["nurture.step.log"]._query_leave(leavers, "end", reason, now)
            )
            leavers._set_exited(reason, now)
        return self.browse().union(*by_reason.values())

    def _exit_reasons_now(self):
        """{enrolment: reason} of those who must leave: one read of the leads, one of opt-outs."""
        leads = self.lead_id.with_context(active_test=False)
        leads.fetch(["won_status", "email_normalized"])
        refused = self.env["nurture.send"]._refusals(leads.mapped("email_normalized"))
        reasons = {}
        for enrolment in self:
            lead = enrolment.lead_id
            if not lead:
                reasons[enrolment] = "lead_gone"
            elif lead.won_status == "won" and enrolment.scenario_id.exit_on_won:
                reasons[enrolment] = "won"
            elif lead.won_status == "lost" and enrolment.scenario_id.trigger_kind != "recycle":
                reasons[enrolment] = "lost"
            elif lead.email_normalized in refused:
                reasons[enrolment] = "opted_out"
        return reasons

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _do_steps(self, now):
        """Do the step of each, all people at one step together."""
        free, shut = self._hold_before_paused()
        for (node, releasing), group in free.grouped(
            lambda e: (e.node_id, e.state == "waiting" or bool(e.release_label))
        ).items():
            errors = group._do_step(node, releasing, now)
            self.env["nurture.breaker"]._watch_safely(node, shut, len(group), errors, now)

    def _do_step(self, node, releasing, now):
        """The whole group in one go; if that fails, one by one, so that one bad record stops
        nobody else. Kinds that work `alone` never go in a group, for what they do may not be
        undone. → what those said who failed"""
        if len(self) > 1 and node._node_kinds()[node.kind].get("alone"):
            return [said for one in self for said in one._do_step(node, releasing, now)]
        try:
            with self.env.cr.savepoint():
                self._do_step_once(node, releasing, now)
            return []
        except CONFLICTS:
            raise
        except Exception as error:
            if len(self) == 1:
                return [self._note_failure(error, now)]
        self.env.invalidate_all(flush=False)
        return [said for one in self for said in one._do_step(node, releasing, now)]

    def _do_step_once(self, node, releasing, now):
        if releasing:
            outcomes = self._release_outcomes(node, now)
        else:
            fresh = self.env["nurture.step.log"]._arrive(self, now)
            if fresh != self:
                raise ValueError(self.env._("This step had been executed before."))
            outcomes = node._run(self, now)
        self._apply_outcomes(node, outcomes, now)
        self.env.flush_all()

    def _release_outcomes(self, node, now):
        """How the people leave a step they stood at: by what happened, else by the clock."""
        outcomes = {
            enrolment: Outcome.go(enrolment.release_label, "event")
            for enrolment in self
            if enrolment.release_label
        }
        late = self.filtered(lambda e: not e.release_label)
        if late:
            release = getattr(node, f"_release_node_{node.kind}", None)
            outcomes.update(
                release(late, now) if release else dict.fromkeys(late, Outcome.go(result="time"))
            )
        return outcomes

    def _apply_outcomes(self, node, outcomes, now):
        log = self.env["nurture.step.log"]
        for (label, end, result, waits), group in self.grouped(
            lambda e: outcomes[e].kind()
        ).items():
            exit_label = label or ("end" if end else None)
            self.env.cr.execute(log._query_leave(group, exit_label, result, now))
            if end == "finished":
                group._set_done(now)
            elif end:
                group._set_exited(end, now)
            elif waits:
                group._set_waiting({e: outcomes[e].until for e in group})
            else:
                group._move_by(node, label, now)

    def _move_by(self, node, label, now):
        target = node.edge_ids.filtered(lambda edge: edge.label == label).to_id
        if not target:
            raise ValueError(self.env._("“%s” leads nowhere.", node.name))
        self.env["nurture.waiter"]._disarm(self)
        self._set_active(target, now)

    def _note_failure(self, error, now):
        """Keep the message on the row; try again later, and give up after some tries. → it"""
        self.env.invalidate_all(flush=False)
        said = " ".join(str(error).partition("\nLINE ")[0].split())  # without the SQL of it
        message = f"{self.node_id.name}: {said}"[:2000]
        _logger.warning("Nurture enrolment %s failed: %s", self.id, message)
        again = cadence.retry_at(now, self.attempts + 1)
        if again:
            self._set_failed(message, again)
        else:
            self._set_parked(message)
        return message

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _leads_as_owner(self):
        """The leads of these people, seen and written with the rights of the scenario's owner."""
        scenario = self.scenario_id
        scenario.ensure_one()
        return scenario._as_owner().env["crm.lead"].browse(self.lead_id.ids)
