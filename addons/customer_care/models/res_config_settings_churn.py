from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Churn in the settings."""

    _inherit = "res.config.settings"

    care_lapse_mode = fields.Selection(related="company_id.care_lapse_mode", readonly=False)
    care_close_days = fields.Integer(related="company_id.care_close_days", readonly=False)
    care_history_months = fields.Integer(related="company_id.care_history_months", readonly=False)
