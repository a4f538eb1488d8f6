from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import MONDAY, SalesDeskCase


@tagged("post_install", "-at_install")
class TestDayPostpone(SalesDeskCase):
    """What is put off comes back on its day, and one click takes it back."""

    def setUp(self):
        super().setUp()
        self._stay_at(f"{MONDAY} 08:00:00")
        self.deal = self._create_deal()
        self.day = self.env["sales.day"].with_user(self.ines)

    def _plan(self, days):
        return self.deal.activity_schedule(
            "mail.mail_activity_data_call", summary="Call", user_id=self.ines.id,
            date_deadline=fields.Date.today() + timedelta(days=days))

    def _dates(self, activities):
        return [fields.Date.to_string(activity.date_deadline) for activity in activities]

    def test_only_what_is_due_before_the_day_is_moved(self):  # SA-18
        activities = self._plan(-3) | self._plan(0) | self._plan(6)
        undo = self.day.postpone(activities.ids, "2026-03-05", "crm.lead", self.deal.id)
        self.assertEqual(
            self._dates(activities), ["2026-03-05", "2026-03-05", "2026-03-08"])
        self.day.undo_postpone(undo)
        self.assertEqual(
            self._dates(activities), ["2026-02-27", "2026-03-02", "2026-03-08"])

    def test_undo_leaves_alone_what_was_planned_anew_or_done(self):
        anew, done, same = self._plan(-3), self._plan(-2), self._plan(-1)
        undo = self.day.postpone((anew | done | same).ids, "2026-03-05", "crm.lead", self.deal.id)
        anew.date_deadline = "2026-03-20"
        done.with_user(self.ines).action_feedback()
        self.day.undo_postpone(undo)
        self.assertEqual(self._dates(anew | same), ["2026-03-20", "2026-03-01"])
        self.assertEqual(self._dates(done), ["2026-03-05"])

    def test_a_deal_with_nothing_planned_gets_an_activity_and_undo_drops_it(self):
        undo = self.day.postpone([], "2026-03-05", "crm.lead", self.deal.id)
        self.assertEqual(self.deal.activity_ids.summary, "Come back to this deal")
        self.assertEqual(self.deal.activity_ids.user_id, self.ines)
        self.day.undo_postpone(undo)
        self.assertFalse(self.deal.activity_ids)

    def test_a_day_that_is_over_is_refused(self):
        activity = self._plan(-3)
        for day in ("2026-03-01", MONDAY, "soon", False):
            with self.assertRaises(UserError):
                self.day.postpone(activity.ids, day, "crm.lead", self.deal.id)
        self.assertEqual(self._dates(activity), ["2026-02-27"])

    def test_nobody_puts_off_the_work_of_others(self):
        activity = self._plan(-3)
        day = self.day.with_user(self.fay)
        with self.assertRaises(AccessError):
            day.postpone(activity.ids, "2026-03-05", "crm.lead", self.deal.id)
        with self.assertRaises(AccessError):
            day.postpone([], "2026-03-05", "crm.lead", self.deal.id)

    def test_the_whole_line_goes_until_its_day(self):  # SA-18
        self.deal.date_deadline = "2026-02-07"
        self._plan(-3)
        undo = self._postpone("2026-03-05")
        self.assertFalse(self._keys())
        self.assertEqual(self._keys(self.lea, user_id=self.ines.id), [])
        with self.at("2026-03-05 08:00:00"):
            self.assertEqual(self._keys(), [f"deal-{self.deal.id}"])
        self.day.undo_postpone(undo)
        self.assertEqual(self._keys(), [f"deal-{self.deal.id}"])

    def test_undoing_the_second_postponing_leaves_the_first(self):
        activity = self._plan(-3)
        self._postpone("2026-03-05")
        undo = self.day.postpone(activity.ids, "2026-03-10", "crm.lead", self.deal.id)
        self.day.undo_postpone(undo)
        with self.at("2026-03-04 08:00:00"):
            self.assertFalse(self._keys())
        with self.at("2026-03-05 08:00:00"):
            self.assertTrue(self._keys())

    def test_what_is_new_does_not_wait(self):
        self.deal.date_deadline = "2026-02-07"
        self._postpone("2026-03-12")
        self.env["calendar.event"].with_user(self.ines).create({
            "name": "Demo", "start": "2026-03-04 14:00:00", "stop": "2026-03-04 15:00:00",
            "opportunity_id": self.deal.id, "partner_ids": self.ines.partner_id.ids})
        with self.at("2026-03-03 08:00:00"):
            self.assertFalse(self._keys())
        with self.at("2026-03-04 08:00:00"):
            self.assertTrue(self._keys(), "the meeting of the day")
        with self.at("2026-03-05 08:00:00"):
            self.assertFalse(self._keys())
            self.deal.sudo().last_reply_at = "2026-03-05 07:00:00"
            self.assertTrue(self._keys(), "the customer wrote")

    def test_a_line_without_a_deal_can_be_put_off(self):
        partner = self.env["res.partner"].create({"name": "Mill"})
        activity = partner.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.ines.id, date_deadline="2026-02-27")
        self._plan(30)
        self.day.postpone(activity.ids, "2026-03-05", "mail.activity", activity.id)
        self.assertFalse(self._keys())

    def _read_postponed(self, **kw):
        self.env.invalidate_all()
        day = self.env["sales.day"].with_user(kw.pop("user", self.ines)).get_day(**kw)
        return [(row["title"], str(row["until"]), row["model"], row["res_id"])
                for row in day["postponed"]]

    def test_what_is_postponed_is_listed_and_brought_back(self):  # SA-18
        activity, later = self._plan(-3), self._plan(30)
        self._postpone("2026-03-25")
        told = [(self.deal.name, "2026-03-25", "crm.lead", self.deal.id)]
        self.assertEqual(self._read_postponed(), told)
        self.assertEqual(self._read_postponed(user=self.lea, user_id=self.ines.id), told)
        self.assertFalse(self._read_postponed(user=self.fay))
        self.day.bring_back("crm.lead", self.deal.id)
        self.assertFalse(self._read_postponed())
        self.assertEqual(self._keys(), [f"deal-{self.deal.id}"])
        self.assertEqual(self._dates(activity | later), [MONDAY, "2026-04-01"])
        self.day.bring_back("crm.lead", self.deal.id)  # a second click changes nothing
        self.assertEqual(self._dates(activity | later), [MONDAY, "2026-04-01"])

    def test_all_that_was_put_off_with_a_deal_comes_back(self):  # SA-18: its quotation's, nobody's
        order = self.env["sale.order"].create({
            "partner_id": self.env["res.partner"].create({"name": "Mill"}).id,
            "opportunity_id": self.deal.id, "user_id": self.ines.id})
        of_order = order.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.ines.id, date_deadline="2026-02-27")
        of_nobody = self._plan(-1)
        of_nobody.user_id = False
        both = of_order | of_nobody
        self.day.postpone(both.ids, "2026-03-25", "crm.lead", self.deal.id)
        self.assertEqual(self._dates(both), ["2026-03-25"] * 2)
        self.day.bring_back("crm.lead", self.deal.id)
        self.assertEqual(self._dates(both), [MONDAY] * 2)

    def test_what_came_back_by_itself_is_not_listed(self):  # SA-18
        self.deal.date_deadline = "2026-02-07"
        self._postpone("2026-03-12")
        self.deal.sudo().last_reply_at = "2026-03-02 09:00:00"
        with self.at(f"{MONDAY} 10:00:00"):
            self.assertTrue(self._keys())
            self.assertFalse(self._read_postponed())

    def test_a_postponed_line_without_a_deal_is_brought_back(self):  # SA-18
        partner = self.env["res.partner"].create({"name": "Mill"})
        activity = partner.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.ines.id, date_deadline="2026-02-27")
        self._plan(30)
        self.day.postpone(activity.ids, "2026-03-25", "mail.activity", activity.id)
        [(_title, until, *about)] = self._read_postponed()
        self.assertEqual(until, "2026-03-25")
        self.day.bring_back(*about)
        self.assertEqual(self._dates(activity), [MONDAY])
        with self.assertRaises(AccessError):
            self.day.with_user(self.fay).bring_back("crm.lead", self.deal.id)

    def test_only_lines_of_a_day_can_be_put_off(self):
        with self.assertRaises(UserError):
            self.day.postpone([], "2026-03-05", "res.users", self.ines.id)

    def _postpone(self, day):
        self.env.invalidate_all()
        [line] = self.day.get_day()["lines"]
        return self.day.postpone(line["activity_ids"], day, "crm.lead", line["lead_id"])

    def _keys(self, user=None, **kw):
        self.env.flush_all()
        self.env.invalidate_all()
        day = self.env["sales.day"].with_user(user or self.ines).get_day(**kw)
        return [line["key"] for line in day["lines"]]
