from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    care_revenue_source = fields.Selection(
        related="company_id.care_revenue_source", readonly=False)
    care_pos = fields.Boolean(related="company_id.care_pos", readonly=False)
    care_value_basis = fields.Selection(related="company_id.care_value_basis", readonly=False)
    care_definition = fields.Integer(related="company_id.care_definition")
    care_has_pos = fields.Boolean(compute="_compute_care_has")
    care_knows_margin = fields.Boolean(compute="_compute_care_has")

    def _compute_care_has(self):
        purchases = self.env["care.purchases"]
        self.care_has_pos = purchases._has_pos()
        self.care_knows_margin = purchases._knows_margin()
