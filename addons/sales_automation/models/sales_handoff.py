from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError

from .crm_lead_handoff import WAITING

BRIEF_FIELDS = ("need", "authority", "budget", "timing")
ACTIVITY_TYPE = "sales_automation.mail_activity_type_handoff"


class SalesHandoff(models.Model):
    """One row per request to a salesperson, or a team, to take over a deal.

    requested → accepted | rejected | expired | cancelled, and expired → accepted | rejected |
    cancelled: after its deadline a request is escalated to the team leader but may still be
    answered. Each state is written by its `_set_<state>()` only.
    """

    _name = "sales.handoff"
    _description = "Hand-off"
    _order = "requested_at desc, id desc"

    lead_id = fields.Many2one(
        "crm.lead", string="Opportunity", required=True, readonly=True, ondelete="cascade",
        index=True)
    partner_id = fields.Many2one(related="lead_id.partner_id", string="Contact")
    company_id = fields.Many2one("res.company", readonly=True, index="btree_not_null")
    origin = fields.Selection(
        [("manual", "Handed off"), ("routed", "Converted lead")], default="manual",
        required=True, readonly=True,
        help="Handed off: a person asked. Converted lead: somebody else or an automation turned a "
        "lead into an opportunity and gave it to this salesperson.")
    from_user_id = fields.Many2one(
        "res.users", "From", readonly=True, index="btree_not_null")
    to_user_id = fields.Many2one(
        "res.users", "To", readonly=True, index="btree_not_null",
        help="Who is asked. Empty: anyone of the team.")
    team_id = fields.Many2one(
        "crm.team", "Team", readonly=True, index="btree_not_null",
        help="Team that is asked when no person is named.")
    need = fields.Text(readonly=True, help="What the customer wants to solve.")
    authority = fields.Text(readonly=True, help="Who decides, who else has a say.")
    budget = fields.Text(readonly=True, help="What is set aside, or expected.")
    timing = fields.Text(readonly=True, help="When the customer wants to decide and to start.")
    meeting_id = fields.Many2one(
        "calendar.event", "Agreed Meeting", readonly=True, ondelete="set null")
    has_brief = fields.Boolean(compute="_compute_has_brief")
    state = fields.Selection(
        [
            ("requested", "Waiting"),
            ("accepted", "Accepted"),
            ("rejected", "Rejected"),
            ("expired", "Overdue"),
            ("cancelled", "Cancelled"),
        ], default="requested", required=True, readonly=True)
    requested_at = fields.Datetime("Asked On", required=True, readonly=True)
    deadline_at = fields.Datetime(
        "Answer Until", required=True, readonly=True,
        help="Counted in working hours from the request; see Settings.")
    answered_at = fields.Datetime("Answered On", readonly=True)
    answered_by_id = fields.Many2one("res.users", "Answered By", readonly=True)
    answer_hours = fields.Float(
        "Hours to Answer", readonly=True, aggregator="avg",
        help="Working hours between the request and the answer.")
    reject_reason_id = fields.Many2one(
        "sales.handoff.reason", "Reject Reason", readonly=True, ondelete="set null")
    reject_note = fields.Text(readonly=True)
    escalated_at = fields.Datetime("Escalated On", readonly=True)
    escalated_to_id = fields.Many2one(
        "res.users", "Escalated To", readonly=True,
        help="Team leader who was told that nobody had answered in time.")
    failure = fields.Text(
        readonly=True, help="Why the request could not be escalated.")
    can_answer = fields.Boolean(compute="_compute_can_answer", compute_sudo=True)
    can_cancel = fields.Boolean(compute="_compute_can_answer", compute_sudo=True)

    _waiting_uniq = models.UniqueIndex(
        "(lead_id) WHERE state IN ('requested', 'expired')",
        "This deal already waits for somebody to take it over.")
    # The expiry job asks for due requests only.
    _due_idx = models.Index("(deadline_at) WHERE state = 'requested'")

    @api.depends("lead_id.name", "to_user_id.name", "team_id.name")
    def _compute_display_name(self):
        for handoff in self:
            receiver = handoff.to_user_id.name or handoff.team_id.name or ""
            handoff.display_name = f"{handoff.lead_id.name} → {receiver}"

    @api.depends(*BRIEF_FIELDS)
    def _compute_has_brief(self):
        for handoff in self:
            handoff.has_brief = any(handoff[name] for name in BRIEF_FIELDS)

    @api.depends("state", "to_user_id", "team_id", "from_user_id")
    @api.depends_context("uid")
    def _compute_can_answer(self):
        user = self.env.user
        is_manager = user.has_group("sales_automation.group_sales_automation_manager")
        for handoff in self:
            receivers = handoff.to_user_id or handoff.team_id.member_ids
            leader = (handoff.team_id or handoff.lead_id.team_id).user_id
            waiting = handoff.state in WAITING
            handoff.can_answer = waiting and (is_manager or user in receivers | leader)
            handoff.can_cancel = waiting and (is_manager or user == handoff.from_user_id)

    # ---- actions ------------------------------------------------------------------------------

    def action_accept(self):
        for handoff in self:
            handoff._claim("can_answer")._set_accepted(fields.Datetime.now())
        return self._tell_accepted()

    def action_reject(self):
        """Ask for the reason; the dialog rejects."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_automation.sales_handoff_reject_action")
        return {**action, "context": {"default_handoff_id": self.id}}

    def action_cancel(self):
        for handoff in self:
            handoff._claim("can_cancel")._set_cancelled(fields.Datetime.now())
        return True

    def action_open_lead(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "res_model": "crm.lead", "res_id": self.lead_id.id,
            "views": [(False, "form")], "target": "current",
        }

    # ---- business -----------------------------------------------------------------------------

    def _claim(self, permission):
        """Lock the request for this user and return it with full rights, or say why not.

        Of two people who answer at the same moment the second one gets a sentence, at once or
        after the framework has repeated his call; never a second owner.
        """
        self.check_access("read")
        handoff = self.sudo()  # the receiver owns neither the request nor, yet, the deal
        try:
            handoff.lock_for_update()
        except LockError as error:
            raise UserError(self.env._(
                "Somebody else is answering this hand-off right now.")) from error
        handoff.invalidate_recordset(["state", "answered_by_id"])
        if handoff.state not in WAITING:
            raise UserError(self.env._(
                "This hand-off is already answered: %(state)s by %(user)s.",
                state=dict(self._fields["state"]._description_selection(self.env))[handoff.state],
                user=handoff.answered_by_id.name or self.env._("the system")))
        if not self[permission]:
            raise AccessError(self.env._("This hand-off was not addressed to you."))
        return handoff

    @api.model
    def _request(self, vals_list, now):
        """Create requests, open the deals for reading to their receivers and tell them.

        :param vals_list: values of lead, receiver and brief
        :return: the requests
        """
        leads = self.env["crm.lead"].browse([vals["lead_id"] for vals in vals_list])
        for vals, lead in zip(vals_list, leads, strict=True):
            vals.update(
                requested_at=now, company_id=lead.company_id.id,
                deadline_at=self._plan_deadline(lead, vals.get("to_user_id"), now))
        handoffs = self.create(vals_list)
        for (user, team), group in handoffs.grouped(lambda h: (h.to_user_id, h.team_id)).items():
            group.lead_id.write({"handoff_to_id": user.id, "handoff_team_id": team.id})
        handoffs._tell_receivers()
        self.env.ref("sales_automation.ir_cron_expire_handoffs")._trigger(
            at=sorted(set(handoffs.mapped("deadline_at"))))
        return handoffs

    @api.model
    def _get_calendar(self, lead, user):
        company = lead.company_id or user.company_id or self.env.company
        return user.resource_calendar_id or company.resource_calendar_id

    @api.model
    def _plan_deadline(self, lead, user_id, now, hours=None):
        """Return the moment after so many working hours, by default those of a hand-off."""
        user = self.env["res.users"].browse(user_id)
        if hours is None:
            hours = (lead.company_id or user.company_id or self.env.company).sales_handoff_hours
        calendar = self._get_calendar(lead, user)
        planned = calendar and calendar.plan_hours(hours, now, compute_leaves=True)
        # A schedule without working hours cannot plan: then the clock on the wall counts.
        return planned or fields.Datetime.add(now, hours=hours)

    def _tell_receivers(self):
        """Give each named receiver an activity on the deal; a team finds it in its inbox."""
        self._schedule([
            (handoff, handoff.to_user_id, handoff.deadline_at,
             self.env._("Accept or reject this hand-off"))
            for handoff in self
        ])

    @api.model
    def _schedule(self, rows):
        """Create activities in one batch: (hand-off, user, deadline, summary)."""
        activity_type = self.env.ref(ACTIVITY_TYPE)
        model_id = self.env["ir.model"]._get_id("crm.lead")
        # No mail per activity: a job may create hundreds; the inbox and the bell show them.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create([
            {
                "activity_type_id": activity_type.id, "res_model_id": model_id,
                "res_id": handoff.lead_id.id, "user_id": user.id, "summary": summary,
                "date_deadline": user._get_sales_day(deadline), "automated": True,
            } for handoff, user, deadline, summary in rows
            if user and self._reads_lead(user, handoff.lead_id)
        ])

    @api.model
    def _reads_lead(self, user, lead):
        return user.active and lead.with_user(user).has_access("read")

    def _tell_accepted(self):
        """Say whose the deal is now, with the way to it; the list behind is read again."""
        if len(self) != 1:
            return True
        lead = self.sudo().lead_id  # who answers for a team may not read what is now another's
        owner = self.env._("you") if lead.user_id == self.env.user else lead.user_id.name
        return {
            "type": "ir.actions.client", "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%(deal)s now belongs to %(owner)s.",
                                      deal="%s", owner=owner),
                "links": [{"label": lead.name, "url": f"/odoo/crm.lead/{lead.id}"}],
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _tell_parties(self):
        """Return who asks whom, in words; empty without a hand-off."""
        if not self:
            return False
        receiver = self.to_user_id.name or self.team_id.name
        if not self.from_user_id:
            return self.env._("for %s", receiver)
        return self.env._(
            "from %(sender)s for %(receiver)s", sender=self.from_user_id.name, receiver=receiver)

    # ---- states -------------------------------------------------------------------------------

    def _set_accepted(self, now):
        """The receiver becomes the owner; the stage stays; the sender keeps reading."""
        for handoff in self:
            lead = handoff.lead_id
            owner = handoff.to_user_id or self.env.user
            handoff.write({
                "state": "accepted", "answered_at": now, "answered_by_id": self.env.uid,
                "answer_hours": handoff._count_hours(now),
            })
            lead.write({
                # Written together: core would compute another team and reset the stage.
                "user_id": owner.id,
                "team_id": handoff._get_team_for(owner).id,
                "stage_id": lead.stage_id.id,
                "inside_user_id": handoff._get_reader().id,
                "handoff_to_id": False, "handoff_team_id": False,
            })
            handoff._close(self.env._("Hand-off accepted by %s", self.env.user.name))

    def _set_rejected(self, reason, note, now, *, keeps_meeting=True):
        """The deal goes back to the sender, who is told why; the agreed meeting, too, or it is
        cancelled."""
        for handoff in self:
            lead = handoff.lead_id
            handoff.write({
                "state": "rejected", "answered_at": now, "answered_by_id": self.env.uid,
                "answer_hours": handoff._count_hours(now),
                "reject_reason_id": reason.id, "reject_note": note,
            })
            owner = handoff._get_owner_after_rejection()
            lead.write({
                "user_id": owner.id, "team_id": lead.team_id.id, "stage_id": lead.stage_id.id,
                "handoff_to_id": False, "handoff_team_id": False,
            })
            message = self.env._(
                "Hand-off rejected by %(user)s: %(reason)s",
                user=self.env.user.name, reason=reason.name)
            handoff._settle_meeting(owner, now, is_kept=keeps_meeting)
            handoff._close(f"{message}. {note}" if note else message)
            handoff._schedule([(handoff, owner, now, message)])

    def _set_expired(self, now):
        """Nobody answered in time: the team leader gets an activity; it may still be answered."""
        leaders = {
            handoff: (handoff.team_id or handoff.lead_id.team_id).user_id for handoff in self}
        for leader, handoffs in self.grouped(leaders.get).items():
            handoffs.write({
                "state": "expired", "escalated_at": now, "escalated_to_id": leader.id})
        self._schedule([
            (handoff, leader, now,
             self.env._("Nobody has answered this hand-off in time"))
            for handoff, leader in leaders.items()
        ])

    def _set_cancelled(self, now):
        self.write({
            "state": "cancelled", "answered_at": now, "answered_by_id": self.env.uid})
        for handoff in self:
            handoff._settle_meeting(handoff.lead_id.user_id, now)
        self.lead_id.write({"handoff_to_id": False, "handoff_team_id": False})
        self._drop_activities()

    def _close(self, message):
        """Say in the chatter what became of the request, to the sender too."""
        self.ensure_one()
        self._drop_activities()
        self.lead_id.message_post(
            body=message, partner_ids=(self.from_user_id - self.env.user).partner_id.ids)

    def _drop_activities(self):
        self.lead_id.activity_unlink([ACTIVITY_TYPE])

    def _count_hours(self, now):
        calendar = self._get_calendar(self.lead_id, self.to_user_id)
        if not calendar:
            return (now - self.requested_at).total_seconds() / 3600
        return calendar.get_work_hours_count(self.requested_at, now)

    def _get_team_for(self, owner):
        """The team that keeps the deal: the asked one, the present one, else the owner's own."""
        team = self.team_id or self.lead_id.team_id
        if owner in team.member_ids | team.user_id:
            return team
        return self.env["crm.team"]._get_default_team_id(
            user_id=owner.id, domain=[("use_opportunities", "=", True)])

    def _get_reader(self):
        """Who keeps reading: the sender, when he is in sales; else whoever did before."""
        if self._is_salesperson(self.from_user_id):
            return self.from_user_id
        return self.lead_id.inside_user_id

    def _get_owner_after_rejection(self):
        """A deal that was handed off never left its owner. One that was given to the receiver
        goes to the sender if he is in sales, else to the team leader, else back in the queue."""
        if self.origin == "manual":
            return self.lead_id.user_id
        if self._is_salesperson(self.from_user_id):
            return self.from_user_id
        return self.lead_id.team_id.user_id

    @api.model
    def _is_salesperson(self, user):
        return bool(user) and user.active and user.has_group("sales_team.group_sale_salesman")
