from odoo import fields, models


class SalesVoiceType(models.Model):
    """One row per kind of thing that customers say: a wish, a complaint, a price remark …"""

    _name = "sales.voice.type"
    _inherit = "sales.shared"
    _description = "Kind of Customer Voice"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
