from odoo import fields, models


class SalesHandoffReject(models.TransientModel):
    """The dialog that asks why a hand-off is turned down."""

    _name = "sales.handoff.reject"
    _description = "Reject a Hand-off"

    handoff_id = fields.Many2one("sales.handoff", required=True, readonly=True)
    reason_id = fields.Many2one("sales.handoff.reason", required=True)
    note = fields.Text(help="What has to change so that you can take the deal.")

    def action_reject(self):
        for wizard in self:
            handoff = wizard.handoff_id._claim("can_answer")
            handoff._set_rejected(wizard.reason_id, wizard.note, fields.Datetime.now())
        return {"type": "ir.actions.act_window_close"}
