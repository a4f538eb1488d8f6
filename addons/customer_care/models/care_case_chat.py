from odoo import fields, models


class CareCase(models.Model):
    _inherit = "care.case"

    chat_id = fields.Many2one(
        "discuss.channel", "Chat", readonly=True, copy=False, ondelete="set null",
        index="btree_not_null", help="Where the customer and we talked about it.")
