from odoo.addons.customer_care.engine import deadline

from .care_case import SPOKEN
from .care_stage import OPEN_KINDS


class CasePlan:
    """What one case promised, told from its stamps by a clock of its team."""

    def __init__(self, case, policy, clock, stops, told):
        self.case, self.policy, self.clock, self.told = case, policy, clock, told
        kinds = {"settled"}
        if not self.policy or self.policy.pause_waiting:
            kinds.add("waiting")
        self.stops = [(begin, end) for kind, begin, end in stops if kind in kinds]
        self.is_open = case.stage_kind in OPEN_KINDS
        running = [begin for kind, begin, end in stops if kind in kinds and not end]
        self.paused_at = running[0] if running and self.is_open else None
        asks = not case.is_proactive and case.channel not in SPOKEN
        self.done_at = {"reply": case.first_response_at, "resolution": case.resolved_at}
        #: what was done and judged stays as it was judged
        self.judged = {promise for promise, done in self.done_at.items()
                       if done and case[f"{promise}_hours"] is not False}
        keeps = "resolution" in self.judged and case.allowed_hours is not False
        #: hours promised, 0 where nothing is
        self.allowed = {
            "reply": self.policy.reply_within if asks else 0.0,
            "resolution": case.allowed_hours if keeps else self.policy.resolve_within,
        }

    def used(self, until) -> float:
        return round(deadline.used_hours(self.clock, self.case.opened_at, until, self.stops), 4)

    def due(self, hours):
        return deadline.due_at(self.clock, self.case.opened_at, hours, self.stops) or False

    def owes(self, promise) -> bool:
        """Whether somebody still owes it: a first reply once, a resolution whenever it is open."""
        if not self.is_open or not self.allowed[promise]:
            return False
        return promise == "resolution" or not self.done_at["reply"]

    def prepare_vals(self, now) -> dict:
        case = self.case
        told = {"sla_id": self.policy.id, "allowed_hours": self.allowed["resolution"]}
        deadlines, share = {}, self.policy.warn_percent / 100
        for promise, at, warn in (
            ("reply", "reply_deadline", "reply_warn_at"), ("resolution", "deadline_at", "warn_at"),
        ):
            if promise in self.judged and not self.owes(promise):
                continue
            allowed = self.allowed[promise]
            deadlines[at] = bool(allowed) and self.due(allowed)
            deadlines[warn] = bool(allowed) and self.due(allowed * share)
            told |= self._prepare_result(promise)
        owed = [deadlines[at] for promise, at in (
            ("reply", "reply_deadline"), ("resolution", "deadline_at")) if self.owes(promise)]
        until = now if self.is_open else case.last_resolved_at or case.closed_at or now
        waited = self.clock.hours(case.opened_at, until) - self.used(until)
        return told | deadlines | {
            "due_at": min(filter(None, owed), default=False) if not self.paused_at else False,
            "paused_at": self.paused_at or False, "paused_hours": round(max(waited, 0.0), 2),
            "escalate_at": self.next_level_at() or False,
        }

    def _prepare_result(self, promise) -> dict:
        """Hours and result of what was done just now; of what was judged before they stay."""
        if promise in self.judged:
            return {}
        done, allowed = self.done_at[promise], self.allowed[promise]
        vals = {f"{promise}_hours": False, f"{promise}_result": False}
        if done and not (promise == "reply" and self.case.is_proactive):
            used = self.used(done)
            vals = {f"{promise}_hours": used,
                    f"{promise}_result": bool(allowed) and deadline.judge(used, allowed)}
        if promise == "reply":
            vals["reply_sla_id"] = bool(done) and self.policy.id
        return vals

    # ---- escalation -----------------------------------------------------------------------------

    def levels(self):
        """(moment, level, promise) of each level that was not told yet."""
        for level in self.policy.level_ids:
            for promise in level._clocks():
                if not self.owes(promise) or self.told.get((level.id, promise), False) is None:
                    continue
                at = self.due(deadline.level_hours(
                    self.allowed[promise], level.unit, level.amount))
                again = self.told.get((level.id, promise))
                if at and not (self.paused_at and at > self.paused_at):
                    yield max(at, again) if again else at, level, promise

    def next_level_at(self):
        return min((at for at, _level, _promise in self.levels()), default=None)
