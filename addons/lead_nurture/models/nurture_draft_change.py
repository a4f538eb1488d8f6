from odoo import fields, models


class NurtureDraftChange(models.Model):
    """One change of a draft, with what it touched as it was before and as it is after, so that it
    can be undone and done again. Publishing the draft forgets its changes.
    """

    _name = "nurture.draft.change"
    _description = "Change of a draft"
    _order = "id desc"

    version_id = fields.Many2one(
        "nurture.scenario.version", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="version_id.company_id")
    name = fields.Char("Change", required=True, readonly=True)
    revision = fields.Integer(
        required=True, readonly=True, help="Counts the changes of the draft, undone ones as well."
    )
    is_undone = fields.Boolean("Undone", readonly=True)
    before = fields.Json(readonly=True)
    after = fields.Json(readonly=True)
