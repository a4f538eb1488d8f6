from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of win stories."""

    _inherit = "res.config.settings"

    sales_story_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of Stories")
    sales_story_prompt = fields.Boolean(related="company_id.sales_story_prompt", readonly=False)
    sales_story_amount = fields.Monetary(
        related="company_id.sales_story_amount", readonly=False,
        currency_field="sales_story_currency_id")
    sales_story_bands = fields.Char(related="company_id.sales_story_bands", readonly=False)
