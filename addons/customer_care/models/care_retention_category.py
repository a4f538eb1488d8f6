from odoo import fields, models


class CareRetentionCategory(models.Model):
    """One kind of retention cost: care staff, loyalty rewards, customer events.

    What is spent to win new customers belongs into none of them.
    """

    _name = "care.retention.category"
    _description = "Kind of retention cost"
    _inherit = "care.shared"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Char(
        translate=True, help="What belongs here, so that everybody enters the same.")
