from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of briefs for new owners."""

    _inherit = "res.config.settings"

    sales_brief_reassigned = fields.Boolean(
        related="company_id.sales_brief_reassigned", readonly=False)
    sales_brief_hours = fields.Float(related="company_id.sales_brief_hours", readonly=False)
