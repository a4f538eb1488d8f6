from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

SATURDAY = 5


class SalesDay(models.AbstractModel):
    """My day: what shall wait for another day, and the way back."""

    _inherit = "sales.day"

    @api.model
    def postpone(self, activity_ids, day, model, res_id):
        """Take a line out of the day until another day. Return what undo needs.

        Its activities move to that day, and a deal that asks for a next step and has none gets
        one. Whatever else asks for it is silent until then, but for what is new: a word of the
        customer, a hand-off, a meeting of that day.

        :param activity_ids: what the line shows; those planned for a later day stay
        :param day: a date, tomorrow at the earliest
        :param model: what the line is about: a deal, or a document without one
        """
        self._check_sells()
        day = self._check_day(day)
        record = self._get_line_record(model, res_id)
        before = self.env["sales.day.pause"]._put_off(record, day)
        activities = self.env["mail.activity"].browse(activity_ids or []).exists().filtered(
            lambda activity: activity.active and activity.date_deadline < day)
        moved = [
            (activity.id, fields.Date.to_string(activity.date_deadline))
            for activity in activities]
        activities.write({"date_deadline": day})
        planned = self.env["mail.activity"]
        if model == "crm.lead" and not activity_ids and record.next_action_missing:
            planned = record.activity_schedule(
                "mail.mail_activity_data_todo", date_deadline=day, user_id=self.env.uid,
                summary=self.env._("Come back to this deal"))
        return {
            "moved": moved, "planned": planned.ids, "day": fields.Date.to_string(day),
            "model": model, "res_id": res_id, "before": fields.Date.to_string(before)}

    @api.model
    def undo_postpone(self, undo):
        """Put back what `postpone` moved, unless it was done or planned anew meanwhile."""
        self._check_sells()
        day = fields.Date.to_date(undo["day"])
        was = {activity_id: fields.Date.to_date(date) for activity_id, date in undo["moved"]}
        activities = self.env["mail.activity"]
        for activity in activities.browse(list(was)).exists():
            if activity.active and activity.date_deadline == day:
                activity.date_deadline = was[activity.id]
        activities.browse(undo["planned"]).exists().filtered("active").unlink()
        today = fields.Date.context_today(self)
        self.env["sales.day.pause"]._put_off(
            self._get_line_record(undo["model"], undo["res_id"]),
            fields.Date.to_date(undo["before"]) or today)

    @api.model
    def bring_back(self, model, res_id):
        """Take a postponed line back into today, with what was put off to its day."""
        self._check_sells()
        record = self._get_line_record(model, res_id)
        today = fields.Date.context_today(self)
        day = self.env["sales.day.pause"]._put_off(record, today)
        if not day or day <= today:
            return
        activities = self._search_activities(self.env.user, [("date_deadline", "=", day)])
        deals = self._find_deals(activities)
        activities.filtered(lambda activity: (model, res_id) in {
            ("mail.activity", activity.id), (activity.res_model, activity.res_id),
            ("crm.lead", deals[activity.id])}).date_deadline = today

    @api.model
    def _read_postponed(self, user, today, lines):
        """What waits for a later day, as far as nothing new has brought it back meanwhile."""
        shown = {(line["model"], line["res_id"]) for line in lines}
        shown |= {("crm.lead", line["lead_id"]) for line in lines if line["lead_id"]}
        pauses = self.env["sales.day.pause"]._get_put_off(user, today).filtered(
            lambda row: (row.res_model, row.res_id) not in shown)
        found = {}
        for model, rows in pauses.grouped("res_model").items():
            records = self.env[model].with_context(active_test=False).browse(
                rows.mapped("res_id")).exists()._filtered_access("read")
            found.update({(model, record.id): record.display_name for record in records})
        return [
            {"model": row.res_model, "res_id": row.res_id, "until": row.until,
             "lead_id": row.res_model == "crm.lead" and row.res_id,
             "title": found[row.res_model, row.res_id]}
            for row in pauses if (row.res_model, row.res_id) in found]

    @api.model
    def _get_line_record(self, model, res_id):
        """The deal or document that a line of a day is about."""
        if model not in self._get_line_models():
            raise UserError(self.env._("This cannot be postponed."))
        return self.env[model].browse(res_id)

    @api.model
    def _get_line_models(self):
        """Of what a line of the day may be."""
        return {
            "crm.lead", "mail.activity", "sale.order", "calendar.event", "sales.handoff",
            "sales.brief", "sales.story", "sales.daily.report", "sales.weekly.report"}

    @api.model
    def _collect_lines(self, user, now):
        """Without what the person has put off, unless something new has come since."""
        heads, raw = super()._collect_lines(user, now)
        pauses = self.env["sales.day.pause"]._get_pauses(
            user, fields.Date.context_today(self))
        if not pauses:
            return heads, raw
        leads = self.env["crm.lead"].with_context(active_test=False).search_fetch(
            [("id", "in", [res_id for model, res_id in pauses if model == "crm.lead"])],
            ["last_reply_at"])
        replies = {lead.id: lead.last_reply_at for lead in leads}
        raw = [line for line in raw if not self._is_paused(line, pauses, replies)]
        shown = Counter(line["source"] for line in raw)
        return [{**head, "count": shown[head["key"]]} for head in heads], raw

    @api.model
    def _is_paused(self, line, pauses, replies):
        lead_id = line.get("lead_id")
        key = ("crm.lead", lead_id) if lead_id else (line["model"], line["res_id"])
        paused_at = pauses.get(key)
        if not paused_at:
            return False
        news = [moment for moment in (line.get("since"), replies.get(lead_id)) if moment]
        return all(moment <= paused_at for moment in news)

    @api.model
    def _check_day(self, day):
        try:
            day = fields.Date.to_date(day)
        except ValueError:
            day = False
        if not day:
            raise UserError(self.env._("Choose a day."))
        if day <= fields.Date.context_today(self):
            raise UserError(self.env._("Choose a later day than today."))
        return day

    @api.model
    def _prepare_next_days(self):
        """Tomorrow, in three days, next week; a day on a weekend becomes the Monday after it."""
        today = fields.Date.context_today(self)
        days = {}
        for label, count in (
                (self.env._("Tomorrow"), 1), (self.env._("In 3 days"), 3),
                (self.env._("Next week"), 7 - today.weekday())):
            day = today + timedelta(days=count)
            if day.weekday() >= SATURDAY:
                day += timedelta(days=7 - day.weekday())
                label = self.env._("On Monday")
            days.setdefault(day, label)
        return [
            {"day": fields.Date.to_string(day), "label": label}
            for day, label in sorted(days.items())]
