from odoo import fields, models


class CareDefinition(models.Model):
    """One version of what a company's figures mean: who changed what, and when.

    Figures that are kept (frozen months, model cards) carry the number of the version that they
    were counted by; a new version leaves them as they are. Version 1 has no row: it is what the
    company began with.
    """

    _name = "care.definition"
    _description = "Version of definitions"
    _order = "company_id, version desc"
    _rec_name = "version"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    version = fields.Integer(
        required=True, readonly=True, aggregator=None,
        help="Figures that are kept say by which version they were counted.")
    changed_at = fields.Datetime(
        "Since", required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", "Changed by", readonly=True)
    note = fields.Text("What changed", readonly=True)

    _company_version_uniq = models.Constraint(
        "UNIQUE(company_id, version)", "This version exists already.")
