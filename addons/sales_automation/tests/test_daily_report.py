from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SalesDeskCase

REPORT = "sales.daily.report"
CRON = "ir_cron_prepare_daily_reports"


@tagged("post_install", "-at_install")
class TestDailyReport(SalesDeskCase):
    """Ines writes her report in Tokyo's evening; Lea reads it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team_inside.report_mode = "daily"
        cls.env.company.write({"sales_report_hour": 17, "sales_report_reminder_hour": 18})
        cls.customer = cls.env["res.partner"].create({
            "name": "Acme Foods", "email": "buyer@acme.example"})

    def _open_report(self, user=None):
        action = self.env[REPORT].with_user(user or self.ines).action_open_mine()
        return self.env[REPORT].with_user(user or self.ines).browse(action["res_id"])

    def _call(self, deal, summary, feedback=None, day=None):
        activity = deal.activity_schedule(
            "mail.mail_activity_data_call", summary=summary, user_id=self.ines.id,
            date_deadline=day or fields.Date.today())
        if feedback is not None:
            activity.with_user(self.ines).action_feedback(feedback=feedback)
        return activity

    def _meet(self, deal, start, **kw):
        return self.env["calendar.event"].with_context(no_mail_to_attendees=True).create({
            "name": "Look at the plant", "start": start,
            "stop": fields.Datetime.add(fields.Datetime.to_datetime(start), hours=1),
            "user_id": self.ines.id, "opportunity_id": deal.id,
            "partner_ids": [fields.Command.set((self.ines.partner_id | self.customer).ids)], **kw})

    def _counts(self, report):
        return {figure["key"]: figure["count"] for figure in report.page["figures"]}

    def _live_a_day(self):
        """A Monday in UTC: two calls, a meeting, a mail, a move, a win, a loss, a "not now", a
        quote; a call and a meeting planned for Tuesday."""
        with self.at("2026-02-27 10:00:00"):
            deals = self._create_deals(5, partner_id=self.customer.id)
        moved, won, lost, later, quiet = deals
        with self.at("2026-03-02 09:00:00"):
            self._call(moved, "Ask for the budget", "They have 40,000")
            self._call(quiet, "Ring the porter", "")
            self._call(moved, "Send the drawing", day="2026-03-03")
            self._call(quiet, "Far away", day="2026-03-04")
            self._meet(moved, "2026-03-02 10:00:00")
            self._meet(moved, "2026-03-02 12:00:00", name="Dentist", privacy="private")
            self._meet(moved, "2026-03-03 10:00:00", name="Contract")
            moved.with_user(self.ines).write({"stage_id": self.stage_offer.id})
            moved.with_user(self.ines).message_post(
                body="Here is the drawing", subject="Your drawing", message_type="comment",
                subtype_xmlid="mail.mt_comment", partner_ids=self.customer.ids)
            moved.with_user(self.ines).message_post(body="Only for us")
            won.action_set_won()
            lost.action_set_lost(lost_reason_id=self.too_dear.id)
            self._put_off(later, "2026-05-01")
            self.env["sale.order"].create({
                "partner_id": self.customer.id, "user_id": self.ines.id,
                "opportunity_id": moved.id})
        return moved

    def test_a_deal_reopened_in_its_stage_came_back(self):  # SA-15
        with self.at("2026-02-20 09:00:00"):
            deal = self._create_deal()
        with self.at("2026-02-21 09:00:00"):
            self._put_off(deal, "2026-05-01")
        with self.at("2026-03-02 10:00:00"):
            deal.with_user(self.ines).action_restore()
        with self.at("2026-03-02 17:00:00"):
            report = self._open_report()
            self.assertEqual(self._counts(report), {"back": 1})
            [line] = [one for one in report.page["lines"] if one["kind"] == "back"]
        self.assertEqual((line["name"], line["detail"]), (deal.name, "Fresh"))

    def test_no_word_of_an_activity_is_doubled(self):  # SA-15
        with self.at("2026-03-02 10:00:00"):
            deal = self._create_deal()
            for summary in ("Call the buyer", "Budget"):
                deal.activity_schedule(
                    "mail.mail_activity_data_call", summary=summary, user_id=self.ines.id,
                ).with_user(self.ines).action_feedback()
        with self.at("2026-03-02 17:00:00"):
            names = [line["name"] for line in self._open_report().page["lines"]
                     if line["kind"] == "activity"]
        self.assertEqual(sorted(names), ["Call the buyer", "Call: Budget"])

    def test_a_day_is_drafted_from_its_facts(self):  # SA-15
        self._live_a_day()
        with self.at("2026-03-02 17:00:00"):
            report = self._open_report()
            self.assertEqual(self._counts(report), {
                "won": 1, "lost": 1, "not_now": 1, "move": 1, "meeting": 1, "activity": 2,
                "mail": 1, "quote": 1})
            details = {line["kind"]: line for line in report.page["lines"]}
            self.assertEqual(details["move"]["detail"], "Fresh → Offer")
            self.assertEqual(details["lost"]["detail"], "Too expensive")
            self.assertEqual(details["mail"]["name"], "Your drawing")
            self.assertEqual(details["mail"]["about"], "Acme Foods")
            self.assertNotIn("Dentist", str(report.page))
            self.assertEqual(
                {line["name"] for line in report.page["plan"]},
                {"Contract", "Call: Send the drawing"})
            self.assertEqual(report.team_id, self.team_inside)

    def test_two_minutes(self):  # SA-15: open, skim, one insight, submit
        self._live_a_day()
        with self.at("2026-03-02 17:00:00"):
            report = self._open_report()
            report.write({"insight": "They buy before summer."})
            report.action_submit()
        self.assertEqual((report.state, report.is_late), ("submitted", False))
        with self.at("2026-03-02 18:00:00"):
            seen = self.env[REPORT].with_user(self.lea).search([("state", "=", "submitted")])
            self.assertIn(report, seen)
            seen.browse(report.id).message_post(
                body="Well done", subtype_xmlid="mail.mt_comment")
            seen.browse(report.id).action_mark_read_next()
        self.assertEqual((report.state, report.read_by_id), ("read", self.lea))
        self.assertIn(
            report.sudo().message_ids[0].id,
            self.ines.partner_id.sudo().env["mail.notification"].search(
                [("res_partner_id", "=", self.ines.partner_id.id)]).mail_message_id.ids)

    def test_drafting_again_keeps_what_the_person_did(self):  # SA-15
        moved = self._live_a_day()
        with self.at("2026-03-02 16:00:00"):
            report = self._open_report()
            lines = {line["kind"]: line["id"] for line in report.page["lines"]}
            report.comment_line(lines["meeting"], "They love it")
            report.remove_line(lines["lost"])
            report.problem = "No demo unit"
        with self.at("2026-03-02 16:30:00"):
            self._call(moved, "One more", "done")
            self._open_report()
            report.action_redraft()
            report.action_redraft()
        counts = self._counts(report)
        self.assertEqual((counts["activity"], counts.get("lost")), (3, None))
        self.assertEqual(report.page["removed"], 1)
        self.assertEqual(report.open_figure("lost")["domain"], [("id", "in", [])])
        self.assertEqual(
            [line["comment"] for line in report.page["lines"] if line["kind"] == "meeting"],
            ["They love it"])
        self.assertEqual(report.problem, "No demo unit")
        report.restore_lines()
        self.assertEqual(self._counts(report)["lost"], 1)

    def test_a_day_in_tokyo(self):  # SA-15: 2 March there is 1 March 15:00 to 2 March 15:00 UTC
        self.ines.tz = "Asia/Tokyo"
        with self.at("2026-02-27 10:00:00"):
            deal = self._create_deal()
        moments = {
            "2026-03-01 14:59:59": "Sunday night", "2026-03-01 15:00:00": "First",
            "2026-03-02 14:59:59": "Last", "2026-03-02 15:00:00": "Tuesday"}
        for moment, summary in moments.items():
            with self.at(moment):
                self._call(deal, summary, "")
        with self.at("2026-03-02 14:59:59"):
            report = self._open_report()
            self.assertEqual(report.date, fields.Date.to_date("2026-03-02"))
            self.assertEqual(
                [(line["time"].replace("\u202f", " "), line["name"])
                 for line in report.page["lines"]],
                [("12:00 AM", "Call: First"), ("11:59 PM", "Call: Last")])
        with self.at("2026-03-02 15:00:00"):
            self.assertEqual(self._open_report().date, fields.Date.to_date("2026-03-03"))
            report.action_submit()
            self.assertTrue(report.is_late)

    def test_without_a_time_zone_the_company_hours_count(self):  # SA-15
        self.ines.tz = False
        self.env.company.resource_calendar_id.tz = "Asia/Tokyo"
        with self.at("2026-03-02 15:00:00"):
            self.assertEqual(self._open_report().date, fields.Date.to_date("2026-03-03"))

    def test_rights(self):  # SA-15, ALL-4
        with self.at("2026-03-02 16:00:00"):
            report = self._open_report()
            for user in (self.lea, self.max, self.fay):  # a draft is nobody's business
                self.assertFalse(report.with_user(user).has_access("read"), user.name)
            report.action_submit()
            for user, allowed in ((self.lea, True), (self.max, True), (self.fay, False)):
                self.assertEqual(report.with_user(user).has_access("read"), allowed, user.name)
                self.assertFalse(report.with_user(user).has_access("write"), user.name)
            with self.assertRaises(AccessError):
                report.with_user(self.fay).action_mark_read()
            with self.assertRaises(UserError):
                report.action_mark_read()
            with self.assertRaises(AccessError):
                report.write({"state": "read"})
            with self.assertRaises(UserError):
                report.write({"insight": "Changed afterwards"})
            report.action_reopen()
            report.write({"insight": "Better words"})
            report.action_submit()
            report.with_user(self.lea).action_mark_read()
            with self.assertRaisesRegex(UserError, "add a comment"):
                report.action_reopen()
            with self.assertRaises(UserError):
                report.unlink()
            with self.assertRaises(AccessError):
                self.env[REPORT].with_user(self.fay).create({
                    "user_id": self.ines.id, "date": "2026-03-05"})

    def test_another_company_sees_nothing(self):  # ALL-4
        with self.at("2026-03-02 16:00:00"):
            report = self._open_report()
            report.action_submit()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        boss = self._create_user(
            "bo", "sales_team.group_sale_manager", company_id=company.id,
            company_ids=[fields.Command.set(company.ids)])
        self.assertFalse(report.with_user(boss).has_access("read"))
        self.assertFalse(self.env[REPORT].with_user(boss).search([]))
        with self.at("2026-03-02 17:00:00"):
            self.max.company_ids |= company
            theirs = self.env[REPORT].with_user(self.max).with_context(
                allowed_company_ids=company.ids)
            self.assertEqual(theirs.browse(
                theirs.action_open_mine()["res_id"]).company_id, company)

    def test_prepared_and_reminded_once(self):  # SA-15
        notices = self.env["mail.message"].sudo()

        def reminders():
            return notices.search_count([
                ("model", "=", REPORT), ("message_type", "=", "user_notification"),
                ("notified_partner_ids", "in", self.ines.partner_id.ids)])

        before = reminders()
        with self.at("2026-03-02 16:30:00"):
            self._run_cron(CRON)
            self.assertFalse(self.env[REPORT].search([("user_id", "=", self.ines.id)]))
        with self.at("2026-03-02 17:00:00"):
            self._run_cron(CRON)
            report = self.env[REPORT].search([("user_id", "=", self.ines.id)])
            self.assertEqual((report.state, reminders() - before), ("draft", 0))
            self.assertTrue(report.drafted_at)
            self.assertFalse(self.env[REPORT].search([("user_id", "=", self.finn.id)]))
        for moment in ("2026-03-02 18:00:00", "2026-03-02 18:30:00"):
            with self.at(moment):
                self._run_cron(CRON)
        self.assertEqual(reminders() - before, 1)
        with self.at("2026-03-03 18:00:00"):
            self._open_report().action_submit()
            self._run_cron(CRON)
        self.assertEqual(reminders() - before, 1)

    def test_days_off_are_left_alone(self):  # SA-15: weekend, leave
        resource = self.env["resource.resource"].create({
            "name": "Ines", "user_id": self.ines.id,
            "calendar_id": self.env.company.resource_calendar_id.id})
        self.env["resource.calendar.leaves"].create({
            "name": "Leave", "resource_id": resource.id,
            "calendar_id": resource.calendar_id.id,
            "date_from": "2026-03-03 00:00:00", "date_to": "2026-03-03 23:59:59"})
        for moment in ("2026-03-01 18:00:00", "2026-03-03 18:00:00"):
            with self.at(moment):
                self._run_cron(CRON)
        self.assertFalse(self.env[REPORT].search([("user_id", "=", self.ines.id)]))
        with self.at("2026-03-02 18:00:00"):  # the day after tomorrow is what comes next
            deal = self._create_deal()
            self._call(deal, "After the leave", day="2026-03-04")
            self._run_cron(CRON)
            report = self.env[REPORT].search([("user_id", "=", self.ines.id)])
            self.assertEqual(
                [line["name"] for line in report.page["plan"]], ["Call: After the leave"])

    def test_many_facts_cost_no_more_statements(self):  # ALL-7
        costs = []
        for number, count in ((1, 10), (2, 100)):
            with self.at(f"2026-03-0{number} 09:00:00"):
                self._create_deals(count)
                report = self._open_report()
                report.line_ids.sudo().unlink()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                report.action_redraft()
                self.env.flush_all()
                costs.append(self.env.cr.sql_log_count - before)
                self.assertEqual(self._counts(report)["new"], count)
        self.assertLessEqual(costs[1], costs[0] + 3)
