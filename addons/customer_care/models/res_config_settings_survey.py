from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    care_survey_cooling_days = fields.Integer(
        related="company_id.care_survey_cooling_days", readonly=False)
    care_survey_from = fields.Char(related="company_id.care_survey_from", readonly=False)
    care_survey_hour_from = fields.Float(
        related="company_id.care_survey_hour_from", readonly=False)
    care_survey_hour_until = fields.Float(
        related="company_id.care_survey_hour_until", readonly=False)
