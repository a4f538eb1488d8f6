from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    care_reminder_limit_days = fields.Integer(
        related="company_id.care_reminder_limit_days", readonly=False)
    care_reminder_hour = fields.Float(related="company_id.care_reminder_hour", readonly=False)
    care_reminder_weekend = fields.Boolean(
        related="company_id.care_reminder_weekend", readonly=False)
    care_reminder_from = fields.Char(related="company_id.care_reminder_from", readonly=False)
    care_reminder_window_days = fields.Integer(
        related="company_id.care_reminder_window_days", readonly=False)
