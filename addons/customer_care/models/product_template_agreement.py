from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    care_agreement_months = fields.Integer(
        "Agreement for", help="Months for which one sale of this product is an agreement: on a "
        "confirmed order, a button makes it. 0: selling it makes no agreement.",
        groups="base.group_user")

    _care_agreement_months_positive = models.Constraint(
        "CHECK(care_agreement_months IS NULL OR care_agreement_months >= 0)",
        "The months of an agreement cannot be negative.")
