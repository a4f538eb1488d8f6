from odoo import api, fields, models
from odoo.exceptions import UserError


class SalesHandoffReason(models.Model):
    """One row per reason for which a salesperson may turn a hand-off down."""

    _name = "sales.handoff.reason"
    _inherit = "sales.shared"
    _description = "Hand-off Reject Reason"
    _order = "sequence, id"

    name = fields.Char("Reason", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    handoff_count = fields.Integer("Hand-offs", compute="_compute_handoff_count")

    def _compute_handoff_count(self):
        counts = dict(self.env["sales.handoff"]._read_group(
            [("reject_reason_id", "in", self.ids)], ["reject_reason_id"], ["__count"]))
        for reason in self:
            reason.handoff_count = counts.get(reason, 0)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if any(reason.handoff_count for reason in self.sudo()):  # used by anyone, seen or not
            raise UserError(self.env._("Archive a reason that was used: the analysis needs it."))
