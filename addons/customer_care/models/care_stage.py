from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: What a stage means; rules and figures ask for the kind, people name stages as they like.
KINDS = [
    ("new", "New"), ("open", "In work"), ("waiting", "Waiting for the customer"),
    ("resolved", "Resolved"), ("closed", "Closed"),
]
#: Kinds in which somebody still owes the customer something.
OPEN_KINDS = ("new", "open", "waiting")


class CareStage(models.Model):
    """One column of the case board: a step on the way from the first word to the end."""

    _name = "care.stage"
    _description = "Case stage"
    _inherit = "care.shared"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        KINDS, "Meaning", required=True, default="open",
        help="What the stage means to deadlines and figures: waiting stops the clock, resolved "
        "ends it, closed is the end of the file.")
    fold = fields.Boolean("Folded on the board")
    team_ids = fields.Many2many(
        "care.team", string="Teams", help="Teams that use this stage; none: all teams.")
    active = fields.Boolean(default=True)

    def write(self, vals):
        kinds = {stage: stage.kind for stage in self}
        result = super().write(vals)
        changed = self.filtered(lambda stage: kinds[stage] != stage.kind)
        if changed:
            changed._check_unused()
        return result

    def _check_unused(self):
        """A stage that cases stand in keeps its meaning: their stamps were made by it."""
        # Cases of any company and of any age count.
        cases = self.env["care.case"].sudo().with_context(active_test=False)
        if cases.search_count([("stage_id", "in", self.ids)], limit=1):
            raise ValidationError(self.env._(
                "Cases stand in this stage: its meaning cannot change. Make a new stage, and move "
                "the cases there."))

    @api.model
    def _first(self, kind: str, team):
        """The first stage of a kind that a team uses."""
        return self.search(
            [("kind", "=", kind), ("team_ids", "in", [False, *team.ids])], limit=1)
