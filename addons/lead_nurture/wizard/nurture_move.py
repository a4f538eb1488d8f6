from odoo import api, fields, models


class NurtureMove(models.TransientModel):
    """Moves chosen leads to another lifecycle status by hand, with the reason."""

    _name = "nurture.move"
    _description = "Move to status"

    lead_ids = fields.Many2many("crm.lead", default=lambda self: self._default_lead_ids())
    lead_count = fields.Integer(compute="_compute_lead_count")
    allowed_ids = fields.Many2many("nurture.status", compute="_compute_allowed_ids")
    status_id = fields.Many2one(
        "nurture.status",
        "New status",
        required=True,
        domain="[('id', 'in', allowed_ids)]",
        help="Only moves that are allowed from where all chosen leads stand.",
    )
    reason = fields.Char(required=True, help="Kept in the history of the lead.")

    @api.model
    def _default_lead_ids(self):
        return self.env["crm.lead"].browse(self.env.context.get("active_ids") or [])

    @api.depends("lead_ids")
    def _compute_lead_count(self):
        for wizard in self:
            wizard.lead_count = len(wizard.lead_ids)

    @api.depends("lead_ids")
    def _compute_allowed_ids(self):
        every = self.env["nurture.status"].search([])
        for wizard in self:
            allowed = every
            leads = wizard.lead_ids
            for status in leads.nurture_status_id:
                allowed &= status.next_ids
            wizard.allowed_ids = allowed

    def action_move(self):
        self.ensure_one()
        self.lead_ids.nurture_move(self.status_id, self.reason)
        return {"type": "ir.actions.act_window_close"}
