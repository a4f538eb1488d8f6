"""Product alerts: one, to the right people, once; what is sold to the buyers waits (CC-17)."""
from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .common import NOW, TODAY, days_ago
from .common_voice import LOT, VoiceCommon


@tagged("post_install", "-at_install")
class TestAlert(VoiceCommon):

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time(NOW))

    def _alert(self, product=None, **values):
        domain = [("product_id", "=", (product or self.machine).id)]
        return self.alerts.search(domain + [(k, "=", v) for k, v in values.items()])

    def _mails(self, alert):
        return self.env["mail.message"].sudo().search([
            ("model", "=", "care.alert"), ("res_id", "=", alert.id),
            ("message_type", "=", "user_notification")])

    def test_the_defect_case(self):  # CC-17, CC-18: must be shown
        """12 complaints in 7 days on one lot, one with a safety word."""
        buyers = [self._create_customer(f"Buyer {i}", email=f"b{i}@example.com")
                  for i in range(10)]
        returned = None
        for index, buyer in enumerate(buyers):
            returned = self._sell(buyer, self.machine, 60, quantity=10)
            if index == 9:
                self._sell(buyer, self._create_machine("Other"), 60)
        others = self._create_customer("Has another lot")
        if self.has_stock:
            self._sell(others, self.machine, 60, lot="L9")
            back = self.env["stock.move"].search([
                ("partner_id", "=", buyers[9].id), ("product_id", "=", self.machine.id)])
            self._deliver(buyers[9], self.machine, 1, 10, LOT, takes_back=back)
        self._credit(returned, days_ago(1))  # the last buyer gave his ten back
        self._complain(300, partner=buyers[0])  # a year's usual: one
        self._night_of_voices()
        self.assertFalse(self._alert())

        for index in range(12):
            text = "It gave me an electric shock" if index == 7 else "It leaks"
            self._complain(6 - index // 2, text, partner=buyers[index % 5], kind="defect")
        alert = self._alert()
        self.assertEqual(len(alert), 1)
        self.assertEqual((alert.lot_name, alert.kind, alert.state, alert.count), (
            LOT, "safety", "new", 12))
        self.assertEqual((alert.owner_id, alert.customer_count), (self.owner, 5))
        self.assertEqual((alert.first_on, alert.last_on), (days_ago(6), days_ago(1)))
        self.assertIn("electric shock", alert.reason)
        self.assertIn("electric shock", alert.activity_ids.summary)

        mails = self._mails(alert)
        self.assertEqual(len(mails), 1)
        told = mails.notified_partner_ids
        self.assertLessEqual((self.owner | self.buyer_of_goods).partner_id, told)
        self.assertEqual(alert.activity_ids.user_id, self.owner)

        self._night_of_voices()
        self.assertEqual(len(self._alert()), 1)
        self.assertEqual(len(self._mails(alert)), 1)
        # 12 of the 90 of the lot that were kept: 133.3 per 1,000; without stock nobody knows them
        self.assertEqual((alert.sold, alert.rate), (90, 133.3) if self.has_stock else (False,) * 2)
        # 13 in the year, of 90 that were sold and kept, or 91 with that of another lot
        template = self.machine.product_tmpl_id.with_company(self.company)
        self.assertEqual(
            template.care_voice_rate, f"{'142.9' if self.has_stock else '144.4'} per 1,000")
        self.assertEqual(set(alert.buyer_ids.partner_id.ids), {b.id for b in buyers[:9]})
        self.assertEqual((alert.buyer_count, alert.is_by_lot), (9, self.has_stock))
        tag = self.env.ref("customer_care.partner_category_alert")
        self.assertEqual(tag.partner_ids, alert.buyer_ids.partner_id)

        order = self.env["sale.order"].sudo().create({
            "partner_id": buyers[0].id, "company_id": self.company.id,
            "user_id": self.seller.id})
        self.assertIn("Machine", order.with_user(self.seller).sudo(False).care_warning)
        free = order.copy({"partner_id": buyers[9].id})
        self.assertFalse(free.care_warning)
        free.order_line = [Command.create({"product_id": self.machine.id})]
        self.assertIn(LOT, free.care_warning)
        free.state = "sale"
        self.assertFalse(free.care_warning)

        alert.action_close()
        self.assertFalse(tag.partner_ids)
        self.assertFalse(alert.activity_ids)

    def test_eleven_quiet_months_and_then_five(self):  # CC-17
        """Without a safety word it takes a cluster: one with four is none."""
        self.company.care_alert_owner_id = self.owner
        for ago in range(30, 350, 30):
            self._complain(ago)
        for _ in range(4):
            self._complain(1)
        self.assertFalse(self._alert())
        self._complain(0)
        alert = self._alert()
        self.assertEqual((alert.kind, alert.count, alert.pause), ("cluster", 5, False))
        # 11 in the 323 days between the first one and the window: 11 * 7 / 323 a week
        self.assertAlmostEqual(alert.expected, 11 * 7 / 323, 2)
        self.assertEqual((alert.rate, alert.base_rate), (False, False))
        self.assertIn("n/a", alert.rate_text)

    def test_what_is_usual_raises_nothing(self):  # CC-17
        """Five a week, week after week."""
        self.env["care.voice"].sudo().with_context(care_voice_quiet=True).create([{
            "text": "It leaks", "kind": "complaint", "product_id": self.machine.id,
            "company_id": self.company.id, "said_on": days_ago(ago)}
            for week in range(1, 50) for ago in (7 * week, 7 * week + 1, 7 * week + 2,
                                                 7 * week + 3, 7 * week + 4)])
        for ago in range(5):
            self._complain(ago, lot_name=False)
        self._night_of_voices()
        self.assertFalse(self._alert())

    def test_complaints_of_several_lots_are_one_alert_of_the_product(self):  # CC-17
        for index in range(6):
            self._complain(index, lot_name=f"L{index}")
        alert = self._alert()
        self.assertEqual((len(alert), alert.lot_name, alert.count), (1, False, 6))
        self._complain(0, lot_name="L77")
        self.assertEqual((len(self._alert()), alert.count), (1, 7))

    def test_a_merged_case_counts_once_and_an_empty_alert_ends(self):  # CC-17
        case = self._complain(text="The machine is on fire")
        alert = self._alert()
        self.assertEqual(alert.count, 1)
        other = self._complain(1)
        self.assertEqual(alert.count, 2)
        other._close("duplicate")
        self.assertEqual(alert.count, 1)
        case._close("spam")
        self.assertEqual((alert.state, alert.count), ("closed", 0))
        self._complain(text="Fire again")
        self.assertEqual(len(self._alert(state="new")), 1)
        self.assertEqual(len(self._alert()), 2)

    def test_a_case_that_gets_another_product_changes_its_alert(self):  # CC-17
        case = self._complain(text="It is burning")
        first, other = self._alert(), self._create_machine("Other")
        case.product_id = other
        self.assertEqual(first.state, "closed")
        self.assertEqual(self._alert(other).voice_ids, self._said_in(case))

    def test_danger_without_a_product_is_not_lost(self):  # CC-17
        self._complain(text="There was an explosion", product_id=False, lot_name=False)
        alert = self.alerts.search([
            ("product_id", "=", False), ("company_id", "=", self.company.id)])
        self.assertEqual((alert.count, alert.pause), (1, False))
        self.assertEqual(len(self._mails(alert)), 1)

    def test_the_database_keeps_a_second_one_out(self):  # CC-17: two cases at the same moment
        self._complain(text="Smoke")
        ids = self.alerts._query_raise("safety", self.company, self.machine, LOT, NOW)
        self.assertEqual(ids, [])

    def test_what_was_said_long_ago_raises_nothing_now(self):  # CC-17
        """The first night after the installation reads the cases of years."""
        self._complain(200, "It was on fire")
        self.assertFalse(self._alert())
        self._complain(text="Smoke comes out")
        self.assertEqual(self._alert().count, 1)

    def test_the_owner_works_on_it_though_he_has_no_care(self):  # CC-17, ALL-4
        self._complain(text="Smoke comes out")
        alert = self._alert().with_user(self.owner).sudo(False)
        self.assertTrue(alert.may_act)
        self.assertEqual(alert.voice_ids.mapped("kind"), ["complaint"])
        alert.action_acknowledge()
        self.assertEqual((alert.state, alert.acknowledged_by_id), ("acknowledged", self.owner))
        with self.assertRaises(UserError):
            alert.action_act()
        alert.measures = "Delivery stopped"
        alert.action_act()
        self.assertEqual(alert.state, "acted")
        with self.assertRaises(AccessError):
            alert.state = "closed"
        alert.action_close()
        self.assertFalse(alert.pause)
        colleague = self._create_user("colleague_alert", "base.group_user")
        with self.assertRaises(AccessError):
            alert.with_user(colleague).action_close()

    def test_another_company_sees_nothing(self):  # ALL-4
        self._sell(self.writer, self.machine, 10)
        self._night_of_voices()
        self._complain(text="Smoke comes out")
        second = self.setup_other_company(name="Second House")["company"]
        stranger = new_test_user(
            self.env(su=True), "alert_stranger", company_id=second.id,
            groups="customer_care.group_customer_care_manager,sales_team.group_sale_manager",
            company_ids=[(6, 0, second.ids)])
        theirs = self.env(user=stranger, su=False)
        for model in ("care.voice", "care.alert", "care.alert.buyer", "care.product.month",
                      "care.voice.report"):
            self.assertFalse(theirs[model].search([]), model)
        with self.assertRaises(AccessError):
            self._alert().with_env(theirs).action_acknowledge()
        told = theirs["care.warning"]._tell_partner(second, self.writer.with_env(theirs))
        self.assertFalse(told)

    def test_the_open_deal_of_a_buyer_says_it(self):  # CC-18
        """Runs with deals in the database; a quotation says it everywhere."""
        self._sell(self.writer, self.machine, 20)
        self._night_of_voices()
        deals = self.env.get("crm.lead")
        if deals is not None:
            deals = deals.sudo().create([
                {"name": "Second machine", "type": "opportunity", "partner_id": partner.id,
                 "company_id": self.company.id, "user_id": False}
                for partner in (self.writer, self._create_customer("Has none"))])
        self._complain(text="Smoke comes out")
        told = self.env["care.warning"]._tell_partner(self.company, self.writer)
        self.assertEqual(len(told), 1)
        self.assertIn("Machine", told[0])
        if deals is not None:
            notes = deals.message_ids.filtered(lambda message: "Machine, lot L1" in message.body)
            self.assertEqual(notes.mapped("res_id"), deals[0].ids)
            if hasattr(deals, "_get_loop_lines"):
                self.assertIn(told[0], [line["text"] for line in deals[0]._get_loop_lines(NOW)])

    def test_proposals_of_the_product_stop(self):  # CC-16, CC-17
        self._complain(text="Smoke comes out")
        barred = self.env["care.proposal"]._query_barred(self.company)
        self.env.flush_all()
        found = self.env.execute_query(SQL(
            "SELECT t.id FROM product_template t WHERE t.id = ANY(%s) AND (%s)",
            (self.machine | self.product_a).product_tmpl_id.ids, barred))
        self.assertEqual(found, [(self.machine.product_tmpl_id.id,)])

    def test_the_dashboard_names_it(self):  # CC-22
        self._complain(text="Smoke comes out")
        user = self._create_user("alert_manager", "customer_care.group_customer_care_manager")
        page = self.env["care.dashboard"].with_user(user).sudo(False).with_company(
            self.company).get_dashboard()
        tile = next(tile for tile in page["tiles"] if tile["key"] == "alerts")
        self.assertEqual(tile["figure"], "1")

    def test_the_product_tells_its_rate(self):  # CC-17
        self._sell(self.writer, self.machine, 20, quantity=40)
        self._complain(3)
        self._complain(2)
        self._complain(1, kind="praise")
        template = self.machine.product_tmpl_id.with_company(self.company)
        self.assertEqual(template.care_voice_rate, "n/a per 1,000")
        self._night_of_voices()
        self.assertEqual((template.care_voice_count, template.care_voice_rate),
                         (3, "50.0 per 1,000"))

    def test_units_and_complaints_are_of_the_same_months(self):  # CC-17
        """What was sold in a month that the complaints do not reach back to is not in the rate."""
        self._sell(self.writer, self.machine, 394, quantity=900)  # on 1 June of last year
        self._sell(self.writer, self.machine, 20, quantity=100)
        self._complain(0)
        self._night_of_voices()
        template = self.machine.product_tmpl_id.with_company(self.company)
        self.assertEqual(template.care_voice_rate, "10.0 per 1,000")

    def test_a_month_that_is_cut_counts_by_its_days(self):  # CC-17
        self._sell(self.writer, self.machine, 40, quantity=31)  # in May
        self._sell(self.writer, self.machine, 10, quantity=60)  # in June
        self._complain(0)
        self._night_of_voices()

        def sold(after, until):
            return self.env["care.product.month"].sudo()._sold(
                self.company, self.machine, date(2026, *after), date(2026, *until)).get(
                    self.machine.id, 0)

        self.assertEqual(sold((4, 30), (6, 30)), 91)
        self.assertEqual(sold((5, 21), (6, 30)), 70)  # 10 of 31 days of May
        self.assertEqual(sold((5, 21), (6, 10)), 30)  # and 10 of 30 of June
        self.assertEqual(sold((5, 31), (6, 30)), 60)
        with freeze_time("2026-06-20 09:00:00"):  # sold in the 20 days that June has so far
            self.assertEqual(sold((5, 31), (6, 20)), 60)

    def test_an_alert_is_compared_with_as_many_usual_days(self):  # CC-17
        """24 complaints in the year before, 1,000 sold, then 8 in one day."""
        self._sell(self.writer, self.machine, 420)
        self._sell(self.writer, self.machine, 200, quantity=1000)
        self.voices.with_context(care_voice_quiet=True).create([{
            "text": "It leaks", "kind": "complaint", "product_id": self.machine.id,
            "company_id": self.company.id, "said_on": days_ago(10 + 15 * index)}
            for index in range(24)])
        self._night_of_voices()
        for _ in range(8):
            self._complain(0, lot_name=False)
        alert = self._alert()
        self.assertEqual((alert.sold, alert.rate), (1000, 8.0))
        self.assertEqual(alert.base_rate, 0.46)  # 24 * 7 / 365
        self.assertIn("0.46 per 1,000", alert.base_text)

    def test_the_rate_is_of_the_units_beside_it(self):  # CC-17: a month that is cut has parts
        self._complain(0, text="Smoke comes out", lot_name=False)
        alert = self._alert()
        months = type(self.env["care.product.month"])
        with patch.object(months, "_sold", lambda *args: {self.machine.id: 19.234}):
            alert.write({"count": 4, **alert._prepare_rates(4, NOW)})
        self.assertEqual(alert.rate_text, "208.3 per 1,000 (4 of 19.2 units)")

    def test_a_new_product_has_no_usual_rate(self):  # CC-17
        self._sell(self.writer, self.machine, 3, quantity=100)
        self._complain(2, text="Smoke comes out")
        self._night_of_voices()
        self.assertIs(self._alert().base_rate, False)
        self.assertIn("n/a", self._alert().base_text)


@tagged("post_install", "-at_install")
class TestAlertReminders(VoiceCommon):
    """Reminders to the buyers wait while the alert is open, and go on afterwards (CC-14, CC-17)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.care_reminder_weekend = True
        cls.company.care_reminder_limit_days = 0
        cls.rule = cls.env["care.reminder.rule"].sudo().create({
            "name": "Machine runs out", "company_id": cls.company.id,
            "product_tmpl_ids": [Command.set(cls.machine.product_tmpl_id.ids)]})
        cls.rule.action_switch_on()
        cls.drinker = cls._create_customer("Drinker", email="drinker@example.com")
        for ago in (88, 58, 28):
            cls._sell(cls.drinker, cls.machine, ago)

    def _night(self, now=NOW):
        with freeze_time(now):
            self.env["care.night"].sudo()._run_steps(
                self.company, now, "products", "product_month", "voices", "alerts",
                "reminder_plan", "reminders")
        self.env.invalidate_all()

    def test_they_wait_and_go_on(self):  # CC-17
        with freeze_time(NOW):
            self._complain(text="Smoke comes out")
        self._night()
        reminder = self.env["care.reminder"].sudo().search([
            ("partner_id", "=", self.drinker.id)])
        self.assertEqual((reminder.state, reminder.reason), ("suppressed", "alert"))
        self.assertIn("paused", reminder.why)
        with freeze_time(NOW):
            self.alerts.search([("product_id", "=", self.machine.id)]).action_close()
        self.assertEqual(reminder.state, "planned")
        self._night(NOW + timedelta(days=1))
        self.assertEqual((reminder.state, reminder.sent_on), ("sent", TODAY + timedelta(days=1)))
