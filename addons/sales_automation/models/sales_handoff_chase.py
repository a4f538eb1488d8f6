from odoo import api, fields, models

from .poison import work_off
from .sales_handoff_routing import BATCH


class SalesHandoff(models.Model):
    """Chasing the answer: a reminder before the deadline, a second person well after it."""

    _inherit = "sales.handoff"

    remind_at = fields.Datetime(
        readonly=True, help="When the receiver is reminded; empty when he was, or never is.")
    second_at = fields.Datetime(
        readonly=True, help="When a second person is told; empty when he was, or never is.")
    second_told_id = fields.Many2one("res.users", "Also Told", readonly=True)
    time_left = fields.Char(
        "Working Time", compute="_compute_time_left",
        help="Working hours of the receiver until the deadline, or since it.")

    # The job asks for reminders and second calls that are due.
    _remind_idx = models.Index("(remind_at) WHERE remind_at IS NOT NULL")
    _second_idx = models.Index("(second_at) WHERE second_at IS NOT NULL")

    @api.depends("state", "deadline_at")
    def _compute_time_left(self):
        """Working hours are what the receiver has; a night does not use them up."""
        _ = self.env._
        now = fields.Datetime.now()
        for handoff in self:
            # A team member need not see the receiver's schedule to read the time that is left.
            calendar = self._get_calendar(handoff.lead_id, handoff.to_user_id).sudo()
            late = handoff.deadline_at and handoff.deadline_at <= now
            if handoff.state not in ("requested", "expired") or not handoff.deadline_at:
                handoff.time_left = False
                continue
            span = sorted((now, handoff.deadline_at))
            hours = calendar.get_work_hours_count(*span) if calendar else (
                (span[1] - span[0]).total_seconds() / 3600)
            text = self._spell_hours(hours)
            handoff.time_left = _("%s overdue", text) if late else _(
                "%s left", text)

    @api.model
    def _spell_hours(self, hours):
        whole, minutes = divmod(round(hours * 60), 60)
        if not whole:
            return self.env._("%s min", minutes)
        if not minutes:
            return self.env._("%s h", whole)
        return self.env._("%(hours)s h %(minutes)s min", hours=whole, minutes=minutes)

    @api.model_create_multi
    def create(self, vals_list):
        handoffs = super().create(vals_list)
        for handoff in handoffs.filtered(lambda row: row.state == "requested"):
            company = handoff.company_id or handoff.to_user_id.company_id or self.env.company
            ahead = company.sales_handoff_hours - company.sales_handoff_remind_hours
            if company.sales_handoff_remind_hours and ahead > 0 and handoff.to_user_id:
                handoff.remind_at = self._plan_deadline(
                    handoff.lead_id, handoff.to_user_id.id, handoff.requested_at, hours=ahead)
        cron = self.env.ref("sales_automation.ir_cron_chase_handoffs", raise_if_not_found=False)
        if cron and (moments := {row.remind_at for row in handoffs if row.remind_at}):
            cron._trigger(at=sorted(moments))
        return handoffs

    def _set_expired(self, now):
        result = super()._set_expired(now)
        for handoff in self:
            company = handoff.company_id or handoff.to_user_id.company_id or self.env.company
            if company.sales_handoff_second_user_id:
                handoff.second_at = self._plan_deadline(
                    handoff.lead_id, handoff.to_user_id.id, now,
                    hours=company.sales_handoff_second_hours)
        return result

    def _drop_activities(self):
        """The request is over: nobody is chased any more."""
        self.write({"remind_at": False, "second_at": False})
        return super()._drop_activities()

    # ---- jobs ---------------------------------------------------------------------------------

    @api.model
    def _cron_chase_handoffs(self):
        """Remind receivers shortly before the deadline; tell a second person long after it."""
        now = fields.Datetime.now()
        domain = [
            ("failure", "=", False), "|", ("remind_at", "<=", now), ("second_at", "<=", now)]
        work_off(self, domain, lambda part: part._chase(now), BATCH)

    def _chase(self, now):
        self.filtered(lambda row: row.remind_at and row.remind_at <= now)._remind(now)
        self.filtered(lambda row: row.second_at and row.second_at <= now)._tell_second(now)

    def _remind(self, now):
        """One message in the receiver's inbox; nothing more, he has the activity already."""
        for handoff in self.filtered(lambda row: row.state == "requested"):
            if self._reads_lead(handoff.to_user_id, handoff.lead_id):
                handoff.lead_id.message_notify(
                    partner_ids=handoff.to_user_id.partner_id.ids,
                    subject=self.env._("A hand-off waits for you: %s", handoff.lead_id.name),
                    body=self.env._(
                        "Accept or reject it soon: %s, in working time.", handoff.time_left))
        self.write({"remind_at": False})

    def _tell_second(self, now):
        waiting = self.filtered(lambda row: row.state == "expired")
        rows = []
        for handoff in waiting:
            company = handoff.company_id or handoff.to_user_id.company_id or self.env.company
            person = company.sales_handoff_second_user_id
            handoff.second_told_id = person
            rows.append((handoff, person, now, self.env._(
                "This hand-off is still not answered, the team leader knows")))
        self._schedule(rows)
        self.write({"second_at": False})
