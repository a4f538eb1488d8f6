from odoo import fields, models
from odoo.addons.customer_care.models.care_proposal import SAID


class CareProposalDismiss(models.TransientModel):
    """Why a product is not to be proposed to a customer any more."""

    _name = "care.proposal.dismiss"
    _description = "Dismiss proposals"

    proposal_ids = fields.Many2many("care.proposal", required=True, readonly=True)
    reason = fields.Selection(SAID, required=True, default="no_need")
    note = fields.Char()

    def action_dismiss(self):
        self.proposal_ids._take("proposed")._set_dismissed(self.reason, self.note)
        return {"type": "ir.actions.act_window_close"}
