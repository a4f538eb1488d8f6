from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    care_affinity_level = fields.Selection(related="company_id.care_affinity_level", readonly=False)
    care_affinity_months = fields.Integer(
        related="company_id.care_affinity_months", readonly=False)
    care_affinity_days = fields.Integer(related="company_id.care_affinity_days", readonly=False)
    care_affinity_customers = fields.Integer(
        related="company_id.care_affinity_customers", readonly=False)
    care_affinity_lift = fields.Float(related="company_id.care_affinity_lift", readonly=False)
    care_affinity_pairs = fields.Integer(related="company_id.care_affinity_pairs", readonly=False)
    care_proposals = fields.Boolean(related="company_id.care_proposals", readonly=False)
    care_proposals_each = fields.Integer(related="company_id.care_proposals_each", readonly=False)
    care_proposals_quiet_days = fields.Integer(
        related="company_id.care_proposals_quiet_days", readonly=False)
