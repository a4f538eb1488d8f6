from odoo import api, fields, models

from .care_stage import OPEN_KINDS


class CareCasePause(models.Model):
    """One span in which the clock of a case stood still: we waited for the customer, or the case
    was settled (and counts when it is opened again).

    Kept as spans, and not as a sum of hours, so that deadlines can be told again when the case
    goes to a team with other working hours.
    """

    _name = "care.case.pause"
    _description = "Pause of a case"
    _order = "begun_at, id"
    _log_access = False

    case_id = fields.Many2one(
        "care.case", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="case_id.company_id", store=True)
    kind = fields.Selection(
        [("waiting", "Waiting for the customer"), ("settled", "Settled")],
        "Why", required=True, readonly=True)
    begun_at = fields.Datetime("From", required=True, readonly=True)
    ended_at = fields.Datetime("To", readonly=True)

    _running_uniq = models.UniqueIndex(
        "(case_id) WHERE ended_at IS NULL", "A case has one running pause at most.")

    @api.model
    def _follow(self, cases, now) -> None:
        """Begin and end pauses as the stages of these cases say."""
        running = {
            pause.case_id.id: pause
            for pause in self.search([("case_id", "in", cases.ids), ("ended_at", "=", False)])}
        begun = []
        for case in cases:
            kind, pause = self._tell_kind(case.stage_kind), running.get(case.id)
            if pause and pause.kind == kind:
                continue
            if pause:
                pause.ended_at = max(now, pause.begun_at)
            if kind:
                begun.append({"case_id": case.id, "kind": kind, "begun_at": now})
        self.env.flush_all()  # the running one ends before the next begins
        self.create(begun)

    @api.model
    def _tell_kind(self, stage_kind):
        if stage_kind == "waiting":
            return "waiting"
        return None if stage_kind in OPEN_KINDS else "settled"

    @api.model
    def _get_stops(self, cases) -> dict[int, list[tuple]]:
        """{case id: [(kind, begin, end or None), …]} in their order."""
        found = {}
        for pause in self.search([("case_id", "in", cases.ids)]):
            found.setdefault(pause.case_id.id, []).append(
                (pause.kind, pause.begun_at, pause.ended_at or None))
        return found
