"""Reminders as people meet them: told, answered, as a task or a quotation, and who may."""
from datetime import timedelta

from freezegun import freeze_time
from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import NOW, TODAY, days_ago
from .common_reminder import DELIVERY, ReminderCommon


@tagged("post_install", "-at_install")
class TestReminderUse(ReminderCommon):
    """What is told of reminders, what they lead to, and who may touch them."""

    @mute_logger(DELIVERY)
    def test_what_failed_is_the_next_thing_to_do(self):  # CC-1, CC-14
        rule = self._create_rule()
        bad = self._create_drinker("Bad")
        self._count(bad)
        rule.template_id = rule._get_template().copy({"body_html": '<p t-out="1/0"/>'})
        self._night()
        self.assertIn("Remind of Beans by hand", self._care(bad).advice)

    def test_a_list_of_customers_asks_once(self):  # CC-14
        self._create_rule()
        people = [self._create_drinker(f"Drinker {n}", last=60) for n in range(3)]
        self._count(*people)
        cares = self.customers.search([("partner_id", "in", [p.id for p in people])])

        def cost(records):
            self.env.invalidate_all()
            records.mapped("partner_id.name")
            before = self.env.cr.sql_log_count
            records.mapped("failed_reminder_id")
            return self.env.cr.sql_log_count - before

        self.assertEqual(cost(cares), cost(cares[:1]))

    def test_a_merge_keeps_what_was_sent(self):  # CC-14
        self._create_rule()
        old, new = self._create_drinker("Old"), self._create_drinker("New")
        self._night()
        sent = self._of(old) | self._of(new)
        self.assertEqual(sent.mapped("state"), ["sent", "sent"])
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((old | new).ids, new)
        self.env.invalidate_all()
        # The same purchase day of the same product: one of the two remains.
        self.assertEqual(len(sent.exists()), 1)
        self.assertEqual(sent.exists().partner_id, new)

    def test_the_story_tells_of_reminders(self):  # CC-1, CC-14
        self._create_rule()
        drinker = self._create_drinker()
        self._count(drinker)
        self._night()
        told = self.env["care.timeline"]._get_page(self._care(drinker), {}, "reminders")
        self.assertEqual([entry["title"] for entry in told["entries"]],
                         ["Reminder: Beans run out"])

    def test_the_tile_of_the_week(self):  # CC-14, CC-22
        boards = self.env["care.dashboard"].with_company(self.company)
        scope = boards._get_scope("month")._replace(
            today=TODAY, first=TODAY.replace(day=1), last=TODAY.replace(day=1, month=7))
        self.assertIn("No reminder rule", boards._dashboard_reminders(scope)["few"])
        self._create_rule()
        self._create_drinker("Now")
        self._create_drinker("Soon", last=22)
        self._night()
        tile = boards._dashboard_reminders(scope)
        self.assertEqual(tile["figure"], "1")
        self.assertIn("Too few", tile["note"])
        self.assertEqual(tile["chart"]["series"][0]["values"], [1])

    # ---- what it led to -------------------------------------------------------------------------

    def test_what_a_reminder_led_to(self):  # CC-14
        rule = self._create_rule()
        buyer, silent = self._create_drinker("Convinced"), self._create_drinker("Silent")
        self._night()
        self.assertIn("n/a", rule.result)
        rule.reminder_ids.mail_id.state = "sent"
        self._buy_product(buyer, self.beans, (-5, 2))
        self._night(NOW + timedelta(days=6))
        led = self._of(buyer)[0]
        self.assertEqual((led.state, led.bought_on, led.bought_amount),
                         ("done", TODAY + timedelta(days=5), 20))
        self.assertEqual(led.why, "Bought 5 days after")
        self.assertEqual(
            (led.matured, self._of(silent).matured), (0, 0),
            "early buyers are not counted before those who do not buy")
        self._night(NOW + timedelta(days=30))
        self.assertEqual(self._of(silent)[0].matured, 1)
        self.env.invalidate_all()
        self.assertEqual(
            rule.result, "2 sent; 1 of 2 bought within 30 days: too few for a share.")
        self.assertEqual(
            rule._tell_result(30, 20, 5), "30 sent; 5 of 20 bought within 30 days (25 %).")

    # ---- the customer answers -------------------------------------------------------------------

    def test_the_answer_reaches_somebody(self):  # CC-14: "Just answer this mail"
        """Also where the house has a catchall address, which leads to nobody's mailbox."""
        self.company.alias_domain_id = self.env["mail.alias.domain"].sudo().create({
            "name": "beans.example.org", "bounce_alias": "bounce-beans",
            "catchall_alias": "catchall-beans", "default_from": "notifications-beans"})
        seller = new_test_user(
            self.env, "bean_seller", groups="sales_team.group_sale_salesman",
            email="seller@beans.example.org", company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)])
        self._create_rule(user_id=seller.id)
        drinker = self._create_drinker()
        self._night()
        mail = self._of(drinker).mail_id
        self.assertIn("seller@beans.example.org", mail.email_from)
        self.assertIn("seller@beans.example.org", mail.reply_to)

    def test_nobody_writes_in_the_name_of_who_has_left(self):  # CC-14
        seller, rule_owner = (new_test_user(
            self.env, login, groups="sales_team.group_sale_salesman",
            email=f"{login}@beans.example.org", company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)]) for login in ("old_seller", "owner"))
        self._create_rule(user_id=rule_owner.id)
        drinker = self._create_drinker(user_id=seller.id)
        seller.active = False
        drinker.user_id = seller
        self._night()
        self.assertIn("owner@", self._of(drinker).mail_id.email_from)
        rule_owner.active = False
        self.company.email = "house@beans.example.org"
        self.assertIn("house@beans.example.org", self._of(drinker).sender)
        self.assertFalse(self._of(drinker).user_id)

    # ---- activities, quotations, preview --------------------------------------------------------

    def test_an_activity_and_a_quotation(self):  # CC-14
        seller = new_test_user(
            self.env, "bean_seller", groups="sales_team.group_sale_salesman",
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        self._create_rule(channel="activity", user_id=seller.id, make_offer=True)
        drinker = self._create_drinker(email=False)
        self._count(drinker)
        self._night()
        reminder = self._of(drinker)
        self.assertEqual(reminder.state, "sent")
        activity = self._care(drinker).activity_ids
        self.assertEqual((activity.user_id, activity.date_deadline), (seller, reminder.due_on))
        offer = reminder.offer_id
        self.assertEqual((offer.state, offer.partner_id), ("draft", drinker))
        self.assertEqual(offer.order_line.product_id, self.beans)

    def test_whom_it_would_remind(self):  # CC-14
        rule = self._create_rule(on=False)
        now, none = self._create_drinker("Now"), self._create_drinker("None", email=False)
        later = self._create_drinker("Later", last=1, every=90)
        with freeze_time(NOW):
            self.env["care.night"].sudo()._run_steps(self.company, NOW, "products")
            rule.action_count_preview()
            self.assertEqual(
                rule.preview,
                "Reminders: 1, customers: 1. Held back: no e-mail address (1).")
            action = rule.action_preview()
        found = self.env["care.reminder.ahead"].sudo().search(action["domain"])
        self.assertNotIn(later, found.partner_id)
        first = found.filtered(lambda row: row.partner_id == now)
        self.assertEqual(
            (first.thing, first.cycle_on, first.due_on, first.send_on, first.outcome),
            (self.beans.display_name, days_ago(28), days_ago(-2), days_ago(0), "free"))
        held = found.filtered(lambda row: row.partner_id == none)
        self.assertEqual((held.outcome, held.reason), ("held", "no_address"))
        self.assertFalse(self.reminders.search([("rule_id", "=", rule.id)]))

    def test_presets_come_once_and_switched_off(self):  # CC-14
        manager = new_test_user(
            self.env, "care_boss", groups="customer_care.group_customer_care_manager",
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        rules = self.env["care.reminder.rule"].with_user(manager)
        rules.action_create_presets()
        rules.action_create_presets()
        found = rules.search([("company_id", "=", self.company.id)])
        self.assertEqual(
            sorted(found.mapped("kind")), ["maintenance", "renewal", "repurchase", "warranty"])
        self.assertFalse(any(found.mapped("is_on")))
        self.assertTrue(all(rule._get_template() for rule in found))

    def test_leaves_at_its_hour_and_not_on_sunday(self):  # CC-14
        self.company.care_reminder_weekend = False
        self.company.care_reminder_hour = 9.5
        saturday = NOW.replace(day=27, hour=1)
        self.assertEqual(self.company._care_reminder_moment(saturday),
                         NOW.replace(day=29, hour=9, minute=30))
        self.assertEqual(self.company._care_reminder_moment(NOW.replace(hour=12)),
                         NOW.replace(hour=12))
        self.company.resource_calendar_id.tz = "Asia/Ho_Chi_Minh"
        self.assertEqual(self.company._care_reminder_moment(NOW.replace(hour=0)),
                         NOW.replace(hour=2, minute=30))

    def test_in_the_customers_language(self):  # CC-14
        self.env["res.lang"]._activate_lang("fr_FR")
        rule = self._create_rule()
        template = rule._get_template()
        template.with_context(lang="fr_FR").subject = "Encore {{ object.product_id.name }}"
        drinker = self._create_drinker(lang="fr_FR")
        self._night()
        self.assertEqual(self._of(drinker).mail_id.subject, "Encore Beans")

    # ---- rights ---------------------------------------------------------------------------------

    def test_rows_are_written_by_code_only(self):  # CC-14
        drinker = self._plan_then()
        user = new_test_user(
            self.env, "care_person", groups="customer_care.group_customer_care_user",
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        reminder = self._of(drinker).with_user(user)
        self.assertEqual(reminder.state, "planned")
        with self.assertRaises(AccessError):
            reminder.state = "sent"
        with self.assertRaises(AccessError):
            reminder.rule_id.with_user(user).action_switch_off()
        reminder.action_cancel()
        self.assertEqual(reminder.state, "cancelled")
        seller = new_test_user(
            self.env, "seller_only", groups="sales_team.group_sale_salesman",
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        with self.assertRaises(AccessError):
            reminder.with_user(seller).action_plan_again()

    def test_another_company_sees_nothing(self):  # CC-14
        drinker = self._plan_then()
        other = self.env["res.company"].create({"name": "Third House"})
        user = new_test_user(
            self.env, "third_house", groups="customer_care.group_customer_care_manager",
            company_id=other.id, company_ids=[Command.set(other.ids)])
        self.assertFalse(self.env["care.reminder"].with_user(user).search(
            [("partner_id", "=", drinker.id)]))
        with self.assertRaises(AccessError):
            self._of(drinker).with_user(user).action_cancel()
