from odoo import fields, models


class CareChoice(models.Model):
    """One kind or one severity that a case can have, as a row: a rule can name several of them.

    The rows are those of data/care_choice_data.xml; cases themselves keep the plain value.
    """

    _name = "care.choice"
    _description = "Kind or severity of cases"
    _order = "field, sequence, id"

    field = fields.Selection(
        [("kind", "Kind of case"), ("severity", "Severity")], required=True, readonly=True)
    value = fields.Char(required=True, readonly=True)
    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)

    _value_uniq = models.Constraint("UNIQUE(field, value)", "A value is there once.")
