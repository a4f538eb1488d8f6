from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """When, and how often, scenarios may write to one person; kept per company."""

    _inherit = "res.config.settings"

    nurture_quiet_from = fields.Float(related="company_id.nurture_quiet_from", readonly=False)
    nurture_quiet_to = fields.Float(related="company_id.nurture_quiet_to", readonly=False)
    nurture_weekday_ids = fields.Many2many(
        related="company_id.nurture_weekday_ids", readonly=False
    )
    nurture_skip_holidays = fields.Boolean(
        related="company_id.nurture_skip_holidays", readonly=False
    )
    nurture_cap_mails = fields.Integer(related="company_id.nurture_cap_mails", readonly=False)
    nurture_cap_days = fields.Integer(related="company_id.nurture_cap_days", readonly=False)
    nurture_mail_rate = fields.Integer(related="company_id.nurture_mail_rate", readonly=False)
