from uuid import uuid4

from odoo import Command, api, fields, models
from odoo.addons.lead_nurture.engine import cadence

UNITS = [("minutes", "minutes"), ("hours", "hours"), ("days", "days"), ("weeks", "weeks")]


class NurtureNode(models.Model):
    """One step of one version of a scenario, with its settings.

    `uid` names the same step in every version. What a kind of step does lives in
    `_run_node_<kind>`, in the file of its subject.
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

    # waits
    delay_count = fields.Integer("Wait", default=1)
    delay_unit = fields.Selection(UNITS, default="days")

    # wait for an event, or branch on one
    event_kind = fields.Selection(
        selection="_selection_event_kind",
        string="Event",
        default="mail_click",
        help="Only what a human did counts; hits of mail gateways and scanners never do.",
    )
    event_scope = fields.Selection(
        [("scenario", "On the mails of this scenario"), ("any", "Anywhere")],
        "Where",
        default="scenario",
        required=True,
    )
    event_since = fields.Selection(
        [("step", "This step began"), ("entry", "The person entered")],
        "Counted since",
        default="step",
        required=True,
        help="A branch always counts from the moment the person entered the scenario.",
    )

    # branches
    condition = fields.Selection(
        [
            ("event", "The event happened"),
            ("domain", "The lead matches conditions"),
            ("band", "The score is in a band"),
        ],
        default="event",
    )
    domain = fields.Char("Conditions", default="[]")
    band = fields.Selection([("warm", "Warm or hotter"), ("hot", "Hot")], default="hot")

    # mails
    mailing_id = fields.Many2one(
        "mailing.mailing", "Mail", copy=False, ondelete="set null", index="btree_not_null"
    )
    mail_subject = fields.Char(related="mailing_id.subject", readonly=False, string="Subject")

    # activities, alerts and the hand-over
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        "Activity",
        domain="['|', ('res_model', '=', False), ('res_model', '=', 'crm.lead')]",
    )
    summary = fields.Char(translate=True)
    user_id = fields.Many2one(
        "res.users",
        "Person in charge",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Empty: the salesperson of the lead, else the leader of its team, "
        "else the owner of the scenario.",
    )
    team_id = fields.Many2one(
        "crm.team",
        "Sales team",
        help="Empty: the lead keeps its team. Without a salesperson, the team's own assignment "
        "or routing gives the opportunity to somebody.",
    )
    lead_priority = fields.Selection(
        [("0", "Low"), ("1", "Medium"), ("2", "High"), ("3", "Very high")],
        "Priority",
        default="2",
    )

    # arrows, edited as fields of the step
    edge_ids = fields.One2many("nurture.edge", "from_id")
    next_id = fields.Many2one(
        "nurture.node", "Then", compute="_compute_exits", inverse="_inverse_next_id"
    )
    yes_id = fields.Many2one(
        "nurture.node", "If yes", compute="_compute_exits", inverse="_inverse_yes_id"
    )
    no_id = fields.Many2one(
        "nurture.node", "If no", compute="_compute_exits", inverse="_inverse_no_id"
    )
    timeout_id = fields.Many2one(
        "nurture.node", "When time is up", compute="_compute_exits", inverse="_inverse_timeout_id"
    )

    # numbers
    passed_count = fields.Integer("Passed", compute="_compute_people")
    standing_count = fields.Integer("Here now", compute="_compute_people")

    _uid_uniq = models.UniqueIndex("(version_id, uid)", "This step exists already.")
    _delay_positive = models.Constraint(
        "CHECK(delay_count >= 0 AND delay_count <= 100000)",
        "A wait is between 0 and 100,000 units long.",
    )

    @api.model
    def _node_kinds(self):
        """{kind: label, icon, exits, pauses?}. A kind needs a method `_run_node_<kind>`; one
        that pauses may have `_release_node_<kind>` for the moment when its time is up."""
        _ = self.env._
        return {
            "mail": {"label": _("Send a mail"), "icon": "fa-envelope-o", "exits": ("next",)},
            "wait": {
                "label": _("Wait"),
                "icon": "fa-clock-o",
                "exits": ("next",),
                "pauses": True,
            },
            "wait_event": {
                "label": _("Wait for an event"),
                "icon": "fa-hourglass-half",
                "exits": ("yes", "timeout"),
                "pauses": True,
            },
            "branch": {"label": _("Branch"), "icon": "fa-code-fork", "exits": ("yes", "no")},
            "activity": {
                "label": _("Plan an activity"),
                "icon": "fa-phone",
                "exits": ("next",),
            },
            "alert": {"label": _("Alert somebody"), "icon": "fa-bell-o", "exits": ("next",)},
            "handover": {
                "label": _("Hand over to sales"),
                "icon": "fa-handshake-o",
                "exits": ("next",),
            },
            "exit": {"label": _("Leave the scenario"), "icon": "fa-sign-out", "exits": ()},
        }

    @api.model
    def _selection_kind(self):
        return [(kind, spec["label"]) for kind, spec in self._node_kinds().items()]

    @api.model
    def _selection_event_kind(self):
        kinds = self.env["nurture.event"]._fields["kind"]
        return kinds._description_selection(self.env)

    @api.constrains("domain")
    def _check_domain(self):
        for node in self.filtered(lambda n: n.kind == "branch" and n.condition == "domain"):
            self.env["nurture.scenario"]._validate_lead_domain(node.domain)

    # ------------------------------------------------------------
    # ARROWS AS FIELDS
    # ------------------------------------------------------------

    @api.depends("edge_ids.label", "edge_ids.to_id")
    def _compute_exits(self):
        for node in self:
            target = {edge.label: edge.to_id for edge in node.edge_ids}
            node.next_id = target.get("next", False)
            node.yes_id = target.get("yes", False)
            node.no_id = target.get("no", False)
            node.timeout_id = target.get("timeout", False)

    def _inverse_next_id(self):
        self._set_exit("next", "next_id")

    def _inverse_yes_id(self):
        self._set_exit("yes", "yes_id")

    def _inverse_no_id(self):
        self._set_exit("no", "no_id")

    def _inverse_timeout_id(self):
        self._set_exit("timeout", "timeout_id")

    def _set_exit(self, label, field_name):
        for node in self:
            target = node[field_name]
            edge = node.edge_ids.filtered(lambda e: e.label == label)
            if target and edge:
                edge.to_id = target
            elif target:
                node.edge_ids = [
                    Command.create(
                        {"version_id": node.version_id.id, "label": label, "to_id": target.id}
                    )
                ]
            else:
                edge.unlink()

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
        mailings = self.mailing_id
        result = super().unlink()
        mailings.unlink()
        return result

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

    def action_add_after(self):
        """A new step behind this one, linked into its first exit."""
        self.ensure_one()
        label = self._exits()[0]
        edge = self.edge_ids.filtered(lambda e: e.label == label)
        node = self.create(
            {
                "version_id": self.version_id.id,
                "name": self.env._("New step"),
                "kind": "wait",
                "sequence": self.sequence + 1,
            }
        )
        node._set_exit_to("next", edge.to_id)
        self._set_exit_to(label, node)
        return node.action_open()

    def action_make_first(self):
        """From now on everybody enters here."""
        self.ensure_one()
        self.sequence = min(self.version_id.node_ids.mapped("sequence")) - 1
        return {"type": "ir.actions.act_window_close"}

    def action_remove(self):
        """Take the step out; what led to it leads to what follows it."""
        self.ensure_one()
        follower = self.next_id or self.yes_id
        arrows = self.env["nurture.edge"].search([("to_id", "=", self.id)])
        if follower and follower != self:
            arrows.to_id = follower
        self.unlink()
        return {"type": "ir.actions.act_window_close"}

    def action_open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [[False, "form"]],
            "target": "new",
        }

    def action_view_standing(self):
        """The people who stand at this step now."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_nurture.nurture_enrolment_action"
        )
        return {**action, "domain": [("node_id", "in", self.ids), ("is_open", "=", True)]}

    def _set_exit_to(self, label, target):
        self.ensure_one()
        if target:
            self[f"{label}_id"] = target

    # ------------------------------------------------------------
    # WHAT IT SAYS
    # ------------------------------------------------------------

    def _exits(self):
        return self._node_kinds()[self.kind]["exits"]

    def _exit_text(self, label):
        """What an arrow says in the picture."""
        _ = self.env._
        if self.kind == "wait_event":
            return {
                "yes": self._event_text(),
                "timeout": _("After %s", self._delay_text()),
            }[label]
        if self.kind == "branch":
            return {"yes": _("Yes"), "no": _("No")}[label]
        return ""

    def _delay_text(self):
        units = dict(self._fields["delay_unit"]._description_selection(self.env))
        return f"{self.delay_count} {units.get(self.delay_unit, '')}"

    def _event_text(self):
        return dict(self._selection_event_kind()).get(self.event_kind, "")

    def _summary_text(self):
        """One line under the name of the step: what exactly it does."""
        _ = self.env._
        condition = {
            "event": _("Did it happen: %s?", self._event_text()),
            "domain": _("Does the lead match the conditions?"),
            "band": _(
                "Is the score %s?",
                dict(self._fields["band"]._description_selection(self.env)).get(self.band, ""),
            ),
        }
        return {
            "mail": self.mail_subject or _("No subject yet"),
            "wait": self._delay_text(),
            "wait_event": _("%(event)s, at most %(time)s", event=self._event_text(),
                            time=self._delay_text()),
            "branch": condition.get(self.condition, ""),
            "activity": self.summary or self.activity_type_id.name or "",
            "alert": self.summary or "",
            "handover": self.user_id.name or self.team_id.name or _("The lead's own team"),
            "exit": "",
        }.get(self.kind, "")

    def _prepare_card(self):
        return {
            "id": self.id,
            "uid": self.uid,
            "name": self.name,
            "kind": self.kind,
            "icon": self._node_kinds()[self.kind]["icon"],
            "text": self._summary_text(),
        }

    def _config_problem(self):
        """A sentence why the step cannot work as it is set up, or False."""
        _ = self.env._
        if self.kind == "mail" and not (self.mailing_id.subject and self.mailing_id.body_html):
            return _("“%s” has no subject or no text yet.", self.name)
        if self.kind in ("wait", "wait_event") and not (self.delay_count and self.delay_unit):
            return _("“%s” does not say how long to wait.", self.name)
        if self.kind == "activity" and not self.activity_type_id:
            return _("“%s” does not say which activity to plan.", self.name)
        return False

    # ------------------------------------------------------------
    # NUMBERS
    # ------------------------------------------------------------

    def _compute_people(self):
        passed, standing = self._count_people()
        for node in self:
            node.passed_count = passed.get(node.uid, 0)
            node.standing_count = standing.get(node.uid, 0)

    def _count_people(self):
        """({uid: people who went on from here}, {uid: people who stand here}), by step key, so
        that the numbers of a step run on from version to version."""
        scope = [("scenario_id", "in", self.scenario_id.ids)]
        passed = self.env["nurture.step.log"]._read_group(
            [*scope, ("label", "!=", False)], ["node_uid"], ["__count"]
        )
        standing = self.env["nurture.enrolment"]._read_group(
            [*scope, ("is_open", "=", True)], ["node_id"], ["__count"]
        )
        by_uid = {}
        for node, number in standing:
            by_uid[node.uid] = by_uid.get(node.uid, 0) + number
        return dict(passed), by_uid

    # ------------------------------------------------------------
    # TIME
    # ------------------------------------------------------------

    def _due(self, now):
        return cadence.due(now, self.delay_count, self.delay_unit)
