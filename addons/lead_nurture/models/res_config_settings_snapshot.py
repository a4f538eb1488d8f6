from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResConfigSettings(models.TransientModel):
    """When the score of a lead is frozen for backtests."""

    _inherit = "res.config.settings"

    nurture_snapshot_days = fields.Integer(
        "Freeze scores after", default=7, config_parameter="lead_nurture.snapshot_days"
    )

    @api.constrains("nurture_snapshot_days")
    def _check_nurture_snapshot_days(self):
        if any(not 0 <= settings.nurture_snapshot_days <= 365 for settings in self):
            raise ValidationError(
                self.env._("“Freeze scores after” must be from 0 to 365 days.")
            )
