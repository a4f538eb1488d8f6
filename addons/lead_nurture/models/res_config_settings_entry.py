from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .nurture_scenario_limit import LIMIT


class ResConfigSettings(models.TransientModel):
    """How many people new scenarios let in at once before they ask."""

    _inherit = "res.config.settings"

    nurture_entry_limit = fields.Integer(
        "People at once", default=LIMIT, config_parameter="lead_nurture.entry_limit"
    )

    @api.constrains("nurture_entry_limit")
    def _check_nurture_entry_limit(self):
        if any(settings.nurture_entry_limit < 0 for settings in self):
            raise ValidationError(self.env._("“People at once” cannot be negative."))
