from odoo import fields, models


class SalesContactRole(models.Model):
    """One row per part that a person of the customer can play in a deal, such as decision maker."""

    _name = "sales.contact.role"
    _inherit = "sales.shared"
    _description = "Role in a Deal"
    _order = "sequence, id"

    name = fields.Char("Role", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Char(
        "Meaning", translate=True, help="Shown beside the role, so that all use it alike.")
