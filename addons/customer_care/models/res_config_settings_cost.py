from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    care_refund_in = fields.Selection(related="company_id.care_refund_in", readonly=False)
    care_cost_close_days = fields.Integer(
        related="company_id.care_cost_close_days", readonly=False)
