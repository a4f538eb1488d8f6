from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    care_min_answers = fields.Integer(related="company_id.care_min_answers", readonly=False)
    care_follow_days = fields.Integer(related="company_id.care_follow_days", readonly=False)
    care_follow_rest_days = fields.Integer(
        related="company_id.care_follow_rest_days", readonly=False)
