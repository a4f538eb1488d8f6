from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from .common_sla import SlaCommon, june


@tagged("post_install", "-at_install")
class TestCaseAssign(SlaCommon):
    """Cases that nobody took go to somebody who is there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._create_user("case_second", "customer_care.group_customer_care_user")
        cls.team.write({
            "member_ids": [Command.set((cls.agent | cls.second).ids)], "assign_mode": "least_open"})

    def _bring(self, moment=None, number=1, **values):
        cases = self.cases.browse()
        for _number in range(number):
            cases |= self._open_at(moment or june(1, 9), **values)
        return [case.user_id.login for case in cases]

    def _run_cron(self, moment):
        with freeze_time(moment):
            self._run("_cron_escalate", model="care.case.escalation")

    def test_by_hand_nobody_gets_any(self):  # CC-3
        self.team.assign_mode = "manual"
        self.assertEqual(self._bring(number=2), [False, False])

    def test_the_one_with_the_fewest_open_is_next(self):  # CC-3
        self._bring(number=2, user_id=self.agent.id)
        self.assertEqual(self._bring(number=3), ["case_second", "case_second", "case_agent"])

    def test_one_after_the_other_whatever_is_open(self):  # CC-3
        self.team.assign_mode = "round_robin"
        first = self._open_at(june(1, 9), user_id=self.agent.id)
        self.assertEqual(self._bring(june(1, 10)), ["case_second"])
        self._resolve(june(1, 11), first)
        self.assertEqual(self._bring(june(1, 11.5), 2), ["case_agent", "case_second"])

    def test_nobody_gets_more_than_he_can_take(self):  # CC-3
        self.team.capacity = 1
        self.assertEqual(self._bring(number=3)[2], False)

    def test_what_comes_at_night_is_given_out_in_the_morning(self):  # CC-3
        self.assertEqual(self._bring(june(1, 20)), [False])
        case = self.cases.search([("team_id", "=", self.team.id)])
        self._run_cron(june(2, 7))
        self.assertFalse(case.user_id)
        self._run_cron(june(2, 8))
        self.assertTrue(case.user_id)

    def test_whoever_works_other_hours_gets_none_meanwhile(self):  # CC-3
        late = self._create_calendar("Late", "America/New_York")  # 8:00 there is 12:00 here
        self.env["resource.resource"].sudo().create({
            "name": "Second", "user_id": self.second.id, "calendar_id": late.id,
            "company_id": self.company.id, "tz": "America/New_York"})
        self.assertEqual(self._bring(june(1, 9), 2), ["case_agent", "case_agent"])
        self.assertEqual(self._bring(june(1, 14)), ["case_second"])

    def test_whoever_is_off_gets_none(self):  # CC-3
        resource = self.env["resource.resource"].sudo().create({
            "name": "Second", "user_id": self.second.id, "calendar_id": self.calendar.id,
            "company_id": self.company.id})
        self.env["resource.calendar.leaves"].sudo().create({
            "name": "Holiday", "resource_id": resource.id, "calendar_id": self.calendar.id,
            "date_from": june(1, 0), "date_to": june(1, 23)})
        self.assertEqual(self._bring(june(1, 9), 2), ["case_agent", "case_agent"])

    def test_whoever_has_left_gets_none(self):  # CC-3
        self.second.active = False
        self.assertEqual(self._bring(number=2), ["case_agent", "case_agent"])

    def test_the_button_says_why_somebody_got_none(self):  # CC-3
        self.team.assign_mode = "manual"
        case = self._open_at(june(1, 9))
        with freeze_time(june(1, 10)):
            self.assertIn("take cases themselves",
                          case.with_user(self.agent).action_assign()["params"]["message"])
            self.team.assign_mode = "round_robin"
            self.assertIsNone(case.with_user(self.agent).action_assign())
        self.assertTrue(case.user_id)

    def test_a_salesperson_gives_out_nothing(self):  # ALL-4
        seller = new_test_user(
            self.env, "case_seller", groups="sales_team.group_sale_salesman_all_leads",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        with self.assertRaises(AccessError):
            self._open_at(june(1, 20)).with_user(seller).action_assign()
