from odoo import api, fields, models


class SalesHandoffReject(models.TransientModel):
    """The dialog that asks why a hand-off is turned down."""

    _name = "sales.handoff.reject"
    _description = "Reject a Hand-off"

    handoff_id = fields.Many2one("sales.handoff", required=True, readonly=True)
    reason_id = fields.Many2one("sales.handoff.reason", required=True)
    meeting_id = fields.Many2one("calendar.event", compute="_compute_meeting_id")
    meeting_start = fields.Datetime("Agreed Meeting", related="meeting_id.start")
    meeting_way = fields.Selection(
        [("keep", "Stays; whoever has the deal holds it"), ("cancel", "Is cancelled")],
        "The Meeting", default="keep", required=True,
        help="A cancelled meeting leaves the calendars; the customer is not told by it.")
    note = fields.Text(help="What has to change so that you can take the deal.")

    @api.depends("handoff_id")
    def _compute_meeting_id(self):
        now = fields.Datetime.now()
        for wizard in self:
            handoff = wizard.handoff_id.sudo()  # asked by whoever may answer the hand-off
            wizard.meeting_id = handoff._get_open_meeting(now)

    def action_reject(self):
        self.ensure_one()
        handoff = self.handoff_id._claim("can_answer")
        handoff._set_rejected(
            self.reason_id, self.note, fields.Datetime.now(),
            keeps_meeting=self.meeting_way == "keep")
        if self.handoff_id.lead_id.has_access("read"):
            return {"type": "ir.actions.act_window_close"}
        # Whoever rejects may not read the deal any more: do not let its form reload.
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_automation.sales_handoff_action")
        return {**action, "target": "main"}
