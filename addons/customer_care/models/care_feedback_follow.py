from datetime import datetime, time

import pytz
from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.customer_care.engine import feedback
from odoo.exceptions import AccessError
from odoo.fields import Domain

from .conflicts import apart
from .moments import tell_day
from .safe_text import SafeText

FOLLOW_STATES = [("none", "None"), ("open", "To call back"), ("done", "Done")]
#: An answer older than this, met later, is told in the figures and followed by nobody.
FRESH_DAYS = 7
#: Overdue call-backs that a night looks at.
MOST_ESCALATED = 1000


class CareFeedback(models.Model):
    """Whoever answers badly is called back: once, by somebody, until a day."""

    _inherit = "care.feedback"

    follow_state = fields.Selection(
        FOLLOW_STATES, "Call-back", required=True, readonly=True, default="none")
    follow_user_id = fields.Many2one("res.users", "Calls back", readonly=True)
    follow_due = fields.Date("Call back until", readonly=True)
    follow_done_at = fields.Datetime("Called back", readonly=True)
    follow_done_by_id = fields.Many2one("res.users", "Done by", readonly=True)
    follow_reached = fields.Boolean("Customer reached", readonly=True)
    follow_outcome = SafeText("Outcome", readonly=True)
    follow_activity_id = fields.Many2one(
        "mail.activity", readonly=True, ondelete="set null", index="btree_not_null")
    follow_of_id = fields.Many2one(
        "care.feedback", "Called back for", readonly=True, ondelete="set null",
        help="An earlier bad answer of the same person to the same programme: there is one "
        "call-back for both.")
    follow_escalated_at = fields.Datetime("Leader told", readonly=True)
    follow_is_overdue = fields.Boolean(
        "Overdue", compute="_compute_follow_is_overdue", search="_search_follow_is_overdue")

    _follow_idx = models.Index("(company_id, follow_due) WHERE follow_state = 'open'")

    @api.depends("follow_state", "follow_due")
    def _compute_follow_is_overdue(self):
        for answer in self:
            answer.follow_is_overdue = (
                answer.follow_state == "open" and bool(answer.follow_due)
                and answer.follow_due < answer.company_id._care_today())

    def _search_follow_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain.OR([
            Domain("company_id", "=", company.id) & Domain("follow_state", "=", "open")
            & Domain("follow_due", "<", company._care_today())
            for company in self.env.companies])
        return late if True in value else ~late

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_follow_done(self):
        """Ask what came of the call."""
        self._check_follows()
        return {
            "type": "ir.actions.act_window", "name": self.env._("Record the call"),
            "res_model": "care.feedback.done", "views": [(False, "form")], "target": "new",
            "context": {"default_feedback_ids": self.ids}}

    def action_follow_take(self):
        """I call back."""
        self._check_follows()
        for answer in self.sudo().filtered(lambda one: one.follow_state == "open"):  # as checked
            answer.follow_user_id = self.env.user
            answer.follow_activity_id.user_id = self.env.user

    def _check_follows(self):
        """Who works with customers, and whose call-back it is."""
        self.check_access("read")
        works = self.env.user.has_group("customer_care.group_customer_care_user")
        mine = all(answer.follow_user_id == self.env.user for answer in self)
        if not (self.env.su or works or mine):
            raise AccessError(self.env._("This call-back is not yours."))

    # ------------------------------------------------------------
    # State machine: the only writers of the call-back
    # ------------------------------------------------------------

    def _on_recorded(self):
        super()._on_recorded()
        for answer in self:
            bad = not answer.excluded_reason and answer._is_bad()
            if bad and answer.follow_state == "none":
                answer._plan_follow()
            elif not bad and answer.follow_state == "open":
                answer._set_follow_done(self.env._(
                    "The answer was changed, or does not count: nobody has to call."), False)

    def _plan_follow(self):
        """One call-back for a person and programme within the company's days of rest."""
        since = fields.Datetime.subtract(fields.Datetime.now(), days=FRESH_DAYS)
        nobody = not (self.partner_id or self.email or self.case_id)
        if nobody or self.responded_at < since:
            return
        earlier = self._find_followed()
        if earlier:
            self.follow_of_id = earlier
        else:
            self._set_follow_open()

    def _find_followed(self):
        """The call-back that stands for this answer as well."""
        since = fields.Datetime.subtract(
            self.responded_at, days=self.company_id.care_follow_rest_days)
        return self.search([
            ("id", "!=", self.id), ("company_id", "=", self.company_id.id),
            ("follow_state", "!=", "none"), ("responded_at", ">", since),
            *self._same_question_domain(), *self._same_person_domain()], limit=1)

    def _same_question_domain(self):
        return [("metric", "=", self.metric)]

    def _same_person_domain(self):
        if self.partner_id:
            return [("partner_id", "=", self.partner_id.id)]
        if self.email:
            return [("email", "=", self.email)]
        return [("case_id", "=", self.case_id.id)]

    def _set_follow_open(self):
        self.ensure_one()
        owner = self._choose_follow_owner()
        self.write({
            "follow_state": "open", "follow_user_id": owner.id,
            "follow_due": self._get_follow_due()})
        self.follow_activity_id = self._plan_activity(owner, self._tell_follow(owner))

    def _set_follow_done(self, outcome, reached):
        """Over, whatever came of it; the activity goes with it."""
        for answer in self.filtered(lambda one: one.follow_state == "open"):
            answer.write({
                "follow_state": "done", "follow_done_at": fields.Datetime.now(),
                "follow_done_by_id": self.env.user.id, "follow_outcome": outcome,
                "follow_reached": reached})
            activity = answer.follow_activity_id
            if activity.active:
                activity.action_feedback(feedback=outcome)

    # ------------------------------------------------------------
    # Business
    # ------------------------------------------------------------

    def _is_bad(self):
        return self.band in feedback.BAD

    def _follow_days(self):
        return self.company_id.care_follow_days

    def _follow_candidates(self):
        """Who should call, the first choice first."""
        customer = self.commercial_partner_id
        return [self.team_id.leader_id, self.order_id.user_id, self.partner_id.user_id,
                customer.user_id, self.case_id.user_id]

    def _choose_follow_owner(self):
        """The first who is there; when all are away, the first anyway."""
        candidates = [user for user in self._follow_candidates() if user and user.active]
        here = [user for user in candidates if not self._is_away(user)]
        return (here or candidates or [self.env["res.users"]])[0]

    @api.model
    def _follow_instead_of(self, users):
        """Whoever was to call has left: the next one calls, until the same day."""
        for answer in self.search([
                ("follow_user_id", "in", users.ids), ("follow_state", "=", "open")]):
            owner = answer._choose_follow_owner()
            answer.follow_activity_id.unlink()
            answer.write({
                "follow_user_id": owner.id,
                "follow_activity_id": answer._plan_activity(owner, answer._tell_follow(owner)).id})

    def _is_away(self, user):
        """On leave now, by the working time of the user."""
        now = fields.Datetime.now()
        return bool(self.env["resource.calendar.leaves"].search_count([
            ("resource_id.user_id", "=", user.id), ("time_type", "=", "leave"),
            ("date_from", "<=", now), ("date_to", ">=", now)], limit=1))

    def _get_follow_due(self):
        """So many working days after the day of the answer."""
        days = self._follow_days()
        today = self.company_id._care_today()
        calendar = self.team_id.resource_calendar_id or self.company_id.resource_calendar_id
        zone = pytz.timezone(self.company_id._care_zone())
        tomorrow = zone.localize(datetime.combine(fields.Date.add(today, days=1), time.min))
        planned = days and calendar and calendar.plan_days(days, tomorrow, compute_leaves=True)
        return planned.date() if planned else fields.Date.add(today, days=days)

    def _plan_activity(self, user, summary, due=None):
        """On the case, else on the care record, when the person may open it."""
        record = self.case_id or self.env["care.customer"].search([
            ("partner_id", "=", self.commercial_partner_id.id),
            ("company_id", "=", self.company_id.id)], limit=1)
        if not (user and record and record.with_user(user).has_access("read")):
            return self.env["mail.activity"]
        return record.activity_schedule(
            "mail.mail_activity_data_call", date_deadline=due or self.follow_due,
            user_id=user.id, summary=summary,
            note=Markup("<p>{}</p>").format(self.comment) if self.comment else False)

    def _tell_follow(self, user):
        env = self.with_context(lang=user.lang or self.env.lang).env
        return env._("Call back: %s", self.with_env(env).display_name)

    @api.model
    def _escalate_overdue(self, company, now):
        """The leader is told once of each call-back that nobody made in time."""
        late = self.search([
            ("company_id", "=", company.id), ("follow_state", "=", "open"),
            ("follow_due", "<", company._care_today(now)), ("follow_escalated_at", "=", False),
        ], limit=MOST_ESCALATED, order="follow_due, id")
        for answer in late:
            with apart(
                    self.env, "Nobody could be told of the overdue call-back %s", answer.id):
                answer._escalate(now)

    def _escalate(self, now):
        self.follow_escalated_at = now
        boss = self._choose_follow_boss()
        if boss:
            self._plan_activity(boss, self.env._(
                "Overdue since %(due)s, by %(who)s: call back %(name)s",
                due=tell_day(self.env, self.follow_due, year=True),
                who=self.follow_user_id.name or self.env._("nobody"), name=self.display_name),
                due=self.company_id._care_today(now))

    def _choose_follow_boss(self):
        """Who answers for the one who did not call; nobody is told of himself."""
        bosses = [self.team_id.leader_id, self.follow_user_id.sale_team_id.user_id]
        return next((
            user for user in bosses if user.active and user != self.follow_user_id), None)
