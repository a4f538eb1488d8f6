from odoo import fields, models

from .moments import tell_day

TONES = {"good": "success", "watch": "warning", "risk": "danger"}


class CrmLead(models.Model):
    """The deal's side panel: how it does and why, and when the customer was last in touch."""

    _inherit = "crm.lead"

    def _deal_panel_sections(self):
        return {
            **super()._deal_panel_sections(),
            "health": {"title": self.env._("Health"), "icon": "fa-heartbeat", "sequence": 10},
            "contact": {
                "title": self.env._("In Touch"), "icon": "fa-comments-o", "sequence": 20},
        }

    def _deal_panel_health(self, now):
        verdict = self._deal_health(now).get(self.id)
        if not verdict:
            return False
        lines = [{
            "text": reason["text"], "tone": reason["tone"],
            "detail": self._tell_points(reason["points"]) if reason["points"] else False,
            "icon": "fa-arrow-up" if reason["points"] > 0 else
            "fa-arrow-down" if reason["points"] else "fa-info-circle",
        } for reason in verdict["reasons"]]
        if not verdict["level"]:
            return {"lines": lines}
        label = dict(self._fields["health_level"]._description_selection(self.env))
        return {
            "badge": {"text": label[verdict["level"]], "tone": TONES[verdict["level"]]},
            "lines": [*lines, self._panel_health_sum(verdict)] if lines else [],
            "empty": self.env._("Nothing speaks against this deal."),
        }

    def _panel_health_sum(self, verdict):
        """What the reasons leave of 100, and below what a deal needs watching."""
        return {
            "text": self.env._("%s of 100 points", min(100, max(0, 100 + verdict["score"]))),
            "detail": self.env._(
                "Watch at %(watch)s or less, at risk at %(risk)s or less",
                watch=100 + verdict["watch"], risk=100 + verdict["risk"]),
            "icon": "fa-tachometer", "tone": "muted"}

    def _tell_points(self, points):
        return self.env._("%+d points", points)

    def _deal_panel_contact(self, now):
        if self.sales_outcome != "open" or self.type != "opportunity":
            return False
        day = fields.Datetime.context_timestamp(self, now).date()
        buttons = [{
            "text": self.env._("Plan Next Step"), "method": "action_plan_next_step",
            "primary": self.next_action_missing}]
        if self.snooze_until and self.snooze_until >= day:
            buttons.append({"text": self.env._("End Quiet Time"), "method": "action_wake"})
        else:
            buttons.append({"text": self.env._("Keep Quiet Until…"), "method": "action_snooze"})
        lines = [self._panel_contact_line(), self._panel_step_line(day)]
        if self.snooze_until and self.snooze_until >= day:
            lines.append(self._panel_snooze_line())
        badge = {"text": self.env._("Stale"), "tone": "danger"} \
            if self.stale_level == "stale" else False
        return {
            "badge": badge, "lines": lines,
            "buttons": buttons if self.has_access("write") else []}

    def _panel_contact_line(self):
        if not self.last_contact_at:
            return {
                "text": self.env._("No contact with the customer yet"), "icon": "fa-comment-o",
                "tone": "warning"}
        kinds = dict(self._fields["last_contact_kind"]._description_selection(self.env))
        return {
            "text": kinds[self.last_contact_kind], "icon": "fa-comment-o",
            "date": fields.Datetime.to_string(self.last_contact_at),
            "tone": "danger" if self.stale_level == "stale" else False,
        }

    def _panel_step_line(self, day):
        """The nearest planned activity, else the oldest overdue one, else that there is none."""
        acts = self.activity_ids.sorted("date_deadline")
        act = acts.filtered(lambda a: a.date_deadline >= day)[:1] or acts[:1]
        if not act:
            planned = self.has_next_action
            return {
                "text": self.env._("A meeting is planned") if planned
                else self.env._("No next step is planned"),
                "icon": "fa-flag-o", "tone": False if planned else "warning"}
        return {
            "text": act.summary or act.activity_type_id.name, "icon": "fa-flag-o",
            "date": fields.Date.to_string(act.date_deadline),
            "detail": self.env._("overdue") if act.date_deadline < day else False,
            "tone": "danger" if act.date_deadline < day else False,
            "user": {"id": act.user_id.id, "name": act.user_id.name} if act.user_id else False,
        }

    def _panel_snooze_line(self):
        who = self.snooze_by_id
        return {
            "text": self.env._(
                "Quiet until %s", tell_day(self.env, self.snooze_until)),
            "detail": self.snooze_note, "icon": "fa-bell-slash-o", "tone": "muted",
            "user": {"id": who.id, "name": who.name} if who else False,
        }
