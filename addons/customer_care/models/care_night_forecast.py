from odoo import api, models


class CareNight(models.Model):
    _inherit = "care.night"

    @api.model
    def _night_steps(self):
        return super()._night_steps() | {
            "fit": {"label": self.env._("Forecast model"), "sequence": 30, "every": 7},
            "forecast": {"label": self.env._("Forecasts"), "sequence": 35, "fresh": True},
            "value": {"label": self.env._("LTV curve"), "sequence": 37},
        }

    def _night_fit(self, company, now, position):
        return self.env["care.model"]._fit_phase(company, now, position)

    def _night_forecast(self, company, now, position):
        return self.env["care.forecast"]._refresh_chunk(company, now, position)

    def _fresh_forecast(self, company, scope, now):
        self.env["care.forecast"]._refresh_scope(company, scope, now)

    def _night_value(self, company, now, position):
        return self.env["care.value.cohort"]._refresh_cohort(company, now, position)
