from odoo import fields, models
from odoo.addons.sales_automation.engine import day_window

LOOK_BACK_DAYS = 60


class SalesDay(models.AbstractModel):
    """My day: the report to complete, what was commented on mine, and those to read."""

    _inherit = "sales.day"

    def _day_sources(self):
        _ = self.env._
        return {
            **super()._day_sources(),
            "report": {"label": _("Reports"), "icon": "fa-pencil-square-o", "sequence": 60},
            "report_comments": {"label": _("Comments"), "icon": "fa-comments", "sequence": 61},
            "report_unread": {"label": _("To Read"), "icon": "fa-inbox", "sequence": 62},
        }

    def _day_lines_report(self, user, now):
        """From the hour on, the report of today (or of this week) that is not submitted yet."""
        local = day_window.local_now(now, user._get_sales_tz())
        if local.hour + local.minute / 60 < self.env.company.sales_report_hour:
            return []
        lines = []
        for model, day in (("sales.daily.report", local.date()),
                           ("sales.weekly.report", day_window.week_start(local.date()))):
            reports = self.env[model].search([
                ("user_id", "=", user.id), ("date", "=", day), ("state", "=", "draft"),
                ("team_id.report_mode", "=", "daily" if "daily" in model else "weekly")])
            lines += [{
                "model": model, "res_id": report.id, "lead_id": False,
                "title": self.env._("Complete my report"), "subtitle": report.display_name,
                "reason": self.env._(
                    "It is drafted from what you did: look it over, add one insight, submit."),
                "due": local.date(), "amount": 0, "urgency": 1,
                "actions": [
                    {"text": self.env._("Write"), "icon": "fa-pencil", "model": model,
                     "method": "action_open", "primary": True},
                    {"text": self.env._("Submit"), "icon": "fa-check", "model": model,
                     "method": "action_submit"}],
            } for report in reports]
        return lines

    def _day_lines_report_comments(self, user, now):
        """What others wrote below my submitted reports since I last looked."""
        lines = []
        since = fields.Date.subtract(now.date(), days=LOOK_BACK_DAYS)
        for model in ("sales.daily.report", "sales.weekly.report"):
            reports = self.env[model].search([
                ("user_id", "=", user.id), ("state", "!=", "draft"), ("date", ">=", since)])
            messages = self.env["mail.message"].search([
                ("model", "=", model), ("res_id", "in", reports.ids),
                ("message_type", "in", ("comment", "email")),
                ("author_id", "!=", user.partner_id.id)], order="id desc")
            for report in reports:
                seen_at = report.comment_seen_at or report.submitted_at
                news = messages.filtered(
                    lambda message, report=report, seen_at=seen_at:
                    message.res_id == report.id and message.date > seen_at)
                if news:
                    lines.append(self._prepare_comment_line(report, news))
        return lines

    def _prepare_comment_line(self, report, news):
        return {
            "model": report._name, "res_id": report.id, "lead_id": False,
            "title": self.env._("Comment on my report"), "subtitle": report.display_name,
            "reason": self.env._(
                "%(who)s: %(words)s", who=news[0].author_id.name or "",
                words=news[0].preview or ""),
            "due": False, "amount": 0, "urgency": 1,
            "actions": [
                {"text": self.env._("Open"), "icon": "fa-external-link", "model": report._name,
                 "method": "action_open_comments", "primary": True},
                {"text": self.env._("Seen"), "icon": "fa-check", "model": report._name,
                 "method": "action_see_comments"}],
        }

    def _day_lines_report_unread(self, user, now):
        """One line for all reports that wait for their reader; he opens the oldest first."""
        if user != self.env.user:
            return []
        lines = []
        for model, words in (
                ("sales.daily.report", self.env._("Daily reports to read: %s")),
                ("sales.weekly.report", self.env._("Weekly reports to read: %s"))):
            reports = self.env[model].search(
                self.env[model]._get_unread_domain(), order="date, id", limit=200)
            if reports:
                lines.append({
                    "model": model, "res_id": reports[0].id, "lead_id": False,
                    "title": words % len(reports),
                    "subtitle": ", ".join(reports.user_id.mapped("name")[:3]),
                    "reason": self.env._("Submitted and not read yet; people wait for a word."),
                    "due": False, "amount": 0, "urgency": 1,
                    "actions": [{
                        "text": self.env._("Read"), "icon": "fa-inbox", "model": model,
                        "method": "action_open", "primary": True}],
                })
        return lines
