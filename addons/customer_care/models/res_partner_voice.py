from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_hear_voice(self):
        """The quick dialog: what this customer said of a product."""
        self.ensure_one()
        return self.env["care.voice"]._open_quick(default_partner_id=self.id)
