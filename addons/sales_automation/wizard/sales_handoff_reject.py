from odoo import fields, models


class SalesHandoffReject(models.TransientModel):
    """The dialog that asks why a hand-off is turned down."""

    _name = "sales.handoff.reject"
    _description = "Reject a Hand-off"

    handoff_id = fields.Many2one("sales.handoff", required=True, readonly=True)
    reason_id = fields.Many2one("sales.handoff.reason", required=True)
    note = fields.Text(help="What has to change so that you can take the deal.")

    def action_reject(self):
        self.ensure_one()
        handoff = self.handoff_id._claim("can_answer")
        handoff._set_rejected(self.reason_id, self.note, fields.Datetime.now())
        if self.handoff_id.lead_id.has_access("read"):
            return {"type": "ir.actions.act_window_close"}
        # Whoever rejects may not read the deal any more: do not let its form reload.
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_automation.sales_handoff_action")
        return {**action, "target": "main"}
