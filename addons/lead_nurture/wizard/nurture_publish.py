from markupsafe import Markup
from odoo import Command, api, fields, models

ICONS = {
    "added": "fa-plus-circle",
    "removed": "fa-minus-circle",
    "changed": "fa-pencil",
    "arrow": "fa-share",
}


class NurturePublish(models.TransientModel):
    """Shows what a new version changes and who stands where, asks what becomes of these people,
    and does it."""

    _name = "nurture.publish"
    _description = "Publish a version while people are under way"

    scenario_id = fields.Many2one("nurture.scenario", required=True, readonly=True)
    company_id = fields.Many2one(related="scenario_id.company_id")
    from_id = fields.Many2one("nurture.scenario.version", required=True, readonly=True)
    to_id = fields.Many2one("nurture.scenario.version", required=True, readonly=True)
    from_number = fields.Integer("Older version", related="from_id.number")
    to_number = fields.Integer("New version", related="to_id.number")
    is_publishing = fields.Boolean(readonly=True)
    changes = fields.Html("What changes", readonly=True, sanitize=False)
    line_ids = fields.One2many("nurture.publish.line", "wizard_id", "Who stands where")
    people_count = fields.Integer(compute="_compute_counts")
    go_count = fields.Integer(compute="_compute_counts")
    stay_count = fields.Integer(compute="_compute_counts")
    leave_count = fields.Integer(compute="_compute_counts")
    has_waits = fields.Boolean(compute="_compute_counts")
    older_count = fields.Integer(
        readonly=True, help="They chose older versions before; nothing changes for them here."
    )

    @api.depends("line_ids.choice", "line_ids.target_id", "line_ids.people")
    def _compute_counts(self):
        for wizard in self:
            people = {"go": 0, "stay": 0, "leave": 0}
            for line in wizard.line_ids:
                people["leave" if line.is_ending else line._decision()[0]] += line.people
            wizard.has_waits = any(wizard.line_ids.mapped("waits"))
            wizard.go_count = people["go"]
            wizard.stay_count = people["stay"]
            wizard.leave_count = people["leave"]
            wizard.people_count = sum(people.values())

    # ------------------------------------------------------------
    # OPENING
    # ------------------------------------------------------------

    @api.model
    def _open(self, old, new):
        """The screen for people who travel `old` when `new` is there."""
        journeys = old._journey(), new._journey()
        standing = old._count_standing()
        wizard = self.create(
            {
                "scenario_id": new.scenario_id.id,
                "from_id": old.id,
                "to_id": new.id,
                "is_publishing": new.state == "draft",
                "changes": self._prepare_changes(new._changes_since(old)),
                "older_count": self._count_older(old, new),
                "line_ids": [
                    Command.create(self._prepare_line_vals(node, new, journeys, standing))
                    for node in old._by_uid().values()
                    if standing.get(node.id)
                ],
            }
        )
        return wizard._reopen()

    @api.model
    def _prepare_line_vals(self, node, new, journeys, standing):
        landing = new._landing(node, journeys)
        twin = new.node_ids.filtered(lambda n: n.uid == node.uid)
        texts = [f"{old} → {now}" for old, now in twin._differences(node)] if twin else []
        changed = bool(twin) and twin._acts_otherwise(node)
        pauses = self.env["nurture.node"]._node_kinds()[node.kind].get("pauses")
        return {
            "node_id": node.id,
            "people": standing[node.id],
            "change": ("changed" if changed else "same") if twin else "removed",
            "change_text": "; ".join(texts),
            "landing_id": new.node_ids.filtered(lambda n: n.uid == landing).id,
            "waits": bool(changed and pauses),
        }

    @api.model
    def _count_older(self, old, new):
        return self.env["nurture.enrolment"].search_count(
            [
                ("scenario_id", "=", new.scenario_id.id),
                ("is_open", "=", True),
                ("version_id", "not in", (old | new).ids),
            ]
        )

    @api.model
    def _prepare_changes(self, changes):
        """The list of changes, one line each: a sign, a word, the step, old → new."""
        _ = self.env._
        words = {
            "added": _("New step"),
            "removed": _("Removed"),
            "changed": _("Changed"),
            "arrow": _("Leads elsewhere"),
        }
        rows = Markup().join(
            Markup(
                '<li class="d-flex gap-2 py-1"><i class="fa fa-fw mt-1 %s" title="%s"></i>'
                "<span><strong>%s</strong> %s%s</span></li>"
            )
            % (
                ICONS[change["kind"]],
                words[change["kind"]],
                words[change["kind"]],
                change["name"],
                self._prepare_difference(change),
            )
            for change in changes
        )
        nothing = Markup("<p>%s</p>") % _("The steps are the same.")
        return Markup('<ul class="list-unstyled mb-0">%s</ul>') % rows if rows else nothing

    @api.model
    def _prepare_difference(self, change):
        if change["old"] and change["new"]:
            return Markup(
                ': <span class="text-muted">%s</span> '
                '<i class="fa fa-long-arrow-right" title="→"></i> %s'
            ) % (change["old"], change["new"])
        text = change["new"] or change["old"]
        return Markup(': <span class="text-muted">%s</span>') % text if text else Markup()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Publish version %s", self.to_number)
            if self.is_publishing
            else self.env._("People on version %s", self.from_number),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [[False, "form"]],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_all_go(self):
        self.line_ids.write({"choice": "on", "target_id": False})
        return self._reopen()

    def action_all_stay(self):
        self.line_ids.write({"choice": "stay", "target_id": False})
        return self._reopen()

    def action_apply(self):
        """Publish if it is not published yet, and have the people dealt with as chosen."""
        self.ensure_one()
        self.scenario_id.check_access("write")
        self.line_ids._check_choice()
        choices = {line.node_id.uid: line._decision() for line in self.line_ids}
        effect = self._effect_text()
        if self.is_publishing:
            self.scenario_id._check_can_run()
            self.to_id._set_published()
        # sudo: plans are rows of the engine; the right to publish was checked above
        self.env["nurture.version.plan"].sudo()._decide(self.from_id, self.to_id, choices)
        if self.is_publishing:
            self.scenario_id._tell_published(effect)
        return {"type": "ir.actions.act_window_close"}

    def _effect_text(self):
        return self.env._(
            "Of %(people)s people under way, %(go)s go on in it, %(stay)s stay on version %(old)s, "
            "%(leave)s end or leave.",
            people=self.people_count, go=self.go_count, stay=self.stay_count,
            leave=self.leave_count, old=self.from_number,
        )  # fmt: skip
