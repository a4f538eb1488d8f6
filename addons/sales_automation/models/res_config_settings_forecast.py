from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of forecast and snapshots."""

    _inherit = "res.config.settings"

    sales_forecast_period = fields.Selection(
        related="company_id.sales_forecast_period", readonly=False)
    sales_snapshot_weekday = fields.Selection(
        related="company_id.sales_snapshot_weekday", readonly=False)
    sales_rate_policy = fields.Selection(related="company_id.sales_rate_policy", readonly=False)
    sales_snapshot_failure = fields.Char(related="company_id.sales_snapshot_failure")
