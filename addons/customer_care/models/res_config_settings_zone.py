from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    care_tz = fields.Selection(related="company_id.care_tz", readonly=False)
    care_zone = fields.Char(compute="_compute_care_zone")

    def _compute_care_zone(self):
        for settings in self:
            settings.care_zone = settings.company_id._care_zone()
