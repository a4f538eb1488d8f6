from odoo import fields, models


class CrmLeadLost(models.TransientModel):
    """Core's dialog of a lost deal also asks who got it."""

    _inherit = "crm.lead.lost"

    competitor_id = fields.Many2one(
        "sales.competitor", "Lost To", help="The competitor who got the deal, if one did.")

    def action_lost_reason_apply(self):
        result = super().action_lost_reason_apply()
        if self.competitor_id:
            self.lead_ids.lost_competitor_id = self.competitor_id
        return result
