from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    care_health_base = fields.Integer(related="company_id.care_health_base", readonly=False)
    care_health_good = fields.Integer(related="company_id.care_health_good", readonly=False)
    care_health_risk = fields.Integer(related="company_id.care_health_risk", readonly=False)
