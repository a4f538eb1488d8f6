from odoo import fields, models


class MailMessage(models.Model):
    """Messages: an automatic answer, or a call that nobody took, is no word of the customer."""

    _inherit = "mail.message"

    sales_auto_reply = fields.Boolean(
        "Automatic Answer", readonly=True,
        help="The mail says of itself that a machine wrote it, as an absence notice does. It is "
        "no contact with the customer.", groups="base.group_user", prefetch="sales_automation")
    sales_no_answer = fields.Boolean(
        "Nobody Answered", readonly=True, groups="base.group_user", prefetch="sales_automation",
        help="The call was made, but not taken. It is no contact with the customer.")
