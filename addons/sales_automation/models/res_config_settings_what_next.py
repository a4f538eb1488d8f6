from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings page: the question after an activity is done."""

    _inherit = "res.config.settings"

    sales_what_next = fields.Boolean(related="company_id.sales_what_next", readonly=False)
