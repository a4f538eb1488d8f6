from odoo import api, fields, models


class NurtureScoreGroup(models.Model):
    """One row: rules of one score model that belong together and share a cap."""

    _name = "nurture.score.group"
    _inherit = "nurture.shared"
    _description = "Group of score rules"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    model_id = fields.Many2one(
        "nurture.score.model", "Score model", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="model_id.company_id", store=True)
    kind = fields.Selection(
        [("fit", "Fit: who they are"), ("engagement", "Interest: what they do")],
        required=True,
        default="engagement",
        help="Fit makes the grade A to D; fit and interest together make the score.",
    )
    cap = fields.Integer(
        "At most", help="Points that the rules of this group give together at most. 0: no limit."
    )
    rule_ids = fields.One2many("nurture.score.rule", "group_id", "Rules", copy=True)

    _cap_positive = models.Constraint("CHECK (cap >= 0)", "“At most” must not be negative.")

    @api.constrains("cap")
    def _check_cap(self):
        self.model_id._check_caps()

    @api.model_create_multi
    def create(self, vals_list):
        groups = super().create(vals_list)
        groups.model_id._request_pass(silent=True)
        return groups

    def write(self, vals):
        before = self.model_id
        result = super().write(vals)
        if vals.keys() & {"cap", "kind", "model_id"}:
            (before | self.model_id)._request_pass(silent=True)
            self.rule_ids._check_source()
        return result

    def unlink(self):
        scoring_models = self.model_id
        result = super().unlink()
        scoring_models._request_pass(silent=True)
        return result

    def _prepare_board(self, given):
        """The group and its rules for the form; `given` is {rule id: (people, average)}."""
        self.ensure_one()
        kind = dict(self._fields["kind"]._description_selection(self.env))[self.kind]
        told = kind.casefold().startswith(self.name.casefold())
        return {
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "kind_label": "" if told else kind,
            "cap": self.cap,
            "rules": [
                {
                    "id": rule.id,
                    "name": rule.name,
                    "points": rule.points,
                    "summary": rule.summary,
                    "active": rule.active,
                    "given": given.get(rule.id, False),
                }
                for rule in self.rule_ids
            ],
        }
