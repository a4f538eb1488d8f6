from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    care_grace_days = fields.Integer(related="company_id.care_grace_days", readonly=False)
    care_renewal_days = fields.Integer(related="company_id.care_renewal_days", readonly=False)
