from odoo import fields
from odoo.tests import tagged

from .common import SalesDeskCase


@tagged("post_install", "-at_install")
class TestDayReport(SalesDeskCase):
    """My Day tells of reports and stories at the right hour, to the right person."""

    def _lines(self, user, source):
        day = self.env["sales.day"].with_user(user)
        return getattr(day, f"_day_lines_{source}")(
            day.env.user, fields.Datetime.now())

    def test_report_to_write_and_its_comment(self):  # SA-15, SA-18
        self.team_inside.report_mode = "daily"
        self.env.company.sales_report_hour = 17
        reports = self.env["sales.daily.report"].with_user(self.ines)
        with self.at("2026-03-02 16:59:00"):
            report = reports.browse(reports.action_open_mine()["res_id"])
            self.assertFalse(self._lines(self.ines, "report"))
        with self.at("2026-03-02 17:00:00"):
            [line] = self._lines(self.ines, "report")
            self.assertEqual(line["res_id"], report.id)
            report.action_submit()
            self.assertFalse(self._lines(self.ines, "report"))
            [unread] = self._lines(self.lea, "report_unread")
            self.assertEqual(unread["title"], "Daily reports to read: 1")
        with self.at("2026-03-02 18:00:00"):
            report.with_user(self.lea).message_post(
                body="Ask for the budget", message_type="comment")
            [line] = self._lines(self.ines, "report_comments")
            self.assertIn("Ask for the budget", line["reason"])
        with self.at("2026-03-02 19:00:00"):
            report.action_open_comments()
            self.assertFalse(self._lines(self.ines, "report_comments"))

    def test_stories(self):  # SA-14, SA-18
        self.env.company.sales_story_amount = 5000
        small, large, skipped = (
            self._create_deal(expected_revenue=amount) for amount in (4999, 5000, 9000))
        (small | large | skipped).action_set_won()
        skipped.with_user(self.ines).action_skip_story()
        [line] = self._lines(self.ines, "stories")
        self.assertEqual(line["lead_id"], large.id)
        story = self.env["sales.story"].with_user(self.ines).browse(
            large.with_user(self.ines).action_write_story()["res_id"])
        self.assertFalse(self._lines(self.ines, "stories"))
        story.write({"problem": "Dust", "reason": "Trial run"})
        story.action_ask_approval()
        self.assertIn(story.id, [line["res_id"] for line in self._lines(self.lea, "stories")])
        self.env["sales.story.return"].with_user(self.lea).create(
            {"story_id": story.id, "note": "Which dust?"}).action_apply()
        [line] = self._lines(self.ines, "stories")
        self.assertEqual(line["reason"], "Given back: Which dust?")
