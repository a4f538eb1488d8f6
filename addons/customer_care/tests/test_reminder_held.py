"""Reminders that are not sent, and the reason why not."""
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .common import NOW, TODAY
from .common_reminder import ReminderCommon


@tagged("post_install", "-at_install")
class TestReminderHeld(ReminderCommon):
    """What happened since the plan holds the mail, and the row says so."""

    def test_bought_again(self):  # CC-14
        drinker = self._plan_then()
        self._buy_product(drinker, self.beans, 0)
        self._night(NOW + timedelta(days=1))
        first, second = self._of(drinker)
        self.assertEqual((first.state, first.reason), ("suppressed", "bought"))
        self.assertEqual(second.state, "planned")

    def test_ordered_again(self):  # CC-14
        drinker = self._plan_then()
        order = self.env["sale.order"].create({
            "partner_id": drinker.id,
            "order_line": [Command.create({"product_id": self.beans.id})]})
        order.action_confirm()
        order.date_order = NOW
        self._night(NOW + timedelta(days=1))
        self.assertHeld(drinker, "ordered")

    def test_returned(self):  # CC-14
        self._create_rule(basis="fixed", interval_number=20, interval_unit="days")
        buyer = self._create_customer("Returner", email="returner@example.com")
        move = self._buy_product(buyer, self.beans, (16, 1))
        self._night()
        self._credit(move, TODAY)
        self._night(NOW + timedelta(days=1))
        self.assertHeld(buyer, "returned")

    def _rate(self, record, partner, rating):
        return self.env["rating.rating"].sudo().create({
            "res_model_id": self.env["ir.model"]._get_id(record._name), "res_id": record.id,
            "partner_id": partner.id, "rating": rating, "consumed": True, "rated_on": NOW})

    def test_a_low_rating_holds_what_would_sell(self):  # CC-14
        drinker = self._plan_then()
        self._rate(drinker, drinker, 1)
        self._night(NOW + timedelta(days=1))
        self.assertHeld(drinker, "upset")

    def test_a_rating_given_to_another_company_holds_nothing(self):  # CC-14
        drinker = self._plan_then()
        other = self.env["res.company"].create({"name": "Second House"})
        self._rate(self.env["sale.order"].sudo().create({
            "partner_id": drinker.id, "company_id": other.id}), drinker, 1)
        self._night(NOW + timedelta(days=1))
        self.assertEqual(self._of(drinker).state, "sent")

    def test_wants_no_mails(self):  # CC-14
        drinker = self._plan_then()
        self.env["mail.blacklist"].sudo()._add(drinker.email)
        self._night(NOW + timedelta(days=1))
        self.assertHeld(drinker, "opted_out")

    def test_no_address(self):  # CC-14
        drinker = self._plan_then(email=False)
        self._night(NOW + timedelta(days=1))
        self.assertHeld(drinker, "no_address")

    def test_what_is_not_sold_any_more(self):  # CC-14
        drinker = self._plan_then()
        self.beans.sale_ok = False
        self._night(NOW + timedelta(days=1))
        self.assertHeld(drinker, "not_sold")

    def test_what_is_not_there_any_more(self):  # CC-14
        drinker = self._plan_then()
        self.beans.action_archive()
        self._night(NOW + timedelta(days=1))
        self.assertHeld(drinker, "not_sold")

    def test_archived(self):  # CC-14
        drinker = self._plan_then()
        drinker.active = False
        self._night(NOW + timedelta(days=1))
        self.assertHeld(drinker, "archived")

    def test_too_late_after_a_standstill(self):  # CC-14
        drinker = self._plan_then()
        self._night(NOW + timedelta(days=30))
        self.assertEqual((self._of(drinker).state, self._of(drinker).reason),
                         ("suppressed", "late"))

    def _two_things(self, filters_last):
        """A rule for beans and filters; the beans are due now, the filters some days later."""
        self.company.care_reminder_limit_days = 14
        rule = self._create_rule(product_tmpl_ids=[
            Command.set((self.beans | self.filters).product_tmpl_id.ids)])
        drinker = self._create_drinker()
        self._buy_product(
            drinker, self.filters, filters_last + 60, filters_last + 30, filters_last)
        with freeze_time(NOW):
            self.env["care.night"].sudo()._run_steps(self.company, NOW, "products")
            rule.action_count_preview()
        self._night()
        return rule, *(
            self._of(drinker).filtered(lambda r, product=product: r.product_id == product)
            for product in (self.beans, self.filters))

    def test_what_is_due_at_once_is_one_mail(self):  # CC-14
        rule, beans, filters = self._two_things(filters_last=23)
        self.assertEqual(
            rule.preview, "Reminders: 2, customers: 1. None would be held back.")
        self.assertEqual((beans.state, filters.state), ("sent", "sent"))
        self.assertEqual(beans.mail_id, filters.mail_id)
        self.assertEqual(beans.mail_id.body_html.count(self.filters.name), 1)
        self.assertIn("Soon due as well", beans.mail_id.body_html)
        self.assertIn("Jul 7, 2026", beans.mail_id.body_html, "with its own day")
        self._night(NOW + timedelta(days=5))
        self.assertEqual(len(beans.partner_id.message_ids.mail_ids), 1)

    def test_a_mail_of_one_s_own_names_everything_too(self):  # CC-14
        self.env.ref("customer_care.mail_template_reminder_repurchase").body_html = "<p>Buy!</p>"
        _rule, beans, _filters = self._two_things(filters_last=27)
        self.assertEqual(beans.mail_id.body_html.count(self.filters.name), 1)

    def test_what_is_bought_before_the_mail_leaves_is_not_named(self):  # CC-14
        """The filters are ordered while the mail waits: beans alone leave, with the next."""
        _rule, beans, filters = self._two_things(filters_last=27)
        old = beans.mail_id
        order = self.env["sale.order"].create({
            "partner_id": filters.partner_id.id,
            "order_line": [Command.create({"product_id": self.filters.id})]})
        order.action_confirm()
        order.date_order = NOW
        with freeze_time(NOW):
            old._send()
        self.assertEqual(old.state, "cancel")
        self.assertEqual((filters.state, filters.reason), ("suppressed", "ordered"))
        self.assertEqual((beans.state, beans.joined_ids.ids), ("planned", []))
        self._night(NOW + timedelta(days=1))
        self.assertEqual(beans.state, "sent")
        self.assertNotIn(self.filters.name, beans.mail_id.body_html)

    def test_one_mail_per_customer(self):  # CC-14
        """What is due later than half of the limit waits until it has passed."""
        rule, beans, filters = self._two_things(filters_last=18)
        self.assertEqual(
            rule.preview,
            "Reminders: 1, customers: 1. Later, after another mail to the same customer: 1. "
            "None would be held back.")
        self.assertEqual((beans.state, filters.state), ("sent", "planned"))
        self._night(NOW + timedelta(days=13))
        self.assertEqual((filters.state, filters.send_on),
                         ("planned", beans.sent_on + timedelta(days=14)))
        self._night(NOW + timedelta(days=14))
        self.assertEqual(filters.state, "sent", "not forgotten for ever")

    def test_another_subject_adds_its_reason(self):  # CC-14
        """Complaints, cases and safety alerts hold reminders back by one entry and one method."""
        cls = type(self.reminders)
        known = cls._suppression_reasons
        drinker, other = self._plan_then(), self._create_drinker("Other", last=26)
        self._night()
        with patch.object(cls, "_suppression_reasons",
                          lambda self: {"another": "another reason", **known(self)}), \
                patch.object(cls, "_query_suppressed_another", create=True, new=lambda *a: SQL(
                    "d.partner_id = %s", drinker.id)):
            self._night(NOW + timedelta(days=1))
            self.assertEqual(self._of(drinker).read(["reason", "why"])[0]["why"], "another reason")
        self.assertEqual(self._of(other).state, "sent")
        self._of(drinker).unlink()
