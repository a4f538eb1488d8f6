from odoo import api, models

# Headers by which machines tell that no person wrote the mail (RFC 3834, and older habits).
AUTO_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Auto-Response")
AUTO_PRECEDENCE = ("auto_reply", "bulk", "junk")


class MailThread(models.AbstractModel):
    """Incoming mail: absence notices and other automatic answers are marked on the message."""

    _inherit = "mail.thread"

    @api.model
    def message_parse(self, message, save_original=False):
        values = super().message_parse(message, save_original=save_original)
        submitted = (message.get("Auto-Submitted") or "no").strip().lower()
        precedence = (message.get("Precedence") or "").strip().lower()
        if submitted != "no" or precedence in AUTO_PRECEDENCE or any(
                message.get(header) for header in AUTO_HEADERS):
            values["sales_auto_reply"] = True
        return values

    def _get_message_create_valid_field_names(self):
        return super()._get_message_create_valid_field_names() | {"sales_auto_reply"}
