from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class NurturePublishLine(models.TransientModel):
    """The people at one step of the older version, and what becomes of them."""

    _name = "nurture.publish.line"
    _description = "People at one step"

    wizard_id = fields.Many2one("nurture.publish", required=True, ondelete="cascade")
    to_id = fields.Many2one(related="wizard_id.to_id")
    node_id = fields.Many2one("nurture.node", "Step", required=True, readonly=True)
    people = fields.Integer(readonly=True)
    change = fields.Selection(
        [("same", "Same"), ("changed", "Changed"), ("removed", "Removed")],
        "This step",
        required=True,
        readonly=True,
    )
    change_text = fields.Char("What changes", readonly=True)
    landing_id = fields.Many2one("nurture.node", readonly=True)
    choice = fields.Selection(
        [
            ("on", "Go on in the new one"),
            ("stay", "Stay on the older one"),
            ("step", "Move to a step"),
            ("leave", "Leave"),
        ],
        "What they do",
        required=True,
        default="on",
    )
    target_id = fields.Many2one(
        "nurture.node", "Move to", domain="[('version_id', '=', to_id)]",
        help="A step of the new version. Who had this step before passes it.",
    )  # fmt: skip
    waits = fields.Boolean(readonly=True)
    timing = fields.Selection(
        selection=lambda self: self.env["nurture.version.move"]._selection_timing(),
        string="Their dates",
        default="ahead",
        required=True,
        help="The wait has changed. Reckoned anew means: from the moment when each person arrived "
        "at the step.",
    )
    had = fields.Integer("Had it before", compute="_compute_effect")
    effect = fields.Char("What happens", compute="_compute_effect")
    is_ending = fields.Boolean(compute="_compute_effect", help="Their journeys end.")

    @api.constrains("choice", "target_id")
    def _check_target(self):
        for line in self.filtered(lambda item: item.target_id and item.choice == "step"):
            if line.target_id.version_id != line.to_id:
                raise ValidationError(
                    self.env._("“%s” is no step of the new version.", line.target_id.name)
                )

    def _check_choice(self):
        for line in self.filtered(lambda item: item.choice == "step" and not item.target_id):
            raise ValidationError(
                self.env._(
                    "Choose the step to which the people at “%s” move.", line.node_id.name
                )
            )

    @api.depends("choice", "target_id", "people")
    def _compute_effect(self):
        for line in self:
            action, uid, _timing = line._decision()
            target = line.to_id.node_ids.filtered(lambda n, key=uid: n.uid == key)
            elsewhere = action == "go" and uid != line.node_id.uid
            line.had = line._count_had(uid) if elsewhere and target._exits() else 0
            line.effect = line._effect_text(action, target)
            line.is_ending = action == "leave" or bool(target and not target._exits())

    def _decision(self):
        """(action, uid of the step, timing) for the plan."""
        target = self.target_id if self.choice == "step" else self.landing_id
        if self.choice in ("stay", "leave"):
            return self.choice, "", self.timing
        if not target:
            return ("leave" if self.choice == "on" else "stay"), "", self.timing
        return "go", target.uid, self.timing

    def _effect_text(self, action, target):
        _ = self.env._
        if self.choice == "step" and not self.target_id:
            return _("Choose the step.")
        if action == "stay":
            return _("%s finish the steps as they are now.", self.people)
        if action == "leave":
            return _("%s leave the scenario now.", self.people)
        if target.uid == self.node_id.uid:
            return _("%s go on here.", self.people)
        if not target._exits():
            return _(
                "%(moved)s journeys end: they go to “%(step)s”.",
                moved=self.people, step=target.name,
            )  # fmt: skip
        if self.had:
            return _(
                "%(moved)s go to “%(step)s”; %(had)s of them had it before and pass it.",
                moved=self.people, step=target.name, had=self.had,
            )  # fmt: skip
        return _("%(moved)s go to “%(step)s”.", moved=self.people, step=target.name)

    def _count_had(self, uid):
        """How many of the people at this step have had step `uid`."""
        return self.env.execute_query(self._query_count_had(uid))[0][0]

    def _query_count_had(self, uid):
        # indexes nurture_enrolment_node_idx, nurture_step_log_visit_uniq
        return SQL(
            """SELECT COUNT(*) FROM nurture_enrolment e
                WHERE e.node_id = %s AND e.state IN ('active', 'waiting', 'parked')
                  AND EXISTS (SELECT 1 FROM nurture_step_log l
                               WHERE l.enrolment_id = e.id AND l.node_uid = %s
                                 AND l.label <> 'moved')""",
            self.node_id.id,
            uid,
        )
