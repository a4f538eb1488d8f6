from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    care_forecast = fields.Boolean(related="company_id.care_forecast", readonly=False)
    care_horizon_days = fields.Integer(related="company_id.care_horizon_days", readonly=False)
    care_discount = fields.Float(related="company_id.care_discount", readonly=False)
    care_forecast_state = fields.Char("Forecast now", compute="_compute_care_forecast_state")

    def _compute_care_forecast_state(self):
        for settings in self:
            settings.care_forecast_state = (
                self.env["care.model"]._explain(settings.company_id))
