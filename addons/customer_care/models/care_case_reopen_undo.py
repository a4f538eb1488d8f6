from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .care_stage import OPEN_KINDS

#: Minutes in which a wrong click may be taken back by whoever clicked.
GRACE = 5
#: Takes back a colleague's wrong click, whenever it is found.
MANAGER = "customer_care.group_customer_care_manager"


class CareCase(models.Model):
    """A case that somebody opened again by a wrong click: it counts as never reopened."""

    _inherit = "care.case"

    reopened_at = fields.Datetime("Opened again", readonly=True, copy=False)
    reopener_id = fields.Many2one("res.users", "Opened again by", readonly=True, copy=False)
    may_undo_reopen = fields.Boolean(compute="_compute_may_undo_reopen")

    @api.depends("stage_kind", "reopened_at", "reopen_count", "contact_ids.at")
    @api.depends_context("uid")
    def _compute_may_undo_reopen(self):
        since = fields.Datetime.now() - timedelta(minutes=GRACE)
        decides = self.env.user.has_group(MANAGER)
        for case in self:
            own = (case.reopener_id == self.env.user and case.stage_kind in OPEN_KINDS
                   and case.reopened_at and case.reopened_at >= since)
            case.may_undo_reopen = (
                case.reopened_at and case.resolved_at and case.reopen_count and (own or decides)
                and not case._was_spoken_since())

    def _was_spoken_since(self) -> bool:
        """Whether somebody's word opened it, or somebody spoke to the other side since then."""
        return any(contact.did_reopen or contact.at >= self.reopened_at
                   for contact in self.contact_ids)

    def _on_reopened(self, now):
        super()._on_reopened(now)
        self._note({"reopened_at": now, "reopener_id": self.env.uid})

    def action_undo_reopen(self):
        """The case is resolved as it was, and was never opened again. One that was resolved in
        the meantime stays so."""
        self.ensure_one()
        self.check_access("write")
        if not self.may_undo_reopen:
            raise UserError(self.env._(
                "Whoever opened the case again may take that back within %s minutes, a "
                "customer care administrator at any time, and both before anybody wrote or "
                "called. Resolve it instead.", GRACE))
        self._note({"reopen_count": self.reopen_count - 1})
        if self.stage_kind in OPEN_KINDS:
            self._settle_back()
        self._note({"reopened_at": False})
        self._message_log(body=self.env._(
            "Opened again by mistake by %s: taken back.", self.reopener_id.name))
