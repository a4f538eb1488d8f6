from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.addons.base.models.res_partner import _tz_get
from odoo.exceptions import AccessError, UserError, ValidationError

# What a dynamic segment says of who belongs to it.
DEFINING_FIELDS = {"match", "company_id", "tz", "condition_ids"}
WEEK = timedelta(days=7)


class NurtureSegment(models.Model):
    """One row: a set of people that has a name.

    Who belongs to a dynamic segment follows from its conditions and is kept up to date by a cron; a
    static one is a list kept by hand. A change of the conditions is saved at once but moves nobody
    until it is applied, so that its effect can be counted first; the people it moves make no noise.
    """

    _name = "nurture.segment"
    _inherit = "nurture.shared"
    _description = "Segment"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    note = fields.Text("Purpose", translate=True)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("dynamic", "By conditions"), ("static", "List kept by hand")],
        "Members",
        required=True,
        default="dynamic",
    )
    company_id = fields.Many2one(
        "res.company", "Company", default=lambda self: self.env.company,
        help="Only people of this company, or of none, belong to it. Empty: people of all "
        "companies.",
    )  # fmt: skip
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("active", "Up to date"),
            ("changed", "Changed, not applied"),
            ("broken", "Cannot be calculated"),
        ],
        "Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
    )
    match = fields.Selection(
        [("all", "All of these conditions hold"), ("any", "Any of these conditions holds")],
        "A person belongs to it when",
        required=True,
        default="all",
    )
    condition_ids = fields.One2many(
        "nurture.segment.condition", "segment_id", "Conditions", copy=True
    )
    tz = fields.Selection(
        _tz_get,
        "Time zone",
        default=lambda self: self.env.company.partner_id.tz or self.env.user.tz or "UTC",
        required=True,
        help="Where a day begins, for conditions that count days.",
    )
    refresh_minutes = fields.Integer(
        "Look at everybody every",
        default=60,
        required=True,
        help="Minutes. Who does something is looked at within seconds; this is for what changes by "
        "the clock alone, such as “nothing for 90 days”.",
    )

    # who is in it
    member_ids = fields.One2many("nurture.segment.member", "segment_id")
    member_count = fields.Integer("People", compute="_compute_counts")
    entered_count = fields.Integer(
        "New", compute="_compute_counts",
        help="Entered within 7 days. The first filling is no entry.",
    )
    left_count = fields.Integer("Left", compute="_compute_counts", help="Left within 7 days.")
    net_count = fields.Integer(
        "Trend", compute="_compute_counts", help="Entered less left, within 7 days."
    )

    # what applying a change would do
    preview_at = fields.Datetime("Counted", readonly=True, copy=False)
    preview_entering = fields.Integer("Would enter", readonly=True, copy=False)
    preview_leaving = fields.Integer("Would leave", readonly=True, copy=False)

    # Pass over all people, in chunks; see nurture_segment_refresh.
    pass_pending = fields.Boolean(readonly=True, copy=False)
    pass_silent = fields.Boolean(readonly=True, copy=False)
    pass_cursor = fields.Integer(readonly=True, copy=False)
    pass_seconds = fields.Float("It took", readonly=True, copy=False)
    pass_progress = fields.Float("Progress", compute="_compute_pass_progress")
    last_pass_at = fields.Datetime("Last refresh", readonly=True, copy=False)
    next_pass_at = fields.Datetime(readonly=True, copy=False)
    error = fields.Char("Why", readonly=True, copy=False)

    _refresh_minutes_least = models.Constraint(
        "CHECK (refresh_minutes >= 5)", "Everybody can be looked at every 5 minutes at most."
    )

    @api.constrains("condition_ids", "kind")
    def _check_static(self):
        for segment in self:
            if segment.kind == "static" and segment.condition_ids:
                raise ValidationError(
                    self.env._("“%s” is kept by hand, so it cannot have conditions.", segment.name)
                )

    @api.constrains("company_id")
    def _check_company(self):
        self.condition_ids._check_company_of_others()
        self._conditions_on()._check_company_of_others()

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_counts(self):
        since = fields.Datetime.now() - WEEK
        ours = [("segment_id", "in", self.ids)]
        inside = self._count_stays([*ours, ("left_at", "=", False)])
        entered = self._count_stays(
            [*ours, ("entered_at", ">=", since), ("silent_entry", "=", False)]
        )
        left = self._count_stays([*ours, ("left_at", ">=", since), ("silent_exit", "=", False)])
        for segment in self:
            segment.member_count = inside.get(segment.id, 0)
            segment.entered_count = entered.get(segment.id, 0)
            segment.left_count = left.get(segment.id, 0)
            segment.net_count = segment.entered_count - segment.left_count

    def _count_stays(self, domain):
        rows = self.env["nurture.segment.member"]._read_group(domain, ["segment_id"], ["__count"])
        return {segment.id: count for segment, count in rows}

    @api.depends("pass_pending", "pass_cursor")
    def _compute_pass_progress(self):
        last = self._last_person_id()
        for segment in self:
            done = not segment.pass_pending or not last
            segment.pass_progress = 100.0 if done else 100.0 * segment.pass_cursor / last

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        segments = super().create(vals_list)
        segments.filtered(lambda s: s.kind == "static")._set_active()
        return segments

    def write(self, vals):
        if "kind" in vals:
            self._check_kind_free(vals["kind"])
        if vals.get("active") is False:
            self._check_unused()
        result = super().write(vals)
        if DEFINING_FIELDS & vals.keys():
            self._set_changed()
        if vals.get("kind") == "static":
            self._set_active()
        if {"state", "active"} & vals.keys():
            self.env.registry.clear_cache()
        if vals.get("active"):  # time has passed meanwhile
            self.filtered(lambda s: s.state == "active" and s.kind == "dynamic")._request_pass(True)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_unused()

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    def copy_data(self, default=None):
        return [
            {**vals, "name": self.env._("%s (copy)", segment.name)}
            for segment, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def _check_kind_free(self, kind):
        for segment in self:
            if segment.kind != kind and (segment.state != "draft" or segment.kind == "static"):
                raise UserError(
                    self.env._(
                        "“%s” has begun its work. Make a new segment of the other kind.",
                        segment.name,
                    )
                )

    def _check_unused(self):
        """Others would silently mean something else without it."""
        for segment in self:
            users = segment._used_by()
            if users:
                raise UserError(
                    self.env._(
                        "“%(segment)s” is used by %(users)s. Take it out there first.",
                        segment=segment.name,
                        users=", ".join(f"“{name}”" for name in users[:5]),
                    )
                )

    def _used_by(self):
        """Names of what asks for this segment; extensions add theirs."""
        return (self._conditions_on().segment_id - self).mapped("name")

    def _conditions_on(self):
        """Conditions, wherever they are, that ask for one of these segments."""
        conditions = self.env["nurture.segment.condition"].sudo()  # sudo: other companies count
        return conditions.with_context(active_test=False).search(
            [("kind", "=", "segment"), ("other_segment_id", "in", self.ids)]
        )

    @api.model
    def _check_user(self):
        if not self.env.user.has_group("lead_nurture.group_lead_nurture_user"):
            raise AccessError(self.env._("Only users of Nurture may change lists of people."))

    @api.model
    @tools.ormcache()
    def _any_at_work(self):
        """Whether anybody waits for news of people."""
        return bool(
            self.sudo().search_count(  # sudo: of all companies
                [("kind", "=", "dynamic"), ("state", "=", "active")], limit=1
            )
        )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_activate(self):
        """Fill it, or apply what was changed: silently, in the background."""
        for segment in self:
            segment._check_can_run()
        self._set_active()

    def action_preview(self):
        """Count what applying would do; nobody moves."""
        for segment in self:
            segment._check_can_run()
            entering, leaving = segment._count_moves()
            segment.write(
                {
                    "preview_at": fields.Datetime.now(),
                    "preview_entering": entering,
                    "preview_leaving": leaving,
                }
            )

    def action_refresh(self):
        """Look at everybody now; also the way back after a failure."""
        for segment in self.filtered(lambda s: s.kind == "dynamic"):
            segment._check_can_run()
            if segment.state == "broken":
                segment.write({"state": "active", "error": False})
            segment._request_pass(silent=False)

    def action_set_draft(self):
        """Stop keeping it up to date; who is in it stays on record as having left."""
        self._check_unused()
        for segment in self.filtered(lambda s: s.kind == "dynamic" and s.state != "draft"):
            segment.write({"state": "draft", "error": False, "pass_pending": False})
            segment._close_all_stays()

    def action_open_members(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_nurture.nurture_segment_member_action"
        )
        return {
            **action,
            "display_name": self.name,
            "domain": [("segment_id", "=", self.id)],
            "context": {
                "search_default_inside": 1,
                "default_segment_id": self.id,
                "nurture_segment_kind": self.kind,
            },
        }

    def action_add_people(self):
        """Put a mailing list, or chosen people, on the list."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "lead_nurture.nurture_segment_add_action"
            ),
            "context": {"default_segment_id": self.id, "default_source": "mailing_list"},
        }

    def action_create_mailing(self):
        """A new mailing to the records of the people who are in it when it is sent."""
        self.ensure_one()
        lead_model = self.env["ir.model"]._get("crm.lead")
        target = lead_model if lead_model.is_mailing_enabled else self.env["ir.model"]._get(
            "res.partner"
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "mailing.mailing",
            "view_mode": "form",
            "context": {
                # inside the house only: the subject, which its people read, is left to be written
                "default_name": self.name,
                "default_mailing_model_id": target.id,
                "default_mailing_domain": repr([("nurture_segment_ids", "in", self.ids)]),
            },
        }

    # ------------------------------------------------------------
    # STATE
    # ------------------------------------------------------------

    def _check_can_run(self):
        self.ensure_one()
        self.check_access("write")
        if self.kind == "dynamic" and not self.condition_ids:
            raise UserError(
                self.env._("“%s” has no condition yet: everybody would be in it.", self.name)
            )
        idle = self.condition_ids.other_segment_id.filtered(lambda s: s.state == "draft")
        if idle:
            raise UserError(
                self.env._("Activate “%s” first: this segment asks who is in it.", idle[0].name)
            )

    def _set_active(self):
        self.write({"state": "active", "error": False, "preview_at": False})
        self.filtered(lambda s: s.kind == "dynamic")._request_pass(silent=True)

    def _set_changed(self):
        """Conditions were edited: nobody moves until that is applied."""
        self.filtered("preview_at").write({"preview_at": False})
        self.filtered(
            lambda s: s.kind == "dynamic" and s.state in ("active", "broken")
        ).write({"state": "changed", "error": False, "pass_pending": False})

    def _set_broken(self, message):
        """Leave the segment alone, and say why, until somebody changes or retries it."""
        self.write({"state": "broken", "error": message[:500], "pass_pending": False})

    def _request_pass(self, silent):
        """Have the cron look at everybody. A silent pass that has not ended stays silent."""
        for segment in self:
            segment.write(
                {
                    "pass_pending": True,
                    "pass_cursor": 0,
                    "pass_seconds": 0,
                    "pass_silent": silent or segment.pass_silent,
                }
            )
        if self:
            self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_refresh_segments")
