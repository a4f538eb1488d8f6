from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Cases in the settings."""

    _inherit = "res.config.settings"

    care_fcr_days = fields.Integer(related="company_id.care_fcr_days", readonly=False)
    care_fcr_handover = fields.Boolean(related="company_id.care_fcr_handover", readonly=False)
    care_autoclose_days = fields.Integer(
        related="company_id.care_autoclose_days", readonly=False)
    care_reopen_days = fields.Integer(related="company_id.care_reopen_days", readonly=False)
    care_thanks_words = fields.Text(related="company_id.care_thanks_words", readonly=False)
    care_matter_words = fields.Text(related="company_id.care_matter_words", readonly=False)
