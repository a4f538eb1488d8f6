from odoo import fields, models


class CareCase(models.Model):
    _inherit = "care.case"

    feedback_ids = fields.One2many(
        "care.feedback", "case_id", "Answers", help="What the customer answered about this case.")
