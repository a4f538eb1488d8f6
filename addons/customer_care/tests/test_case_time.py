"""Minutes on cases as a cost of keeping customers."""
from datetime import date

from freezegun import freeze_time
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_complaint import ComplaintCommon


@tagged("post_install", "-at_install")
class TestCaseTime(ComplaintCommon):

    def _lines(self):
        self.env.flush_all()
        return self.env["care.cost.report"].sudo().with_context(
            allowed_company_ids=self.company.ids).search([("source", "=", "cases")], order="id")

    def test_minutes_times_the_cost_of_an_hour(self):  # CC-11
        self.company.care_hourly_cost = 30
        case = self._open_case()
        case.with_user(self.agent).action_log_time()
        case.with_user(self.agent).with_context(care_minutes=35).action_log_time()
        self.assertEqual(case.minutes_spent, 45)
        self.assertEqual(self._lines().mapped("amount"), [5, 17.5])
        self.assertEqual(self._lines()[0].action_open_source()["res_id"], case.id)
        self.company.care_hourly_cost = 60
        self.assertEqual(self._lines().mapped("amount"), [5, 17.5], "as it was on the day")

    def test_it_is_in_the_printed_cost(self):  # CC-11
        self.company.care_hourly_cost = 60
        case = self._open_case()
        for day, minutes in (("2026-03-31", 30), ("2026-04-01", 20), ("2026-04-30", 10)):
            self.env["care.case.time"].sudo().create({
                "case_id": case.id, "minutes": minutes, "day": day, "user_id": self.agent.id})
        self.env.flush_all()
        costs = self.env["care.cost.period"].sudo()._query_costs(
            self.company, "month", date(2026, 4, 1), date(2026, 5, 1))
        self.assertEqual(costs, {date(2026, 4, 1): {("cases", False): 30}})

    def test_hours_on_a_flagged_account_count_once(self):  # CC-11
        """Eight hours on the timesheet, two of them on a case: two and the half of six."""
        self.company.care_hourly_cost = 30
        plan = self.env["account.analytic.plan"].sudo().create({"name": "Test hours"})
        account = self.env["account.analytic.account"].sudo().create({
            "name": "Service", "plan_id": plan.id, "company_id": self.company.id,
            "care_retention": True, "care_retention_percent": 50})

        def book(day, hours, user):
            self.env["account.analytic.line"].sudo().create({
                "name": "Test hours", plan._column_name(): account.id, "date": day,
                "amount": -30 * hours, "unit_amount": hours, "user_id": user.id,
                "company_id": self.company.id})

        book("2026-04-01", 5, self.agent)
        book("2026-04-01", 3, self.agent)
        book("2026-04-02", 8, self.agent)
        book("2026-04-01", 8, self.env.user)
        case = self._open_case()
        self.env["care.case.time"].sudo().create({
            "case_id": case.id, "minutes": 120, "day": "2026-04-01", "user_id": self.agent.id})
        self.env.flush_all()
        lines = self.env["care.cost.report"].sudo().with_company(self.company).with_context(
            allowed_company_ids=self.company.ids).search([("company_id", "=", self.company.id)])
        told = sorted((line.source, str(line.day), round(line.amount, 2)) for line in lines)
        self.assertEqual(told, [
            ("analytic", "2026-04-01", 33.75), ("analytic", "2026-04-01", 56.25),
            ("analytic", "2026-04-01", 120), ("analytic", "2026-04-02", 120),
            ("cases", "2026-04-01", 60)])
        self.assertEqual(
            lines.filtered("partner_id").mapped("partner_id"), case.commercial_partner_id)
        self.env["care.case.time"].sudo().search([("case_id", "=", case.id)]).minutes = 1200
        self.env.flush_all()
        lines.invalidate_recordset()
        self.assertEqual(
            sorted(lines.filtered(lambda line: line.source == "analytic").mapped("amount")),
            [0, 0, 120, 120], "never less than nothing")

    def test_one_clock_runs(self):  # CC-11
        first, second = self._open_case(), self._open_case()
        with freeze_time("2026-06-30 09:00:00"):
            first.with_user(self.agent).action_start_clock()
            self.assertTrue(first.with_user(self.agent).clock_since)
            self.assertFalse(second.with_user(self.agent).clock_since)
        with freeze_time("2026-06-30 09:12:30"):
            second.with_user(self.agent).action_start_clock()
        self.assertEqual(first.minutes_spent, 13, "minutes begun")
        with freeze_time("2026-06-30 09:20:00"):
            second.action_resolve()
        self.assertEqual(second.minutes_spent, 8)
        self.assertFalse(second.time_ids.filtered("started_at"))

    def test_a_forgotten_clock_is_cut(self):  # CC-11
        case = self._open_case()
        with freeze_time("2026-06-29 17:00:00"):
            case.with_user(self.agent).action_start_clock()
        with freeze_time("2026-06-30 09:00:00"):
            case.with_user(self.agent).action_stop_clock()
        self.assertEqual(case.minutes_spent, 480)
        self.assertIn("forgotten", case.time_ids.note)

    def test_only_ones_own(self):  # ALL-4
        other = self._create_user("case_other", "customer_care.group_customer_care_user")
        case = self._open_case()
        case.with_user(self.agent).action_log_time()
        row = case.time_ids.sudo(False).with_user(other)
        self.assertEqual(row.minutes, 10)
        with self.assertRaises(AccessError):
            row.minutes = 500
        with self.assertRaises(AccessError):
            row.unlink()
        with self.assertRaises(AccessError):
            row.read(["cost"])

    def test_an_employees_own_cost_goes_first(self):  # CC-11: where employees' costs are known
        times = self.env["care.case.time"].sudo()
        self.company.care_hourly_cost = 30
        self.assertEqual(times._get_hourly_cost(self.agent, self.company), 30)
        if "hourly_cost" not in self.env.get("hr.employee", self.env["res.users"])._fields:
            return
        self.env["hr.employee"].sudo().create({
            "name": "Agent", "user_id": self.agent.id, "company_id": self.company.id,
            "hourly_cost": 44})
        self.assertEqual(times._get_hourly_cost(self.agent, self.company), 44)
