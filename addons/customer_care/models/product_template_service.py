from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    care_warranty_months = fields.Integer(
        "Warranty", help="Months of warranty after delivery. 0: none is followed. Delivered goods "
        "keep the end of warranty they were delivered with.", groups="base.group_user")
    care_service_months = fields.Integer(
        "Service every", help="Months between two services of a delivered product. 0: none.",
        groups="base.group_user")
    care_service_product_id = fields.Many2one(
        "product.product", "Service to offer",
        help="What is offered when service is due or the warranty ends. Buying it counts as the "
        "service done and moves the next date.", groups="base.group_user")

    _care_months_positive = models.Constraint(
        "CHECK(care_warranty_months >= 0 AND care_service_months >= 0)",
        "Months of warranty and between services cannot be negative.")
