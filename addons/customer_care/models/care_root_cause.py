from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CareRootCause(models.Model):
    """Why complaints come about, as a tree: "Production / Material"."""

    _name = "care.root.cause"
    _description = "Root cause"
    _inherit = "care.shared.or.own"
    _parent_store = True
    _rec_name = "complete_name"
    _order = "complete_name, id"

    name = fields.Char(required=True, translate=True)
    complete_name = fields.Char(
        "Root cause", compute="_compute_complete_name", recursive=True, store=True)
    parent_id = fields.Many2one("care.root.cause", "Within", index=True, ondelete="restrict")
    parent_path = fields.Char(index=True)
    active = fields.Boolean(default=True)
    description = fields.Char(
        translate=True, help="What belongs here, so that everybody tells the same.")

    @api.constrains("parent_id")
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A root cause cannot lie within itself."))

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for cause in self:
            parent = cause.parent_id.complete_name
            cause.complete_name = f"{parent} / {cause.name}" if parent else cause.name
