from datetime import timedelta

from odoo import models

from .care_reminder_rule import FEW


class CareDashboard(models.AbstractModel):
    _inherit = "care.dashboard"

    def _dashboard_tiles(self):
        return super()._dashboard_tiles() | {
            "reminders": {"title": self.env._("Reminders"), "icon": "fa-bell-o",
                          "sequence": 35, "span": 4},
        }

    def _dashboard_reminders(self, scope):
        """What leaves in the next seven days; what was sent in the period and led to."""
        here, reminders = self._here(scope), self.env["care.reminder"]
        if not self.env["care.reminder.rule"].search_count([*here, ("is_on", "=", True)], limit=1):
            return {
                "few": self.env._("No reminder rule is switched on."),
                "action": self._open(self.env._("Reminder rules"), "care.reminder.rule", here)}
        soon = [*here, ("state", "in", ("planned", "failed")),
                ("send_on", "<", scope.today + timedelta(days=7))]
        sent = [*here, ("reached", "=", 1), ("sent_on", ">=", scope.first),
                ("sent_on", "<", scope.last)]
        counts = dict(reminders._read_group(
            [*here, ("send_on", ">=", scope.first), ("send_on", "<", scope.last)],
            ["state"], ["__count"]))
        words = dict(reminders._fields["state"]._description_selection(self.env))
        shown = [key for key in ("sent", "done", "suppressed", "failed") if counts.get(key)]
        return {
            "figure": str(reminders.search_count(soon)),
            "note": self.env._(
                "leave in the next 7 days. %s", self._tell_led_to(scope, sent)),
            "action": self._open(self.env._("Reminders of the week"), "care.reminder", soon),
            "chart": shown and {
                "type": "hbar", "kind": "count", "labels": [words[key] for key in shown],
                "series": [{"label": self.env._("Reminders"),
                            "values": [counts[key] for key in shown]}],
                "actions": [
                    self._open(words[key], "care.reminder", [
                        *here, ("state", "=", key), ("send_on", ">=", scope.first),
                        ("send_on", "<", scope.last)]) for key in shown],
            },
        }

    def _tell_led_to(self, scope, sent) -> str:
        """Of those old enough to judge, how many led to a purchase."""
        matured, bought = self.env["care.reminder"]._read_group(
            sent, [], ["matured:sum", "bought:sum"])[0]
        days = scope.company.care_reminder_window_days
        if (matured or 0) < FEW:
            return self.env._(
                "Too few of the period are %s days old to say what they led to.", days)
        return self.env._(
            "Of the period's, %(bought)s of %(matured)s (%(share)s %%) led to a purchase within "
            "%(days)s days.", bought=bought, matured=matured, days=days,
            share=round(100 * bought / matured))
