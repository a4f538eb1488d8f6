from datetime import timedelta

from odoo import fields, models
from odoo.addons.sales_automation.engine import day_window
from odoo.tools import format_time

from .crm_lead_handoff import WAITING
from .moments import tell_moment
from .sales_handoff import ACTIVITY_TYPE as HANDOFF_TYPE

AHEAD = 7  # days that the agenda looks ahead
BURNS_AFTER = 5  # days overdue
LIMIT = 200
WOKEN_TYPE = "sales_automation.mail_activity_type_recycle"
# Documents of a salesperson, and the field that leads from each to its deal.
DEAL_OF = {"crm.lead": "id", "sale.order": "opportunity_id", "res.partner": None}


class SalesDay(models.AbstractModel):
    """My day: planned work, meetings, deals without a next step, deals that came back, and
    hand-offs that want an answer."""

    _inherit = "sales.day"

    def _day_sources(self):
        _ = self.env._
        return {
            **super()._day_sources(),
            "activities": {"label": _("Planned"), "icon": "fa-clock-o", "sequence": 10},
            "meetings": {"label": _("Meetings"), "icon": "fa-calendar", "sequence": 15},
            "handoffs": {"label": _("Hand-offs"), "icon": "fa-handshake-o", "sequence": 20},
            "woken": {"label": _("Came Back"), "icon": "fa-moon-o", "sequence": 25},
            "next_step": {
                "label": _("No Next Step"), "icon": "fa-question-circle-o", "sequence": 30},
        }

    # ---- planned ------------------------------------------------------------------------------

    def _search_activities(self, user, domain):
        """Open activities of the person, and of nobody on his deals, the longest overdue first;
        by the index on user_id."""
        deals = self.env["crm.lead"]._search(
            [("user_id", "=", user.id), ("sales_outcome", "=", "open")])
        return self.env["mail.activity"].search(
            ["|", ("user_id", "=", user.id), "&", ("user_id", "=", False),
             "&", ("res_model", "=", "crm.lead"), ("res_id", "in", deals), *domain],
            order="date_deadline, id", limit=LIMIT)

    def _day_lines_activities(self, user, now):
        today = fields.Date.context_today(self)
        own_lines = self._find_type(HANDOFF_TYPE) | self._find_type(WOKEN_TYPE)
        activities = self._search_activities(user, [
            ("res_model", "in", list(DEAL_OF)), ("date_deadline", "<=", today + timedelta(AHEAD)),
            ("activity_type_id", "not in", own_lines.ids)])
        deals = self._find_deals(activities)
        return [
            {
                **self._prepare_activity_line(activity, deals),
                "reason": self._tell_activity(activity, today),
                "urgency": self._rate_activity(activity, today),
            } for activity in activities]

    def _find_type(self, xmlid):
        """A kind of activity that has lines of its own; an administrator may have deleted it."""
        return self.env.ref(xmlid, raise_if_not_found=False) or self.env["mail.activity.type"]

    def _find_deals(self, activities):
        """Return {activity id: lead id or False}, one read per model that leads to a deal."""
        found = {}
        for model, rows in activities.grouped("res_model").items():
            deal = {}
            if path := DEAL_OF.get(model):
                records = self.env[model].browse(rows.mapped("res_id")).exists()
                deal = {record.id: record.id if path == "id" else record[path].id
                        for record in records._filtered_access("read")}
            found.update({row.id: deal.get(row.res_id, False) for row in rows})
        return found

    def _prepare_activity_line(self, activity, deals):
        return {
            "model": "mail.activity", "res_id": activity.id, "lead_id": deals[activity.id],
            "title": activity.res_name, "due": activity.date_deadline,
            "actions": self._prepare_activity_actions(activity),
        }

    def _prepare_activity_actions(self, activity):
        actions = [{
            "text": self.env._("Done"), "icon": "fa-check", "model": "mail.activity",
            "title": self.env._("Done: %s", activity.display_name),
            "method": "action_feedback", "primary": True, "is_done": True}]
        if activity.activity_category == "phonecall":
            actions.append({
                "text": self.env._("No Answer"), "icon": "fa-phone", "model": "mail.activity",
                "title": self.env._("Called, nobody answered: no contact with the customer"),
                "method": "action_no_answer"})
        return actions

    def _rate_activity(self, activity, today):
        late = (today - activity.date_deadline).days
        if late >= 0:
            return 3 if late > BURNS_AFTER else 2
        return 1 if late == -1 else 0

    def _tell_activity(self, activity, today):
        _ = self.env._
        what = activity.summary or activity.activity_type_id.name or _("To do")
        days = (activity.date_deadline - today).days
        if days < -1:
            return _("%(what)s: overdue for %(days)s days.", what=what, days=-days)
        if days < 2:
            return {
                -1: _("%(what)s: was due yesterday.", what=what),
                0: _("%(what)s: due today.", what=what),
                1: _("%(what)s: due tomorrow.", what=what),
            }[days]
        return _("%(what)s: due in %(days)s days.", what=what, days=days)

    def _day_lines_woken(self, user, now):
        today = fields.Date.context_today(self)
        activities = self._search_activities(user, [
            ("res_model", "=", "crm.lead"), ("date_deadline", "<=", today + timedelta(AHEAD)),
            ("activity_type_id", "in", self._find_type(WOKEN_TYPE).ids)])
        deals = self._find_deals(activities)
        return [
            {
                **self._prepare_activity_line(activity, deals), "urgency": 2,
                "reason": self.env._(
                    "%(what)s: the day has come that the customer asked for.",
                    what=activity.summary or activity.activity_type_id.name),
            } for activity in activities]

    # ---- meetings -----------------------------------------------------------------------------

    def _day_lines_meetings(self, user, now):
        """Meetings of today that are not over; by the index on start."""
        tz = self.env.user.tz
        today = fields.Date.context_today(self)
        begin, end = day_window.day_bounds(today, today, tz)
        meetings = self.env["calendar.event"].search(
            [("start", ">=", begin), ("start", "<", end), ("stop", ">", now),
             ("allday", "=", False), ("partner_ids", "in", user.partner_id.ids)],
            order="start, id", limit=LIMIT)
        return [
            {**self._prepare_meeting_line(meeting, user, today, now), "since": begin}
            for meeting in meetings]

    def _prepare_meeting_line(self, meeting, user, today, now):
        _ = self.env._
        guests = ", ".join((meeting.partner_ids - user.partner_id).mapped("name")[:3])
        hour = format_time(self.env, meeting.start, tz=self.env.user.tz, time_format="short")
        reason = _("Meeting at %(hour)s: %(what)s.", hour=hour, what=meeting.name) if not guests \
            else _("Meeting at %(hour)s with %(who)s: %(what)s.",
                   hour=hour, who=guests, what=meeting.name)
        return {
            "model": "calendar.event", "res_id": meeting.id,
            "lead_id": meeting.opportunity_id.id, "title": meeting.name, "subtitle": guests,
            "reason": reason, "due": today,
            "urgency": 3 if meeting.start - now < timedelta(hours=1) else 2, "actions": [],
        }

    # ---- hand-offs ----------------------------------------------------------------------------

    def _day_lines_handoffs(self, user, now):
        """Requests to the person or to his team, and overdue ones that he was told of as their
        leader; by the partial index sales_handoff_waiting_uniq (waiting requests only)."""
        teams = user.sudo().crm_team_ids  # which teams a colleague is in is no secret
        handoffs = self.env["sales.handoff"].search(
            [("state", "in", WAITING), "|", "|", ("to_user_id", "=", user.id),
             "&", ("to_user_id", "=", False), ("team_id", "in", teams.ids),
             "&", ("state", "=", "expired"), ("escalated_to_id", "=", user.id)],
            order="deadline_at, id", limit=LIMIT)
        return [
            self._prepare_handoff_line(
                handoff, now, is_asked=user == handoff.to_user_id
                or (not handoff.to_user_id and handoff.team_id in teams))
            for handoff in handoffs]

    def _prepare_handoff_line(self, handoff, now, is_asked):
        _ = self.env._
        sender = handoff.sudo().from_user_id.name or _("Somebody")  # a name is no secret
        if not is_asked:
            reason = _("Nobody has answered this hand-off in time: %s.", handoff._tell_parties())
        elif handoff.state == "expired" or handoff.deadline_at < now:
            reason = _("%s hands this deal over; the time to answer is over.", sender)
        else:
            until = tell_moment(self.env, handoff.deadline_at)
            reason = _("%(sender)s hands this deal over: answer until %(until)s.",
                       sender=sender, until=until)
        return {
            "model": "sales.handoff", "res_id": handoff.id, "lead_id": handoff.lead_id.id,
            "title": handoff.display_name, "reason": reason, "since": handoff.requested_at,
            "due": fields.Datetime.context_timestamp(self, handoff.deadline_at).date(),
            "urgency": 3 if handoff.state == "expired" else 2,
            "actions": [
                {"text": _("Accept"), "icon": "fa-check", "model": "sales.handoff",
                 "method": "action_accept", "primary": True},
                {"text": _("Reject"), "icon": "fa-times", "model": "sales.handoff",
                 "method": "action_reject"}] if is_asked else [],
        }

    # ---- no next step -------------------------------------------------------------------------

    def _day_lines_next_step(self, user, now):
        """Deals with nothing planned; one whose activity is overdue is told by that activity.

        A done activity is kept, archived, and does not count.
        """
        leads = self.env["crm.lead"].search(
            [("user_id", "=", user.id), ("next_action_missing", "=", True),
             ("activity_ids", "not any", [("active", "=", True)])],
            order="expected_revenue desc, id", limit=LIMIT)
        return [
            {
                "model": "crm.lead", "res_id": lead.id, "lead_id": lead.id, "urgency": 1,
                "reason": self.env._("Nothing is planned with this customer."),
                "actions": [{
                    "text": self.env._("Plan"), "icon": "fa-calendar-plus-o", "model": "crm.lead",
                    "method": "action_plan_next_step", "primary": True}],
            } for lead in leads]
