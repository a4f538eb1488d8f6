from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    care_complaint_complete = fields.Boolean(
        related="company_id.care_complaint_complete", readonly=False)
    care_bought_again_days = fields.Integer(
        related="company_id.care_bought_again_days", readonly=False)
    care_credit_user_id = fields.Many2one(
        related="company_id.care_credit_user_id", readonly=False)
    care_hourly_cost = fields.Monetary(
        related="company_id.care_hourly_cost", readonly=False)
    care_letter_elsewhere = fields.Text(
        related="company_id.care_letter_elsewhere", readonly=False)
