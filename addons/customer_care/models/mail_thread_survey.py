from odoo import api, fields, models
from odoo.addons.customer_care.engine import bounce


class MailThread(models.AbstractModel):
    """A survey mail that comes back is heard by its invitation; one that is late or read is not."""

    _inherit = "mail.thread"

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        result = super()._routing_handle_bounce(email_message, message_dict)
        if bounce.failed(email_message):
            # The gateway may write what nobody else may.
            self.env["care.survey.invitation"].sudo()._hear_bounce(
                message_dict["bounced_msg_ids"] or (), fields.Datetime.now())
        return result
