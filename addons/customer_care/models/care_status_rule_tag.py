from odoo import api, fields, models


class CareStatusRule(models.Model):
    _inherit = "care.status.rule"

    category_id = fields.Many2one(
        "res.partner.category", "Contact tag", ondelete="restrict",
        help="Customers in this line's status carry this tag, kept in step every night. A tag "
        "that somebody set by hand is never taken away.")

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        if rules.category_id:
            self.env["care.night"]._wake("tags")
        return rules

    def write(self, vals):
        result = super().write(vals)
        if "category_id" in vals or ("active" in vals and self.category_id):
            self.env["care.night"]._wake("tags")
        return result
