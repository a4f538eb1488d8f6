from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    care_alert_days = fields.Integer(related="company_id.care_alert_days", readonly=False)
    care_alert_least = fields.Integer(related="company_id.care_alert_least", readonly=False)
    care_alert_pause = fields.Boolean(related="company_id.care_alert_pause", readonly=False)
    care_alert_owner_id = fields.Many2one(
        related="company_id.care_alert_owner_id", readonly=False)
    care_alert_user_ids = fields.Many2many(
        related="company_id.care_alert_user_ids", readonly=False)
    care_alert_purchasing = fields.Boolean(
        related="company_id.care_alert_purchasing", readonly=False)
