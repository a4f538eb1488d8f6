from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import journey
from odoo.exceptions import UserError


class NurtureScenarioVersion(models.Model):
    """One edition of a scenario's steps. Once published it never changes, because people
    travel it; a change is made in a draft, which becomes the next version.
    """

    _name = "nurture.scenario.version"
    _description = "Nurture scenario version"
    _order = "scenario_id, number desc"
    _rec_name = "number"

    scenario_id = fields.Many2one("nurture.scenario", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="scenario_id.company_id", store=True, index=True)
    number = fields.Integer(required=True, readonly=True)
    state = fields.Selection(
        [("draft", "Draft"), ("published", "Published"), ("retired", "Retired")],
        default="draft",
        required=True,
        readonly=True,
    )
    published_at = fields.Datetime(readonly=True)
    published_uid = fields.Many2one("res.users", "Published by", readonly=True)
    node_ids = fields.One2many("nurture.node", "version_id", "Steps")
    edge_ids = fields.One2many("nurture.edge", "version_id", "Arrows")

    _number_uniq = models.UniqueIndex(
        "(scenario_id, number)", "This version of the scenario exists already."
    )

    @api.depends("scenario_id.name", "number")
    def _compute_display_name(self):
        for version in self:
            version.display_name = f"{version.scenario_id.name} v{version.number}"

    @api.model_create_multi
    def create(self, vals_list):
        versions = super().create(vals_list)
        for version in versions:
            version.scenario_id.draft_id = version
        return versions

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        if any(version.state != "draft" for version in self):
            raise UserError(self.env._("A published version is history and cannot be deleted."))

    def unlink(self):
        """Steps go with their mails, which the database alone would leave half behind."""
        self._check_editable()
        self.node_ids.unlink()
        return super().unlink()

    # ------------------------------------------------------------
    # STATE
    # ------------------------------------------------------------

    def _set_published(self):
        self.ensure_one()
        self.scenario_id._check_nobody_moves()
        self._check_steps()
        self.node_ids._freeze_mailings()
        self.scenario_id.version_id.filtered(lambda v: v != self)._set_retired()
        self.write(
            {
                "state": "published",
                "published_at": fields.Datetime.now(),
                "published_uid": self.env.uid,
            }
        )
        self.scenario_id.write({"version_id": self.id, "draft_id": False})

    def _set_retired(self):
        self.write({"state": "retired"})

    def _check_editable(self):
        if any(version.state != "draft" for version in self):
            raise UserError(
                self.env._(
                    "People travel this version. Choose “Edit steps” to change a copy of it."
                )
            )

    # ------------------------------------------------------------
    # GRAPH
    # ------------------------------------------------------------

    def _start_node(self):
        """Everybody enters at the first step of the list."""
        return self.node_ids.sorted(lambda node: (node.sequence, node.id))[:1]

    def _journey(self):
        """The steps as a value for the engine."""
        kinds = self.env["nurture.node"]._node_kinds()
        steps = tuple(
            journey.Step(node.uid, tuple(node._exits()), kinds[node.kind].get("pauses", False))
            for node in self.node_ids.sorted(lambda node: (node.sequence, node.id))
        )
        moves = tuple(
            journey.Move(edge.from_id.uid, edge.label, edge.to_id.uid) for edge in self.edge_ids
        )
        return journey.Journey(self._start_node().uid or "", steps, moves)

    def _problems(self):
        """[(node, sentence)]: why the steps may not be published. An empty node is the whole."""
        nodes = {node.uid: node for node in self.node_ids}
        empty = self.env["nurture.node"]
        found = [
            (nodes.get(problem.uid, empty), self._explain_problem(problem, nodes))
            for problem in journey.problems(self._journey())
        ]
        return found + [
            (node, sentence) for node in self.node_ids if (sentence := node._config_problem())
        ]

    def _explain_problem(self, problem, nodes):
        node = nodes.get(problem.uid)
        name = node.name if node else ""
        exit_name = (node or self.env["nurture.node"])._exit_name(problem.label)
        _ = self.env._
        return {
            "empty": _("Add at least one step."),
            "no_start": _("The first step is missing."),
            "no_end": _("No path ends: add a step “Leave the scenario”."),
            "missing_exit": _("“%(step)s” does not say where “%(exit)s” leads.", step=name,
                              exit=exit_name),
            "double_exit": _("“%(step)s” leads to two places by “%(exit)s”.", step=name,
                             exit=exit_name),
            "odd_exit": _("“%(step)s” cannot be left by “%(exit)s”.", step=name, exit=exit_name),
            "lost_exit": _("“%s” leads to a step that was removed.", name),
            "unreachable": _("No path leads to “%s”.", name),
            "loop": _("The loop through “%s” needs a wait, or it would spin for ever.", name),
        }[problem.code]

    def _check_steps(self):
        sentences = [sentence for _node, sentence in self._problems()]
        if sentences:
            raise UserError("\n".join(sentences))

    # ------------------------------------------------------------
    # DRAFTS
    # ------------------------------------------------------------

    def _prepare_draft(self):
        """A copy of this version to edit; steps keep their uid, so that history stays joined."""
        self.ensure_one()
        last = max(self.scenario_id.version_ids.mapped("number"), default=0)
        draft = self.create({"scenario_id": self.scenario_id.id, "number": last + 1})
        self._copy_steps_to(draft)
        return draft

    def _copy_steps_to(self, draft):
        twins = {}
        for node in self.node_ids:
            twins[node] = node.copy({"version_id": draft.id, "uid": node.uid})
        self.env["nurture.edge"].create(
            [
                {
                    "version_id": draft.id,
                    "from_id": twins[edge.from_id].id,
                    "label": edge.label,
                    "to_id": twins[edge.to_id].id,
                }
                for edge in self.edge_ids
            ]
        )
