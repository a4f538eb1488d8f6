from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SalesDeskCase

WEEK = "sales.weekly.report"
CRON = "ir_cron_prepare_weekly_reports"


@tagged("post_install", "-at_install")
class TestWeeklyReport(SalesDeskCase):
    """The week of Ines, and of Lea's inside team, against the week before."""

    def _open(self, user, method, *args):
        reports = self.env[WEEK].with_user(user)
        return reports.browse(getattr(reports, method)(*args)["res_id"])

    def _figures(self, report):
        return {row["key"]: (row["count"], row["before"]) for row in report.page["figures"]}

    def _live_two_weeks(self):
        """New deals: one on the Sunday before, two on Monday, three on the Sunday that ends it."""
        for moment, count in (
                ("2026-03-01 12:00:00", 1), ("2026-03-02 12:00:00", 2),
                ("2026-03-08 12:00:00", 3), ("2026-03-09 00:00:00", 5)):
            with self.at(moment):
                self._create_deals(count)
        with self.at("2026-03-03 12:00:00"):
            daily = self.env["sales.daily.report"].with_user(self.ines)
            daily = daily.browse(daily.action_open_mine()["res_id"])
            daily.insight = "They buy before summer."
            daily.action_submit()
        return daily

    def test_a_week_against_the_week_before(self):  # SA-15
        daily = self._live_two_weeks()
        with self.at("2026-03-08 18:00:00"):
            report = self._open(self.ines, "action_open_my_week")
        self.assertEqual(str(report.date), "2026-03-02")
        self.assertEqual(self._figures(report)["new"], (5, 1))
        self.assertEqual(
            [(quote["text"], quote["id"]) for quote in report.page["quotes"]],
            [("They buy before summer.", daily.id)])
        self.assertEqual(report.open_daily(daily.id)["res_id"], daily.id)
        opened = report.open_figure("new")
        self.assertEqual(self.env[opened["res_model"]].search_count(opened["domain"]), 5)
        with self.assertRaises(UserError):
            report.open_figure("nonsense")

    def test_a_team(self):  # SA-15
        self._live_two_weeks()
        with self.at("2026-03-08 18:00:00"):
            report = self._open(self.lea, "action_open_team_week", self.team_inside.id)
            self.assertEqual(self._figures(report)["new"], (5, 1))
            self.assertEqual(len(report.page["quotes"]), 1)
            self.assertEqual(
                self._open(self.max, "action_open_team_week", self.team_inside.id), report)
            with self.assertRaises(AccessError):
                self._open(self.finn, "action_open_team_week", self.team_inside.id)
            action = self.env[WEEK].with_user(self.finn).action_open_team_week()
            self.assertEqual(action["context"], {"search_default_teams": 1})
        self.assertFalse(report.with_user(self.ines).has_access("read"))

    def test_quotes_only_what_may_be_read(self):  # ALL-4
        self._live_two_weeks()
        with self.at("2026-03-05 12:00:00"):  # a draft is not quoted to the leader
            daily = self.env["sales.daily.report"].with_user(self.ines)
            daily.browse(daily.action_open_mine()["res_id"]).insight = "Not ready"
        with self.at("2026-03-08 18:00:00"):
            report = self._open(self.lea, "action_open_team_week", self.team_inside.id)
            self.assertEqual(len(report.page["quotes"]), 1)

    def test_submitting_and_printing(self):  # SA-15
        self._live_two_weeks()
        with self.at("2026-03-08 18:00:00"):
            report = self._open(self.ines, "action_open_my_week")
            report.write({"insight": "Five new deals"})
            report.action_submit()
            self.assertFalse(report.is_late)
        self.assertTrue(report.with_user(self.lea).has_access("read"))
        self.assertFalse(report.with_user(self.fay).has_access("read"))
        with self.at("2026-03-04 18:00:00"):
            self.env["sales.voice"].with_user(self.ines).create({"text": "Too loud"})
        report.invalidate_recordset(["page"])
        self.assertEqual([row["text"] for row in report.page["voices"]], ["Too loud"])
        html = self.env["ir.actions.report"].with_user(self.lea)._render_qweb_html(
            "sales_automation.sales_weekly_report_pages", report.ids)[0].decode()
        for text in ("Five new deals", "They buy before summer.", "New Deals", "Too loud"):
            self.assertIn(text, html)
        report.with_user(self.lea).action_mark_read()
        self.assertEqual(report.state, "read")

    def test_prepared_on_the_last_working_day(self):  # SA-15: Friday, 6 March
        self.team_inside.report_mode = "weekly"
        mine = [("user_id", "=", self.ines.id)]
        with self.at("2026-03-05 18:00:00"):
            self._run_cron(CRON)
            self.assertFalse(self.env[WEEK].search(mine))
        with self.at("2026-03-06 17:30:00"):
            self._run_cron(CRON)
            self._run_cron(CRON)
            self.assertEqual(str(self.env[WEEK].search(mine).date), "2026-03-02")
