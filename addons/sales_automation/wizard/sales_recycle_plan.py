from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class SalesRecyclePlan(models.TransientModel):
    """The dialog that closes deals as "not now" and says when they come back."""

    _name = "sales.recycle.plan"
    _description = "Put Deals to Not Now"

    def _default_reason_id(self):
        return self.env["crm.lost.reason"].search([("is_recycle", "=", True)], limit=1)

    lead_ids = fields.Many2many(
        "crm.lead", required=True, readonly=True, context={"active_test": False})
    reason_id = fields.Many2one(
        "crm.lost.reason", required=True, domain="[('is_recycle', '=', True)]",
        default=_default_reason_id)
    wake_date = fields.Date(
        "Comes Back On", required=True, compute="_compute_wake_date", store=True, readonly=False,
        help="On this day the deal is reopened in its stage, with its salesperson.")
    note = fields.Text(help="Shown in the activity with which the deal comes back.")

    @api.depends("reason_id")
    def _compute_wake_date(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            wizard.wake_date = today + timedelta(days=wizard.reason_id.recycle_days or 90)

    @api.constrains("wake_date")
    def _check_wake_date(self):
        if any(wizard.wake_date <= fields.Date.context_today(wizard) for wizard in self):
            raise ValidationError(self.env._("Choose a day in the future."))

    def action_apply(self):
        self.ensure_one()
        if any(lead.sales_outcome != "open" for lead in self.lead_ids):
            raise UserError(self.env._("Only open deals can be put to \"not now\"."))
        self.lead_ids.action_set_lost(
            lost_reason_id=self.reason_id.id, recycle_wake_date=self.wake_date)
        if self.note:
            sleeps = self.env["sales.recycle"].sudo()  # the note of the row that was just made
            sleeps.search([
                ("lead_id", "in", self.lead_ids.ids), ("woken_at", "=", False),
            ]).note = self.note
        return {"type": "ir.actions.act_window_close"}
