from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    care_lapse_days = fields.Integer(related="company_id.care_lapse_days", readonly=False)
    care_pool_weight = fields.Float(related="company_id.care_pool_weight", readonly=False)
    care_pool_gap = fields.Float(related="company_id.care_pool_gap")
    care_onboarding = fields.Boolean(related="company_id.care_onboarding", readonly=False)
    care_onboarding_days = fields.Integer(
        related="company_id.care_onboarding_days", readonly=False)
