from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import MONDAY, SalesDeskCase

CALL = "mail.mail_activity_data_call"


@tagged("post_install", "-at_install")
class TestWhatNext(SalesDeskCase):
    """After a step is done, the deal is asked about when, and only when, nothing is planned."""

    def setUp(self):
        super().setUp()
        self._stay_at(f"{MONDAY} 08:00:00")
        self.deal = self._create_deal()

    def _plan(self, day=MONDAY, **kw):
        return self.deal.activity_schedule(
            CALL, summary="Call the buyer", user_id=self.ines.id, date_deadline=day, **kw)

    def _ask(self, activity, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return activity.with_user(user or self.ines).get_what_next()

    def test_every_way_to_finish_a_step_asks(self):  # SA-5
        ways = {
            "action_done": lambda activity: activity.action_done(),
            "action_feedback": lambda activity: activity.action_feedback(feedback="Went well"),
            "action_done_redirect_to_other":
                lambda activity: activity.action_done_redirect_to_other(),
            "activity_feedback": lambda activity: self.deal.with_user(
                self.ines).activity_feedback([CALL]),
        }
        for name, finish in ways.items():
            with self.subTest(way=name):
                activity = self._plan()
                finish(activity.with_user(self.ines))
                question = self._ask(activity)
                self.assertEqual(question["lead_id"], self.deal.id)
                self.assertEqual(question["done"], "Call the buyer")
                self.assertIs(question["plan"], False)

    def test_nobody_is_asked_while_something_is_planned(self):  # SA-5
        activity = self._plan()
        self._plan("2026-03-09")
        activity.with_user(self.ines).action_feedback()
        self.assertFalse(self._ask(activity))

    def test_an_overdue_step_is_a_step(self):  # SA-5
        activity = self._plan()
        self._plan("2026-02-09")
        activity.with_user(self.ines).action_feedback()
        self.assertFalse(self._ask(activity))

    def test_a_chained_activity_type_has_planned_already(self):  # SA-5
        kind = self.env["mail.activity.type"].create({
            "name": "Demo", "chaining_type": "trigger", "delay_count": 2, "delay_unit": "days",
            "triggered_next_type_id": self.env.ref(CALL).id})
        activity = self.deal.activity_schedule(
            activity_type_id=kind.id, user_id=self.ines.id, date_deadline=MONDAY)
        activity.with_user(self.ines).action_feedback()
        self.assertFalse(self._ask(activity))

    def test_a_meeting_to_come_is_a_next_step(self):  # SA-5
        activity = self._plan()
        self.env["calendar.event"].create({
            "name": "Demo", "start": "2026-03-05 14:00:00", "stop": "2026-03-05 15:00:00",
            "opportunity_id": self.deal.id})
        activity.with_user(self.ines).action_feedback()
        self.assertFalse(self._ask(activity))

    def test_a_deal_that_is_closed_or_quiet_is_not_asked_about(self):
        activity = self._plan()
        activity.with_user(self.ines).action_feedback()
        self.deal._set_snooze("2026-03-20", "After the fair")
        self.assertFalse(self._ask(activity))
        self.deal._set_snooze(False, False)
        self.assertTrue(self._ask(activity))
        self.deal.action_set_lost(lost_reason_id=self.too_dear.id)
        self.assertFalse(self._ask(activity))

    def test_the_company_may_switch_it_off(self):
        activity = self._plan()
        activity.with_user(self.ines).action_feedback()
        self.env.company.sales_what_next = False
        self.assertFalse(self._ask(activity))

    def test_who_cannot_change_the_deal_is_not_asked(self):
        activity = self._plan()
        activity.with_user(self.ines).action_feedback()
        self.assertFalse(self._ask(activity, user=self.fay))

    def test_an_open_activity_and_one_elsewhere_ask_nothing(self):
        self.assertFalse(self._ask(self._plan()))
        partner = self.env["res.partner"].create({"name": "Buyer"})
        activity = partner.activity_schedule(CALL, user_id=self.ines.id)
        activity.with_user(self.ines).action_feedback()
        self.assertFalse(self._ask(activity))

    def test_a_step_on_the_quotation_is_one_of_the_deal(self):  # SA-5
        order = self.env["sale.order"].create({
            "partner_id": self.env["res.partner"].create({"name": "Buyer"}).id,
            "opportunity_id": self.deal.id, "user_id": self.ines.id})
        activity = order.activity_schedule(CALL, user_id=self.ines.id, summary="Ask about it")
        activity.with_user(self.ines).action_feedback()
        question = self._ask(activity)
        self.assertEqual((question["lead_id"], question["done"]), (self.deal.id, "Ask about it"))
        self._plan("2026-03-09")
        self.assertFalse(self._ask(activity))

    def test_the_days_offered_are_working_days(self):
        def days():
            return [row["day"] for row in self.env["sales.day"]._prepare_next_days()]

        self.assertEqual(days(), ["2026-03-03", "2026-03-05", "2026-03-09"])
        with self.at("2026-03-06 08:00:00"):  # a Friday: all three would be on or after Saturday
            self.assertEqual(days(), ["2026-03-09"])

    def test_one_click_plans_the_step(self):  # SA-5
        kind = self.env.ref(CALL)
        self.deal.with_user(self.ines).plan_next_step(kind.id, "2026-03-05", " Ask for the order ")
        activity = self.deal.activity_ids
        self.assertEqual(
            (activity.activity_type_id, activity.summary, activity.user_id,
             fields.Date.to_string(activity.date_deadline)),
            (kind, "Ask for the order", self.ines, "2026-03-05"))

    def test_bad_answers_change_nothing(self):
        kind = self.env.ref(CALL)
        mine, foreign = self.deal.with_user(self.ines), self.deal.with_user(self.fay)
        for type_id, day in ((kind.id, "2026-03-01"), (kind.id, ""), (0, "2026-03-05")):
            with self.assertRaises(UserError):
                mine.plan_next_step(type_id, day)
        with self.assertRaises(AccessError):
            foreign.plan_next_step(kind.id, "2026-03-05")
        self.assertFalse(self.deal.activity_ids)
