from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings page of the Sales Desk."""

    _inherit = "res.config.settings"

    sales_handoff_hours = fields.Float(related="company_id.sales_handoff_hours", readonly=False)
    sales_handoff_routing = fields.Boolean(
        related="company_id.sales_handoff_routing", readonly=False)
