from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """How much sales is told at once, and when its answer is due."""

    _inherit = "res.config.settings"

    nurture_alert_cap = fields.Integer(
        "Alerts per person and hour", default=20, config_parameter="lead_nurture.alert_cap"
    )
    nurture_handover_hours = fields.Integer(
        "Answer to a hand-over", default=24, config_parameter="lead_nurture.handover_hours"
    )
