"""Reminders: each once, at the right time, until it is taken back."""
from datetime import timedelta

from freezegun import freeze_time
from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import NOW, TODAY, days_ago
from .common_reminder import ReminderCommon


@tagged("post_install", "-at_install")
class TestReminder(ReminderCommon):
    """Each reminder once, at the right time, or with the reason why not."""

    def test_a_mail_waits_in_the_queue(self):  # CC-14
        rule = self._create_rule()
        drinker = self._create_drinker()
        self._night()
        reminder = self._of(drinker)
        self.assertEqual((reminder.state, reminder.rule_id), ("sent", rule))
        self.assertEqual(reminder.due_on, TODAY + timedelta(days=2))
        mail = reminder.mail_id
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.recipient_ids, drinker)
        self.assertIn("Beans", mail.subject)
        self.assertEqual(mail.body_html.count(reminder.stop_url), 1)
        self.assertIn("List-Unsubscribe=One-Click", mail.headers)
        self.assertIn(f"/care/reminder/oneclick/{reminder.id}/", mail.headers)
        self.assertEqual((mail.model, mail.res_id), ("res.partner", drinker.id))
        self.assertTrue(mail.message_id)

    def test_every_mail_has_the_way_out(self):  # CC-14
        rule = self._create_rule()
        rule.template_id = rule._get_template().copy({"body_html": "<p>More beans?</p>"})
        drinker = self._create_drinker()
        self._night()
        reminder = self._of(drinker)
        self.assertIn("More beans?", reminder.mail_id.body_html)
        self.assertEqual(reminder.mail_id.body_html.count(reminder.stop_url), 1)

    def test_planned_ahead_and_sent_on_its_day(self):  # CC-14
        self._create_rule()
        drinker = self._create_drinker(last=10)
        self._night()
        reminder = self._of(drinker)
        self.assertEqual((reminder.state, reminder.send_on),
                         ("planned", TODAY + timedelta(days=17)))
        self._night(NOW + timedelta(days=16))
        self.assertEqual(reminder.state, "planned")
        self._night(NOW + timedelta(days=17))
        self.assertEqual(reminder.state, "sent")

    def test_each_reminder_once(self):  # CC-14
        self._create_rule()
        drinker = self._create_drinker()
        for day in range(4):
            self._night(NOW + timedelta(days=day))
        self.assertEqual(len(self._of(drinker)), 1)
        self.assertEqual(
            self.env["mail.mail"].sudo().search_count([("recipient_ids", "in", drinker.ids)]), 1)
        reminder = self._of(drinker)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), \
                self.env.cr.savepoint():
            reminder.copy({"due_on": TODAY + timedelta(days=20)})

    def test_two_packs_are_reminded_later(self):  # CC-14
        self._create_rule()
        drinker = self._create_customer("Double", email="double@example.com")
        self._buy_product(drinker, self.beans, (89, 1), (59, 1), (29, 2))
        self._night()
        self.assertEqual(self._of(drinker).due_on, days_ago(29) + timedelta(days=60))
        self._create_rule(name="By time", by_quantity=False)
        self._night()
        self.assertEqual(self._of(drinker).filtered(lambda r: r.rule_id.name == "By time").due_on,
                         days_ago(29) + timedelta(days=30))

    def test_a_fixed_time_needs_no_history(self):  # CC-14
        self._create_rule(basis="fixed", interval_number=20, interval_unit="days")
        buyer = self._create_customer("Once", email="once@example.com")
        self._buy_product(buyer, self.beans, (19, 1))
        self._night()
        self.assertEqual((self._of(buyer).state, self._of(buyer).due_on),
                         ("sent", TODAY + timedelta(days=1)))

    def test_below_two_gaps_nobody_is_reminded(self):  # CC-14
        self._create_rule()
        buyer = self._create_customer("Twice", email="twice@example.com")
        self._buy_product(buyer, self.beans, 58, 28)
        self._night()
        self.assertFalse(self._of(buyer))

    def test_who_is_overdue_is_reminded_once(self):  # CC-14
        """The page says "overdue, expected tomorrow"; so the reminder leaves today."""
        rule = self._create_rule(on=False)
        drinker = self._create_drinker(last=45)
        with freeze_time(NOW):
            self.env["care.night"].sudo()._run_steps(self.company, NOW, "products")
            rule.action_count_preview()
            self.assertEqual(
                rule.preview, "Reminders: 1, customers: 1. None would be held back.")
        rule.action_switch_on()
        for day in range(3):
            self._night(NOW + timedelta(days=day))
        reminder = self._of(drinker)
        self.assertEqual((reminder.state, reminder.due_on, reminder.sent_on),
                         ("sent", TODAY + timedelta(days=1), TODAY))

    def test_a_plan_for_the_overdue_is_not_put_off_every_night(self):  # CC-14
        self._create_rule()
        drinker = self._create_drinker(last=45)
        with freeze_time(NOW):  # nothing is sent in this night
            self.env["care.night"].sudo()._run_steps(
                self.company, NOW, "products", "reminder_plan")
        self._night(NOW + timedelta(days=8))
        self.assertHeld(drinker, "late")
        self.assertEqual((self._of(drinker).due_on, self._of(drinker).send_on),
                         (TODAY + timedelta(days=1), TODAY))

    def test_long_before_its_day_is_at_once(self):  # CC-14
        """Twenty days before were asked for when two are left."""
        self._create_rule(lead_days=20)
        drinker = self._create_drinker()
        self._night()
        self.assertEqual((self._of(drinker).state, self._of(drinker).due_on),
                         ("sent", TODAY + timedelta(days=2)))

    def test_silent_for_twice_his_rhythm_is_too_late(self):  # CC-14
        rule = self._create_rule(on=False)
        at_limit, gone = self._create_drinker("Limit", last=60), self._create_drinker(last=61)
        with freeze_time(NOW):
            self.env["care.night"].sudo()._run_steps(self.company, NOW, "products")
            rule.action_count_preview()
            self.assertEqual(
                rule.preview, "Reminders: 1, customers: 1. Held back: too late (1).")
        rule.action_switch_on()
        self._night()
        self.assertEqual(self._of(at_limit).state, "sent")
        self.assertHeld(gone, "late")
        self._night(NOW + timedelta(days=1))
        self.assertHeld(gone, "late")

    def test_categories_include_those_below(self):  # CC-14
        above = self.env["product.category"].create({"name": "Coffee"})
        self.beans.categ_id = self.env["product.category"].create(
            {"name": "Whole beans", "parent_id": above.id})
        self._create_rule(product_tmpl_ids=False, categ_ids=[Command.set(above.ids)])
        drinker = self._create_drinker()
        self._buy_product(drinker, self.filters, 88, 58, 28)
        self._night()
        self.assertEqual(self._of(drinker).product_id, self.beans)

    def test_cancelled_stays_cancelled(self):  # CC-14
        drinker = self._plan_then()
        self._of(drinker).action_cancel()
        self._night(NOW + timedelta(days=1))
        self.assertEqual(self._of(drinker).state, "cancelled")
        self._of(drinker).action_plan_again()
        self._night(NOW + timedelta(days=1))
        self.assertEqual(self._of(drinker).state, "sent")

    def test_switched_off_plans_go(self):  # CC-14
        rule = self._create_rule()
        sent, planned = self._create_drinker("Sent"), self._create_drinker("Planned", last=10)
        self._night()
        rule.action_switch_off()
        self._night()
        self.assertTrue(self._of(sent))
        self.assertFalse(self._of(planned))
