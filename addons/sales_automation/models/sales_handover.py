from datetime import timedelta

import pytz
from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError, ValidationError

from .moments import tell_day

# What the plan is made of: changing one of these makes a new plan.
PLAN_FIELDS = frozenset({
    "from_user_id", "distribution", "to_user_id", "share_user_ids", "team_policy", "with_orders"})
DRAFT_FIELDS = PLAN_FIELDS | {"kind", "date_from"}
# Written by the system only: they say what was moved and who may see it.
RECORDED_FIELDS = frozenset({
    "state", "origin", "company_id", "leader_ids", "line_ids", "planned_by_id", "archive_user",
    "started_by_id", "started_at", "done_at", "undone_at", "undo_until", "failure"})
IN_WORK = ("running", "returning")
# Tracking stays, as an audit; nobody gets a mail per object: each receiver is told once, at the
# end. Customers who are invited to a meeting are not told that its organizer changed.
QUIET = {
    "mail_auto_subscribe_no_notify": True, "mail_activity_quick_update": True,
    "mail_notify_force_send": False, "no_mail_to_attendees": True, "dont_notify": True,
    "active_test": False,
}
# Core deletes the open activities of an archived user, and an archived member of a team must not
# get new leads: these do not wait for a job.
URGENT = ("membership", "activity")


class SalesHandover(models.Model):
    """One row per person whose work goes to others: for good (leave) or for a time (cover).

    leave: draft → running → done → returning → undone. A cover waits as `scheduled` for its first
    day, is in force while `done`, and returns by itself after its last day. `running` and
    `returning` last as long as lines wait to be moved or taken back; the job of
    sales_handover_run.py goes on with them after any interruption.
    Each state is written by its `_set_<state>()` only.
    """

    _name = "sales.handover"
    _description = "Handover"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _rec_name = "from_user_id"

    kind = fields.Selection(
        [("leave", "Leaves"), ("cover", "Is away for a time")], string="Reason", default="leave",
        required=True,
        help="Leaves: everything goes to others for good. Is away: deals, activities, meetings and "
        "quotations go to the cover and come back after the last day; customers and the "
        "leadership of a team stay.")
    from_user_id = fields.Many2one(
        "res.users", "Person", required=True, index=True, ondelete="cascade",
        domain="[('share', '=', False)]", context={"active_test": False},
        help="Whose work is given to others.")
    company_id = fields.Many2one("res.company", readonly=True, index="btree_not_null")
    leader_ids = fields.Many2many(
        "res.users", "sales_handover_leader_rel", readonly=True,
        string="Team Leaders", help="Leaders of all teams that the plan touches; they may run it.")
    origin = fields.Selection(
        [("manual", "Prepared"), ("asked", "Asked when archiving"),
         ("automatic", "Made when archived")], default="manual", required=True, readonly=True)
    date_from = fields.Date("First Day", help="The cover begins on this day, in the person's time.")
    date_to = fields.Date(
        "Last Day", help="On the day after, what is still open comes back by itself.")
    distribution = fields.Selection(
        [("one", "To one person"),
         ("team", "Within each team, by who has the most room"),
         ("share", "Among these people, by who has the most room"),
         ("leader", "To each team's leader"),
         ("line", "I choose line by line")], default="team", required=True,
        help="Room: open deals in proportion to the capacity that is set for a team member. All "
        "deals of a customer go to the same person. Activities, meetings and quotations follow "
        "their deal.")
    to_user_id = fields.Many2one(
        "res.users", "To", domain="[('share', '=', False), ('id', '!=', from_user_id)]",
        help="Takes everything over; for a cover, this is the cover.")
    share_user_ids = fields.Many2many(
        "res.users", "sales_handover_share_rel", string="Among",
        domain="[('share', '=', False), ('id', '!=', from_user_id)]",
        help="Share everything out among each other, whatever the team.")
    team_policy = fields.Selection(
        [("keep", "They keep their team and stage"),
         ("receiver", "They move to the receiver's team")],
        string="Deals of Another Team", default="keep", required=True,
        help="For a deal whose receiver is not in its team. Keep: nothing about the deal changes "
        "but its salesperson. Move: it gets the receiver's team and, if its stage belongs to the "
        "old team, the stage there that comes nearest.")
    with_orders = fields.Boolean(
        "Confirmed Orders Too", default=lambda self: self.env.company.sales_leaver_orders,
        help="Also hand over confirmed orders that are not fully invoiced.")
    archive_user = fields.Boolean(
        "Archive When Done", readonly=True,
        help="The person is archived as soon as everything is moved.")
    state = fields.Selection(
        [("draft", "Draft"), ("scheduled", "Planned"), ("running", "Moving"), ("done", "Done"),
         ("returning", "Taking Back"), ("undone", "Taken Back"), ("cancelled", "Cancelled")],
        default="draft", required=True, readonly=True, tracking=True, index=True)
    line_ids = fields.One2many("sales.handover.line", "handover_id", readonly=True)
    started_by_id = fields.Many2one("res.users", "Started By", readonly=True)
    started_at = fields.Datetime("Started On", readonly=True)
    done_at = fields.Datetime("Done On", readonly=True)
    undone_at = fields.Datetime("Taken Back On", readonly=True)
    undo_until = fields.Date("Can Be Taken Back Until", readonly=True)
    line_count = fields.Integer("Lines", compute="_compute_counts")
    content = fields.Char("What Moves", compute="_compute_content")
    moved_count = fields.Integer("Moved", compute="_compute_counts")
    failed_count = fields.Integer("Failed", compute="_compute_counts")
    progress = fields.Float(compute="_compute_counts")
    can_undo = fields.Boolean(compute="_compute_can_undo", compute_sudo=True)
    can_manage = fields.Boolean(compute="_compute_can_manage")
    is_person_active = fields.Boolean(compute="_compute_can_undo", compute_sudo=True)

    # Two people who plan for the same leaver meet in one handover.
    _leave_uniq = models.UniqueIndex(
        "(from_user_id) WHERE kind = 'leave' AND state IN ('draft', 'running', 'returning')",
        "A handover of this person is already being prepared or moved.")

    @api.depends("line_ids.state")
    def _compute_counts(self):
        counts = {}
        for handover, state, number in self.env["sales.handover.line"]._read_group(
                [("handover_id", "in", self.ids)], ["handover_id", "state"], ["__count"]):
            counts.setdefault(handover.id, {})[state] = number
        for handover in self:
            by_state = counts.get(handover._origin.id, {})
            total = sum(by_state.values())
            waiting = by_state.get("moved" if handover.state == "returning" else "planned", 0)
            handover.line_count = total
            handover.moved_count = by_state.get("moved", 0)
            handover.failed_count = by_state.get("failed", 0)
            handover.progress = 100.0 * (total - waiting) / total if total else 0.0

    @api.depends("line_ids.kind")
    def _compute_content(self):
        counts = {}
        for handover, kind, number in self.env["sales.handover.line"]._read_group(
                [("handover_id", "in", self.ids)], ["handover_id", "kind"], ["__count"]):
            counts.setdefault(handover.id, {})[kind] = number
        for handover in self:
            handover.content = handover._tell_counts(counts.get(handover._origin.id, {}))

    @api.depends("state", "undo_until", "from_user_id.active")
    def _compute_can_undo(self):
        today = fields.Date.today()
        for handover in self:
            handover.is_person_active = handover.from_user_id.active
            handover.can_undo = handover.state == "done" and (
                not handover.undo_until or today <= handover.undo_until)

    @api.depends("leader_ids")
    @api.depends_context("uid")
    def _compute_can_manage(self):
        """Receivers look at what they got; managers and leaders act."""
        writable = self._origin._filtered_access("write")
        for handover in self:
            handover.can_manage = not handover._origin or handover._origin in writable

    @api.depends("from_user_id.name", "kind", "date_from", "date_to")
    def _compute_display_name(self):
        for handover in self:
            name = handover.from_user_id.name
            if not name:
                handover.display_name = self.env._("New")
            elif handover.kind == "leave":
                handover.display_name = self.env._("%s leaves", name)
            elif not handover.date_to:
                handover.display_name = self.env._("%s is away", name)
            else:
                handover.display_name = self.env._(
                    "%(name)s is away until %(day)s", name=name,
                    day=tell_day(self.env, handover.date_to))

    @api.onchange("kind")
    def _onchange_kind(self):
        """A cover is usually one person."""
        self.distribution = "one" if self.kind == "cover" else "team"

    # ---- checks -------------------------------------------------------------------------------

    @api.constrains("from_user_id", "to_user_id", "share_user_ids")
    def _check_persons(self):
        for handover in self:
            if handover.from_user_id in handover.to_user_id | handover.share_user_ids:
                raise ValidationError(self.env._(
                    "%s cannot take over the own work.", handover.from_user_id.name))

    @api.constrains("kind", "state", "date_from", "date_to", "from_user_id", "to_user_id")
    def _check_cover(self):
        for cover in self:
            if cover.kind == "cover" and cover.state in ("draft", "scheduled", "running", "done"):
                cover._check_cover_days()
                cover._check_cover_overlaps()

    def _check_cover_days(self):
        if not (self.date_from and self.date_to):
            raise ValidationError(self.env._("A cover needs its first and its last day."))
        if self.date_to < self.date_from:
            raise ValidationError(self.env._("The last day of a cover cannot be before the first."))

    def _check_cover_overlaps(self):
        """One cover at a time: neither two for one person, nor a chain through a third one."""
        receivers = (self.to_user_id | self.line_ids.to_user_id).ids
        others = self.search([
            ("kind", "=", "cover"), ("id", "!=", self.id),
            ("state", "in", ("scheduled", "running", "done", "returning")),
            ("date_from", "<=", self.date_to), ("date_to", ">=", self.date_from)])
        for other in others:
            names = {
                "name": other.from_user_id.name, "day": tell_day(self.env, other.date_to)}
            if other.from_user_id == self.from_user_id:
                raise ValidationError(self.env._(
                    "%(name)s is already covered until %(day)s: change or end that cover.",
                    **names))
            if other.from_user_id.id in receivers:
                raise ValidationError(self.env._(
                    "%(name)s is away until %(day)s and cannot cover.", **names))
            if self.from_user_id in other.line_ids.to_user_id | other.to_user_id:
                raise ValidationError(self.env._(
                    "%(who)s covers for %(name)s until %(day)s: end that cover first.",
                    who=self.from_user_id.name, **names))

    # ---- CRUD ---------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        rows = []
        for vals in vals_list:
            self._check_recorded(vals)
            person = self.env["res.users"].browse(vals.get("from_user_id"))
            self._check_may_hand_over(person)
            leaders = self._get_leaders(person) - person
            company = person.sudo().company_id  # companies only
            rows.append({
                "planned_by_id": self.env.uid, "with_orders": company.sales_leaver_orders, **vals,
                "company_id": company.id, "leader_ids": [fields.Command.set(leaders.ids)]})
        self.flush_model(["state"])  # the unique index looks at the table
        handovers = super().create(rows)
        handovers.sudo()._plan()  # lines are written by the system
        return handovers

    def write(self, vals):
        self._check_recorded(vals)
        if not self.env.su and not DRAFT_FIELDS.isdisjoint(vals):
            if any(handover.state != "draft" for handover in self):
                raise UserError(self.env._(
                    "This handover has begun; only the last day of a cover can still be changed."))
            if "from_user_id" in vals:
                self._check_may_hand_over(self.env["res.users"].browse(vals["from_user_id"]))
        changed = self.filtered(lambda handover: any(
            handover._fields[name].convert_to_write(handover[name], handover) != vals[name]
            for name in PLAN_FIELDS & vals.keys()))
        result = super().write(vals)
        if changed:
            changed = changed.sudo()  # lines are written by the system
            if not self.env.su:
                changed.planned_by_id = self.env.user
            changed._plan()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_begun(self):
        if any(handover.state not in ("draft", "cancelled") for handover in self):
            raise UserError(self.env._("What was moved stays on record: take it back instead."))

    # ---- actions ------------------------------------------------------------------------------

    def action_refresh(self):
        """Look again for what the person holds."""
        handovers = self._claim("draft")
        handovers.planned_by_id = self.env.user
        handovers._plan()
        return True

    def action_run(self):
        self.ensure_one()
        handover = self._claim("draft")
        handover._check_realm()
        if handover.archive_user:
            if not self.from_user_id.has_access("write"):
                raise AccessError(self.env._(
                    "%s is archived as soon as everything is moved: only somebody who may archive "
                    "users can run this handover.", handover.from_user_id.name))
            handover._include_left_out()
        handover._check_receivers()
        if handover.kind == "cover":
            handover._check_cover_overlaps()
            if handover.date_from > handover._today():
                handover._set_scheduled()
                return True
        handover._set_running(self.env.user)
        handover._work_now()
        return True

    def action_undo(self):
        """Take back; ends a cover early."""
        self.ensure_one()
        handover = self._claim("done")
        if not handover.can_undo:
            raise UserError(self.env._(
                "It could be taken back until %s.", tell_day(self.env, handover.undo_until)))
        if not handover.from_user_id.active:
            raise UserError(self.env._(
                "%s is archived and cannot hold anything. Unarchive the user first, then take the "
                "handover back.", handover.from_user_id.name))
        handover._set_returning(self.env.user)
        handover._work_now()
        return True

    def action_cancel(self):
        for handover in self:
            handover._claim("draft", "scheduled")._set_cancelled()
        return True

    def action_retry(self):
        """Try the failed lines again."""
        self.ensure_one()
        handover = self._claim("done", "undone", *IN_WORK)
        handover._retry()
        return True

    def action_open_lines(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_automation.sales_handover_line_action")
        return {**action, "domain": [("handover_id", "=", self.id)],
                "context": {"search_default_group_kind": 1}, "name": self.display_name}

    # ---- rights -------------------------------------------------------------------------------

    @api.model
    def _check_recorded(self, vals):
        if not self.env.su and (touched := RECORDED_FIELDS & vals.keys()):
            raise AccessError(self.env._(
                "%(fields)s are recorded by the system and cannot be written.",
                fields=", ".join(self._fields[name]._description_string(self.env)
                                 for name in sorted(touched))))

    def _claim(self, *states):
        """Lock the handover for this user and return it with full rights, or say why not.

        Of two managers the second gets a sentence, at once or after the framework has repeated
        his call; nothing is moved twice.
        """
        self.check_access("write")
        handovers = self.sudo()  # lines and states are written by the system
        try:
            handovers.lock_for_update()
        except LockError as error:
            raise UserError(self.env._(
                "Somebody else is working on this handover right now.")) from error
        handovers.invalidate_recordset(["state"])
        for handover in handovers:
            if handover.state not in states:
                label = dict(self._fields["state"]._description_selection(self.env))
                raise UserError(self.env._(
                    "This handover is already: %(state)s, by %(user)s.",
                    state=label[handover.state],
                    user=handover.started_by_id.name or self.env._("the system")))
        return handovers

    # ---- states -------------------------------------------------------------------------------

    def _set_scheduled(self):
        self.write({"state": "scheduled", "started_by_id": self.env.uid})
        self.message_post(body=self.env._(
            "Planned: begins on %s.", tell_day(self.env, self.date_from, year=True)))

    def _set_running(self, user):
        self.write({
            "state": "running", "started_by_id": user.id, "started_at": fields.Datetime.now()})
        self._tell_log(self.env._("Handing over begins: %s.", self.content))

    def _set_done(self):
        vals = {"state": "done", "done_at": fields.Datetime.now()}
        if self.kind == "leave":
            days = (self.company_id or self.env.company).sales_handover_undo_days
            vals["undo_until"] = fields.Date.today() + timedelta(days=days)
        self.write(vals)
        self._tell_receivers()
        self._tell_log(self._tell_result())
        if self.archive_user and self.from_user_id.active:
            self._archive_person()

    def _set_returning(self, user):
        self.write({"state": "returning", "started_by_id": user.id})

    def _set_undone(self):
        self.write({"state": "undone", "undone_at": fields.Datetime.now()})
        self._tell_back()
        self._tell_log(self._tell_result())

    def _set_cancelled(self):
        self.write({"state": "cancelled"})

    def _today(self):
        """The day it is for the person."""
        zone = pytz.timezone(self.from_user_id.tz or "UTC")
        return pytz.utc.localize(fields.Datetime.now()).astimezone(zone).date()
