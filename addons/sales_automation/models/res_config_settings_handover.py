from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of leavers."""

    _inherit = "res.config.settings"

    sales_leaver_policy = fields.Selection(
        related="company_id.sales_leaver_policy", readonly=False)
    sales_leaver_fallback_id = fields.Many2one(
        related="company_id.sales_leaver_fallback_id", readonly=False)
    sales_leaver_orders = fields.Boolean(
        related="company_id.sales_leaver_orders", readonly=False)
    sales_handover_undo_days = fields.Integer(
        related="company_id.sales_handover_undo_days", readonly=False)
