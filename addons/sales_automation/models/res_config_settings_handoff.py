from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of what a hand-off says and who hears of it."""

    _inherit = "res.config.settings"

    sales_handoff_need_required = fields.Boolean(
        related="company_id.sales_handoff_need_required", readonly=False)
    sales_handoff_authority_required = fields.Boolean(
        related="company_id.sales_handoff_authority_required", readonly=False)
    sales_handoff_budget_required = fields.Boolean(
        related="company_id.sales_handoff_budget_required", readonly=False)
    sales_handoff_timing_required = fields.Boolean(
        related="company_id.sales_handoff_timing_required", readonly=False)
    sales_handoff_remind_hours = fields.Float(
        related="company_id.sales_handoff_remind_hours", readonly=False)
    sales_handoff_second_hours = fields.Float(
        related="company_id.sales_handoff_second_hours", readonly=False)
    sales_handoff_second_user_id = fields.Many2one(
        related="company_id.sales_handoff_second_user_id", readonly=False)
