from odoo import fields, models


class SalesCompetitor(models.Model):
    """One row per company to whom a deal was lost."""

    _name = "sales.competitor"
    _inherit = "sales.shared"
    _description = "Competitor"
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)

    _name_uniq = models.UniqueIndex("(lower(name))", "There is a competitor of this name already.")
