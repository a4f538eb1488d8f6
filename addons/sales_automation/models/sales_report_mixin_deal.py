from odoo import fields, models


class SalesDealReportMixin(models.AbstractModel):
    """Figures of deals by who sold them, where they came from and what was sold."""

    _name = "sales.deal.report.mixin"
    _inherit = "sales.report.mixin"
    _description = "Figures of Deals"

    lead_id = fields.Many2one("crm.lead", string="Opportunity", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    source_id = fields.Many2one("utm.source", readonly=True)
    categ_id = fields.Many2one(
        "product.category", "Product Category", readonly=True,
        help="Of the biggest line ordered, else offered, for the deal.")
