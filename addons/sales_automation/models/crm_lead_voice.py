from odoo import models


class CrmLead(models.Model):
    """Noting what the customer of a deal said."""

    _inherit = "crm.lead"

    def action_add_voice(self):
        """Open the quick dialog for the customer of this deal."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_automation.sales_voice_action_quick")
        return {**action, "context": {
            "default_lead_id": self.id, "default_partner_id": self.partner_id.id}}

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        voices = self.env["sales.voice"].sudo().search(  # they go with the lead
            [("lead_id", "in", opportunities.ids)])
        voices.lead_id = self
        return result
