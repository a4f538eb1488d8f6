from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of quotation follow-up."""

    _inherit = "res.config.settings"

    sales_quote_draft_days = fields.Integer(
        related="company_id.sales_quote_draft_days", readonly=False)
    sales_quote_answer_days = fields.Integer(
        related="company_id.sales_quote_answer_days", readonly=False)
    sales_quote_expiry_days = fields.Integer(
        related="company_id.sales_quote_expiry_days", readonly=False)
    sales_quote_extend_days = fields.Integer(
        related="company_id.sales_quote_extend_days", readonly=False)
