from odoo import api, models
from odoo.exceptions import AccessError


class MailMessage(models.Model):
    """Messages of cases are made and changed where the case hears of it: not by customers' RPC."""

    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        messages._care_refuse_customers()
        return messages

    def write(self, vals):
        self._care_refuse_customers()
        return super().write(vals)

    def _care_refuse_customers(self):
        if self.env.su or self.env.user._is_internal():
            return
        # Where a message belongs is asked, whether or not he may read it.
        if "care.case" in self.sudo().mapped("model"):
            raise AccessError(self.env._("Please write your message on the page of your case."))
