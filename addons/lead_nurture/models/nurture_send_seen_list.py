from odoo import fields, models


class NurtureSend(models.Model):
    """By whom a message was seen, to be searched for."""

    _inherit = "nurture.send"

    seen_ids = fields.One2many(
        "nurture.send.seen", "send_id", "Seen", readonly=True,
        # whoever may read the message may ask whether it was seen
        bypass_search_access=True,
    )  # fmt: skip
