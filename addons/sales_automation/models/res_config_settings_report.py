from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of reports."""

    _inherit = "res.config.settings"

    sales_report_hour = fields.Float(related="company_id.sales_report_hour", readonly=False)
    sales_report_reminder = fields.Boolean(
        related="company_id.sales_report_reminder", readonly=False)
    sales_report_reminder_hour = fields.Float(
        related="company_id.sales_report_reminder_hour", readonly=False)
