from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of the daily discipline."""

    _inherit = "res.config.settings"

    sales_next_action = fields.Boolean(related="company_id.sales_next_action", readonly=False)
    sales_nudge = fields.Selection(related="company_id.sales_nudge", readonly=False)
    sales_stale_contact_days = fields.Integer(
        related="company_id.sales_stale_contact_days", readonly=False)
    sales_stale_stage_age = fields.Boolean(
        related="company_id.sales_stale_stage_age", readonly=False)
    sales_stale_deadline = fields.Boolean(
        related="company_id.sales_stale_deadline", readonly=False)
    sales_stale_slips = fields.Integer(related="company_id.sales_stale_slips", readonly=False)
    sales_stale_escalation_days = fields.Integer(
        related="company_id.sales_stale_escalation_days", readonly=False)
    sales_health_watch = fields.Integer(related="company_id.sales_health_watch", readonly=False)
    sales_health_risk = fields.Integer(related="company_id.sales_health_risk", readonly=False)
