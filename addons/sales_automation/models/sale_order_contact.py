from odoo import models


class SaleOrder(models.Model):
    """Quotations: what is said on them, and that the customer looked, is contact of the deal."""

    _inherit = "sale.order"

    def _message_post_after_hook(self, message, msg_vals):
        if self.opportunity_id:
            self.env["crm.lead"]._note_contact(message)
        return super()._message_post_after_hook(message, msg_vals)
