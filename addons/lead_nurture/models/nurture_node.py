from uuid import uuid4

from odoo import Command, api, fields, models
from odoo.addons.lead_nurture.engine.outcome import Outcome

# of kinds, in the order of the palette
GROUPS = ("message", "time", "decision", "action", "end")


class NurtureNode(models.Model):
    """One step of one version of a scenario, with its settings.

    `uid` names the same step in every version. Each kind of step has its own file: an entry in
    `_node_kinds`, the fields of its settings, and methods that are found by their name, see there.
    """

    _name = "nurture.node"
    _description = "Nurture step"
    _order = "version_id, sequence, id"

    name = fields.Char(required=True, translate=True)
    version_id = fields.Many2one(
        "nurture.scenario.version", required=True, index=True, ondelete="cascade"
    )
    scenario_id = fields.Many2one(related="version_id.scenario_id", store=True, index=True)
    company_id = fields.Many2one(related="version_id.company_id")
    version_state = fields.Selection(related="version_id.state", string="Version status")
    uid = fields.Char(
        "Step key", required=True, readonly=True, copy=False, default=lambda self: uuid4().hex[:12]
    )
    sequence = fields.Integer(default=10, help="Everybody enters at the first step of the list.")
    kind = fields.Selection(selection="_selection_kind", required=True, default="mail")

    edge_ids = fields.One2many("nurture.edge", "from_id")

    _uid_uniq = models.UniqueIndex("(version_id, uid)", "This step exists already.")

    @api.model
    def _node_kinds(self):
        """{kind: spec}; the file of a kind adds its entry.

        spec: `label`, `help` (one line in the palette), `icon`, `group` (message, time, decision,
        action or end), `exits` (labels of the arrows that leave it), `pauses` (time passes here)
        and `alone` (people are done one after the other, because a second try of a group would
        repeat it) and `offered` (False: not to be chosen, the module it needs is missing). Found
        by name for a kind:

        * `_run_node_<kind>(enrolments, now)` → {enrolment: Outcome}: what the step does.
        * `_release_node_<kind>(enrolments, now)` → the same, when the time of a wait is up.
        * `_exits_node_<kind>()` → labels, where they depend on the settings of the step.
        * `_exit_text_node_<kind>(label)`: what an arrow says in the picture.
        * `_summary_node_<kind>()`: one line on the card: what exactly it does.
        * `_problem_node_<kind>()`: a sentence why it cannot work as it is set up, or False.
        """
        return {
            "exit": {
                "label": self.env._("Leave the scenario"),
                "help": self.env._(
                    "The journey ends here."
                ),
                "icon": "fa-sign-out",
                "group": "end",
                "exits": (),
            },
        }

    @api.model
    def _selection_kind(self):
        kinds = self._node_kinds()
        offered = [kind for kind, spec in kinds.items() if spec.get("offered", True)]
        in_order = sorted(offered, key=lambda kind: GROUPS.index(kinds[kind]["group"]))
        return [(kind, kinds[kind]["label"]) for kind in in_order]

    def _of_kind(self, prefix, *arguments, default=False):
        """Ask the method `<prefix>_<kind>` of this step, if its kind has one."""
        self.ensure_one()
        method = getattr(self, f"{prefix}_{self.kind}", None)
        return method(*arguments) if method else default

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Settings can be changed in a draft only; said here once for the fields of all kinds."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form":
            for field in arch.xpath("//field[not(ancestor::field) and not(@readonly)]"):
                field.set("readonly", "version_state not in ('draft', False)")
        return arch, view

    # ------------------------------------------------------------
    # ARROWS
    # ------------------------------------------------------------

    def _set_exit_to(self, label, target):
        """Who leaves by `label` stands at `target` next; without a target the exit is open."""
        self.ensure_one()
        edge = self.edge_ids.filtered(lambda e: e.label == label)
        if target and edge:
            edge.to_id = target
        elif target:
            self.edge_ids = [
                Command.create(
                    {"version_id": self.version_id.id, "label": label, "to_id": target.id}
                )
            ]
        else:
            edge.unlink()

    def _target(self, label):
        """The step where `label` leads, if anywhere."""
        self.ensure_one()
        return self.edge_ids.filtered(lambda edge: edge.label == label).to_id

    # ------------------------------------------------------------
    # ORM
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        nodes = super().create(vals_list)
        nodes.version_id._check_editable()
        nodes._ensure_mailings()
        nodes._drop_odd_exits()
        return nodes

    def write(self, vals):
        self.version_id._check_editable()
        result = super().write(vals)
        if "kind" in vals:
            self._ensure_mailings()
            self._drop_odd_exits()
        return result

    def unlink(self):
        self.version_id._check_editable()
        self.mailing_id.unlink()  # first: with the step the database would take the row alone
        return super().unlink()

    def copy(self, default=None):
        copies = super().copy(default)
        for old, new in zip(self, copies, strict=True):
            if old.mailing_id:
                # sudo: the placeholders were checked when they were written
                new.mailing_id = old.mailing_id.sudo().copy(new._prepare_mailing_vals()).id
        return copies

    def _drop_odd_exits(self):
        """Arrows of the kind that the step was before must not stay behind unseen."""
        for node in self:
            node.edge_ids.filtered(lambda e, n=node: e.label not in n._exits()).unlink()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_mail(self):
        """The designer of core, on the mail of this step."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "mailing.mailing",
            "res_id": self.mailing_id.id,
            "view_mode": "form",
            "context": {"active_test": False},
        }

    def action_view_standing(self):
        """The people who stand at this step now, on whichever version."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_nurture.nurture_enrolment_action"
        )
        return {
            **action,
            "domain": [
                ("scenario_id", "in", self.scenario_id.ids),
                ("node_id.uid", "in", self.mapped("uid")),
                ("is_open", "=", True),
            ],
        }

    def _run(self, enrolments, now):
        """{enrolment: Outcome} of this step for these people."""
        return getattr(self, f"_run_node_{self.kind}")(enrolments, now)

    def _run_node_exit(self, enrolments, now):
        return dict.fromkeys(enrolments, Outcome.end_with("finished"))

    # ------------------------------------------------------------
    # WHAT IT SAYS
    # ------------------------------------------------------------

    def _exits(self):
        """The labels of the arrows that leave this step, in reading order."""
        return self._of_kind("_exits_node", default=self._node_kinds()[self.kind]["exits"])

    def _exit_text(self, label):
        """What an arrow says in the picture; nothing where there is only one way on."""
        return self._of_kind("_exit_text_node", label, default="")

    def _exit_name(self, label):
        """The words for an exit, also where the picture needs none."""
        _ = self.env._
        common = {
            "next": _("Next"),
            "yes": _("Yes"),
            "no": _("No"),
            "timeout": _("Time is up"),
            "end": _("Left the scenario"),
        }
        text = self._exit_text(label) if self and label in self._exits() else ""
        return text or common.get(label, label or "")

    def _summary_text(self):
        return self._of_kind("_summary_node", default="")

    def _config_problem(self):
        return self._of_kind("_problem_node")
