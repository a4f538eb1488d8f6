from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CareCategory(models.Model):
    """What cases are about, as a tree: "Delivery / Late"."""

    _name = "care.category"
    _description = "Case category"
    _inherit = "care.shared.or.own"
    _parent_store = True
    _parent_name = "parent_id"
    _rec_name = "complete_name"
    _order = "complete_name, id"

    name = fields.Char(required=True, translate=True)
    complete_name = fields.Char(
        compute="_compute_complete_name", recursive=True, store=True)
    parent_id = fields.Many2one("care.category", "Within", index=True, ondelete="restrict")
    parent_path = fields.Char(index=True)
    team_id = fields.Many2one(
        "care.team", "Team", help="Cases of this category go to this team when they are opened.")
    active = fields.Boolean(default=True)

    @api.constrains("parent_id")
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A category cannot lie within itself."))

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for category in self:
            parent = category.parent_id.complete_name
            category.complete_name = f"{parent} / {category.name}" if parent else category.name
