from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .common import MONDAY, SalesDeskCase


@tagged("post_install", "-at_install")
class TestDay(SalesDeskCase):
    """What Ines finds in the morning: each deal once, in order, with its reasons."""

    def _read(self, user=None, **kw):
        self.env.invalidate_all()
        return self.env["sales.day"].with_user(user or self.ines).get_day(**kw)

    def _plan(self, deal, days, summary="Call", user=None):
        return deal.activity_schedule(
            "mail.mail_activity_data_call", summary=summary, user_id=(user or self.ines).id,
            date_deadline=fields.Date.today() + timedelta(days=days))

    def _tell_day(self, day):
        return [
            (line["group"], line["title"], [reason["text"] for reason in line["reasons"]])
            for line in day["lines"]]

    def test_no_fact_is_told_twice(self):  # SA-18, SA-6
        with self.at(f"{MONDAY} 08:00:00"):
            deal = self._create_deal()
        with self.at("2026-04-20 08:00:00"):
            deal.date_deadline = "2026-04-15"
            self._plan(deal, 0)
            self._plan(deal, 0)
            [(_group, _title, reasons)] = self._tell_day(self._read())
        self.assertEqual(sorted(reasons), [
            "Call: due today.", "Never in touch, 49 days",
            "The expected closing date passed 5 days ago: close the deal or set a new date."])

    def test_the_order_is_that_of_a_sheet_made_by_hand(self):  # SA-18
        with self.at(f"{MONDAY} 08:00:00"):
            deals = self._create_deals(4)
            deals.write({"expected_revenue": 1000})
            names = ("Late and small", "Late and big", "Today", "Next week")
            for deal, name, days in zip(deals, names, (-3, -3, 0, 6), strict=True):
                deal.name = name
                self._plan(deal, days)
            deals[1].expected_revenue = 4000
            day = self._read()
        # Both late: 2·2 + log2(1 + 3) = 6; four times the usual amount adds log2(4) = 2.
        self.assertEqual(self._tell_day(day), [
            ("now", "Late and big", ["Call: overdue for 3 days."]),
            ("now", "Late and small", ["Call: overdue for 3 days."]),
            ("today", "Today", ["Call: due today."]),
            ("week", "Next week", ["Call: due in 6 days."]),
        ])
        self.assertEqual(day["amount"], 7000)

    def test_a_deal_with_two_reasons_is_one_line(self):  # SA-18
        with self.at(f"{MONDAY} 08:00:00"):
            deal = self._create_deal()
            first = self._plan(deal, 0, "Send the drawing")
            second = self._plan(deal, -9, "Ask for the order")
            day = self._read()
        self.assertEqual(self._tell_day(day), [(
            "now", deal.name, ["Ask for the order: overdue for 9 days.",
                               "Send the drawing: due today."])])
        line = day["lines"][0]
        self.assertEqual(line["due"], second.date_deadline)
        self.assertEqual(line["activity_ids"], [second.id, first.id])
        done = line["actions"][0]
        self.assertEqual((done["method"], done["args"]), ("action_feedback", [[second.id]]))
        self.assertEqual(day["amount"], 1000, "the money of a deal counts once")

    def test_a_closed_deal_asks_but_has_nothing_at_stake(self):
        with self.at(f"{MONDAY} 08:00:00"):
            deal = self._create_deal()
            self._plan(deal, 0, "Send the invoice data")
            deal.action_set_won()
            day = self._read()
        self.assertEqual([line["lead_id"] for line in day["lines"]], [deal.id])
        self.assertEqual(day["amount"], 0)

    def test_a_deal_without_a_next_step_asks_for_one(self):  # SA-5
        with self.at(f"{MONDAY} 08:00:00"):
            deal = self._create_deal()
            self.assertEqual(
                self._tell_day(self._read()),
                [("week", deal.name, ["Nothing is planned with this customer."])])
            step = self._plan(deal, 30)
            self.assertEqual(self._read()["lines"], [])
            step.action_feedback()
            self.assertEqual(
                self._tell_day(self._read()),
                [("week", deal.name, ["Nothing is planned with this customer."])])

    def test_a_step_of_nobody_shows_on_its_day(self):  # SA-5, SA-18: it counts as planned
        with self.at(f"{MONDAY} 08:00:00"):
            mine, theirs = self._create_deals(2)
            theirs.user_id = self.finn
            for deal in (mine, theirs):
                self._plan(deal, 5, summary="Send the sample").user_id = False
            [(_group, _title, reasons)] = self._tell_day(self._read())
            self.assertEqual(reasons, ["Send the sample: due in 5 days."])

    def test_only_a_planned_step_can_be_done_by_a_key(self):  # SA-18: a reminder is no "done"
        with self.at(f"{MONDAY} 08:00:00"):
            deal = self._create_deal()
            self._plan(deal, 0)
            self.env["sale.order"].create({
                "partner_id": self.env["res.partner"].create({"name": "Cora"}).id,
                "user_id": self.ines.id, "validity_date": "2026-02-20"})
            lines = self._read()["lines"]
        done = {line["model"]: [action["method"] for action in line["actions"]
                                if action.get("is_done")] for line in lines}
        self.assertEqual(done, {"mail.activity": ["action_feedback"], "sale.order": []})

    def test_an_overdue_step_of_nobody_is_not_forgotten(self):  # SA-5
        with self.at(f"{MONDAY} 08:00:00"):
            deal = self._create_deal()
            self._plan(deal, -2).user_id = False
            self.assertEqual(
                self._tell_day(self._read()), [("now", deal.name, ["Call: overdue for 2 days."])])

    def test_a_hand_off_waits_for_its_receiver(self):  # SA-8
        with self.at(f"{MONDAY} 08:00:00"):
            deal = self._create_deal()
            handoff = self._hand_off(deal, user=self.finn)
            line = self._read(self.finn)["lines"][0]
            self.assertEqual(line["sources"], ["handoffs"])
            self.assertIn("Ines hands this deal over", line["reasons"][0]["text"])
            accept = line["actions"][0]
            self.env[accept["model"]].with_user(self.finn).browse(
                accept["args"][0]).action_accept()
            self.assertEqual(handoff.state, "accepted")
            self.assertNotIn("handoffs", [
                source for line in self._read(self.finn)["lines"] for source in line["sources"]])

    def test_a_leader_hears_of_a_hand_off_that_nobody_answers(self):  # SA-8
        with self.at(f"{MONDAY} 08:00:00"):
            deal = self._create_deal()
            handoff = self._hand_off(deal, user=self.finn)
        with self.at("2026-03-03 08:00:00"):
            handoff.sudo()._set_expired(fields.Datetime.now())
            line = self._read(self.lea)["lines"][0]
            self.assertEqual((line["group"], line["sources"]), ("now", ["handoffs"]))
            self.assertEqual(
                line["reasons"][0]["text"],
                "Nobody has answered this hand-off in time: from Ines for Finn.")
            self.assertEqual(line["actions"], [])
            asked = self._read(self.finn)["lines"][0]
        self.assertEqual([action["text"] for action in asked["actions"]], ["Accept", "Reject"])

    def test_a_deal_that_came_back_says_why(self):
        with self.at(f"{MONDAY} 08:00:00"):
            deal = self._create_deal()
            self._put_off(deal, "2026-03-03")
        with self.at("2026-03-03 06:00:00"):
            self.env["crm.lead"].browse(deal.id)._wake()
            self.env.flush_all()
            line = self._read()["lines"][0]
        self.assertIn("woken", line["sources"])
        self.assertIn("the day has come that the customer asked for", line["reasons"][0]["text"])

    def test_a_meeting_of_today_stands_until_it_is_over(self):
        with self.at(f"{MONDAY} 08:00:00"):
            deal = self._create_deal()
            self._plan(deal, 30)
            self.env["calendar.event"].with_user(self.ines).create({
                "name": "Demo", "start": f"{MONDAY} 14:00:00", "stop": f"{MONDAY} 15:00:00",
                "opportunity_id": deal.id, "partner_ids": self.ines.partner_id.ids})
            line = self._read()["lines"][0]
            self.assertEqual((line["lead_id"], line["sources"]), (deal.id, ["meetings"]))
        with self.at(f"{MONDAY} 15:30:00"):
            self.assertEqual(self._read()["lines"], [])

    def test_what_was_done_today_is_counted(self):
        with self.at(f"{MONDAY} 08:00:00"):
            deal = self._create_deal()
            self._plan(deal, 0, "Call the buyer").with_user(self.ines).action_feedback()
            done = self._read()["done"]
        self.assertEqual(done["count"], 1)
        self.assertEqual(done["rows"][0]["text"], "Call the buyer")

    def test_today_is_the_persons_own_day(self):  # SA-18
        """Core keeps the day of "done" in UTC: east and west of it that is another day."""
        stories = (
            # where, done at (UTC), looked at on the same day, and when that day is over
            ("Asia/Ho_Chi_Minh", "2026-03-02 17:30:00", "2026-03-03 16:59:00",
             "2026-03-03 17:00:00"),
            ("America/Los_Angeles", "2026-03-03 03:00:00", "2026-03-03 07:59:00",
             "2026-03-03 08:00:00"),
        )
        for zone, done, same_day, next_day in stories:
            user = self._create_user(zone, "sales_team.group_sale_salesman", tz=zone)
            with self.at(done):
                deal = self._create_deal(user_id=user.id)
                self._plan(deal, 0, "Call the buyer", user).with_user(user).action_feedback()
                self.assertEqual(self._read(user)["done"]["count"], 1, zone)
            with self.at(same_day):
                self.assertEqual(self._read(user)["done"]["count"], 1, zone)
            with self.at(next_day):
                self.assertEqual(self._read(user)["done"]["count"], 0, zone)

    def test_work_falls_due_on_the_persons_own_day(self):  # SA-8, SA-9, SA-18
        """14 hours east of the server the next day has begun while the house is at work."""
        (self.finn | self.lea).tz = "Pacific/Kiritimati"
        new, given = self._create_deals(2, team_id=self.team_field.id)
        with self.at(f"{MONDAY} 11:00:00"):
            handoff = self._hand_off(new, user=self.finn)
            given.with_user(self.max).user_id = self.finn
        self.assertEqual(str(handoff.deadline_at)[:10], MONDAY)
        activities = self.env["mail.activity"]
        asked = activities.search([("user_id", "=", self.finn.id), ("res_id", "=", new.id)])
        self.assertEqual(str(asked.date_deadline), "2026-03-03")
        self.assertEqual(str(given.brief_ids.deadline_at)[:10], "2026-03-03")
        with self.at("2026-03-03 12:00:00"):
            due = {line["lead_id"]: str(line["due"]) for line in self._read(self.finn)["lines"]}
            self._run_cron("ir_cron_escalate_briefs")
        self.assertEqual(due[given.id], "2026-03-04")
        told = activities.search([("user_id", "=", self.lea.id), ("res_id", "=", given.id)])
        self.assertEqual(str(told.date_deadline), "2026-03-04")

    def test_a_correction_of_an_old_step_is_not_done_today(self):  # SA-18
        with self.at(f"{MONDAY} 08:00:00"):
            call = self._plan(self._create_deal(), 0, "Call the buyer")
            call.with_user(self.ines).action_feedback()
        with self.at("2026-03-10 08:00:00"):
            call.write({"summary": "Call the buyer's boss"})
            self.env.flush_all()
            self.assertEqual(self._read()["done"]["count"], 0)

    def test_when_nothing_waits_the_nearest_closings_are_shown(self):
        with self.at(f"{MONDAY} 08:00:00"):
            deals = self._create_deals(2)
            for deal, close in zip(deals, ("2026-04-20", "2026-03-20"), strict=True):
                deal.date_deadline = close
                self._plan(deal, 30)
            day = self._read()
        self.assertEqual(day["lines"], [])
        self.assertEqual([row["lead_id"] for row in day["nearest"]], [deals[1].id, deals[0].id])

    # ---- rights -------------------------------------------------------------------------------

    def test_who_does_not_sell_is_refused_before_anything_is_read(self):  # ALL-4
        for login, group in (("pat", "base.group_portal"), ("eve", "base.group_user")):
            day = self.env["sales.day"].with_user(self._create_user(login, group))
            with self.assertNoLogs("odoo.addons.sales_automation", "WARNING"):
                for method, args in (("get_day", ()),
                                     ("postpone", ([], "2040-01-01", "crm.lead", 1)),
                                     ("undo_postpone", ({"day": "2040-01-01", "moved": [],
                                                         "planned": [], "model": "crm.lead",
                                                         "res_id": 1, "before": False},))):
                    with self.assertRaises(AccessError):
                        getattr(day, method)(*args)

    def test_a_leader_looks_at_members_and_nobody_else_does(self):  # SA-18
        with self.at(f"{MONDAY} 08:00:00"):
            deal = self._create_deal()
            self._plan(deal, 0)
            day = self._read(self.lea, user_id=self.ines.id)
            self.assertEqual([line["lead_id"] for line in day["lines"]], [deal.id])
            self.assertIn(self.ines.id, [row["id"] for row in day["members"]])
            self.assertEqual(self._read(self.fay)["members"], [])
            with self.assertRaises(AccessError):
                self._read(self.fay, user_id=self.ines.id)

    def test_an_activity_on_a_foreign_deal_shows_nothing_of_it(self):
        with self.at(f"{MONDAY} 08:00:00"):
            deal = self._create_deal(expected_revenue=77000)
            self._plan(deal, 0, "Help Ines")
            deal.activity_ids.sudo().write({"user_id": self.fay.id})
            day = self._read(self.fay)
        self.assertEqual([(line["lead_id"], line["amount"]) for line in day["lines"]], [(False, 0)])

    def test_deals_of_another_company_stay_there(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.ines.company_ids |= other
        with self.at(f"{MONDAY} 08:00:00"):
            self._create_deal(company_id=other.id, team_id=False)
            here = self.env["sales.day"].with_user(self.ines).with_context(
                allowed_company_ids=self.env.company.ids)
            self.env.invalidate_all()
            self.assertEqual(here.get_day()["lines"], [])

    # ---- robustness ---------------------------------------------------------------------------

    @mute_logger("odoo.addons.sales_automation.models.aside")
    def test_a_broken_source_is_named_and_the_others_stay(self):
        def divide_by_zero(day, user, now):
            day.env.execute_query(SQL("SELECT 1 / 0"))

        with self.at(f"{MONDAY} 08:00:00"):
            self._plan(self._create_deal(), 0)
            with patch.object(
                    type(self.env["sales.day"]), "_day_lines_meetings", divide_by_zero):
                day = self._read()
        broken = {source["key"]: source["is_broken"] for source in day["sources"]}
        self.assertTrue(broken["meetings"])
        self.assertFalse(broken["activities"])
        self.assertEqual(len(day["lines"]), 1)

    def test_a_full_day_costs_as_many_queries_as_an_empty_one(self):  # P
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["sales.day"].with_user(self.ines).get_day()
            return self.cr.sql_log_count - before

        with self.at(f"{MONDAY} 08:00:00"):
            for deal in self._create_deals(10):
                self._plan(deal, 0)
            count()
            few = count()
            for deal in self._create_deals(90):
                self._plan(deal, 0)
            self.assertEqual(count(), few)
