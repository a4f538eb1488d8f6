from odoo import api, fields, models


class MailThread(models.AbstractModel):
    """A survey mail that comes back is heard by its invitation."""

    _inherit = "mail.thread"

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):
        result = super()._routing_handle_bounce(email_message, message_dict)
        # The gateway may write what nobody else may.
        self.env["care.survey.invitation"].sudo()._hear_bounce(
            message_dict["bounced_msg_ids"] or (), fields.Datetime.now())
        return result
