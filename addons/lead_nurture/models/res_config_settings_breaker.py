from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResConfigSettings(models.TransientModel):
    """When a step that fails is paused by itself."""

    _inherit = "res.config.settings"

    nurture_breaker_percent = fields.Float(
        "Tries that may fail",
        digits=(5, 1),
        default=20.0,
        config_parameter="lead_nurture.breaker_percent",
    )
    nurture_breaker_tries = fields.Integer(
        "Tries before a step is judged",
        default=20,
        config_parameter="lead_nurture.breaker_tries",
    )

    @api.constrains("nurture_breaker_percent", "nurture_breaker_tries")
    def _check_nurture_breaker(self):
        for settings in self:
            if not 0 < settings.nurture_breaker_percent <= 100:
                raise ValidationError(
                    self.env._("The share of tries that may fail is between 1 and 100 %.")
                )
            if not 1 <= settings.nurture_breaker_tries <= 100_000:
                raise ValidationError(
                    self.env._("A step is judged after 1 to 100,000 tries.")
                )
