from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of the Nurture app, kept as system parameters."""

    _inherit = "res.config.settings"

    nurture_prefetch_seconds = fields.Integer(
        "Prefetch window",
        default=10,
        config_parameter="lead_nurture.prefetch_seconds",
    )
    nurture_inbox_days = fields.Integer(
        "Keep unreadable hits",
        default=30,
        config_parameter="lead_nurture.inbox_days",
    )
    nurture_agent_days = fields.Integer(
        "Keep programs and networks",
        default=90,
        config_parameter="lead_nurture.agent_days",
    )
    nurture_backtest_days = fields.Integer(
        "Keep leads of backtests",
        default=90,
        config_parameter="lead_nurture.backtest_days",
    )
    nurture_event_days = fields.Integer(
        "Keep events",
        default=395,
        config_parameter="lead_nurture.event_days",
    )
