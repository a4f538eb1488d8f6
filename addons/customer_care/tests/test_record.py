"""The care record and the partner: what people see, find and do."""
from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.addons.customer_care.models import care_customer
from odoo.tests import freeze_time, new_test_user, tagged

from .common import NOW, CareCommon, days_ago


@tagged("post_install", "-at_install")
class TestRecord(CareCommon):

    def test_too_little_history_says_so(self):  # CC-1
        once, often = self._create_customer("Once"), self._create_customer("Often")
        self._buy(once, 10)
        self._buy(often, 90, 60, 30)
        self._count(once, often)
        with freeze_time(NOW):
            self.assertIn("Too little history for a rhythm: 1 of 3", self._care(once).story)
            care = self._care(often)
            self.assertIn("usually one every 30 days", care.story)
            self.assertIn("30 days ago: 1.0 times", care.story)
            self.assertEqual((care.silence_days, care.expected_gap), (30, 30.0))

    def test_advice_is_the_rules(self):  # CC-1
        buyer = self._create_customer()
        self._buy(buyer, 10)
        self._count(buyer)
        rule = self.env.ref("customer_care.care_status_rule_new").sudo()
        rule.advice = "Send the coffee grinder leaflet"
        self.assertEqual(self._care(buyer).advice, "Send the coffee grinder leaflet")

    def test_documents_open(self):  # CC-1
        buyer = self._create_customer()
        self._buy(buyer, *range(10, 130, 10))
        self._create_sale_order_one_line(product_id=self.product_a.id, partner_id=buyer.id)
        self._count(buyer)
        care = self._care(buyer)
        self.assertEqual((care.document_count, care.order_count), (12, 1))
        for action, model, count in (
            (care.action_open_documents(), "account.move", 12),
            (care.action_open_orders(), "sale.order", 1),
        ):
            self.assertEqual(action["res_model"], model)
            self.assertEqual(self.env[model].search_count(action["domain"]), count)

    def test_count_again(self):  # CC-1
        buyer = self._create_customer()
        self._buy(buyer, 10)
        self._count(buyer)
        self._buy(buyer, 5)
        self._care(buyer).action_refresh()
        self.assertEqual(self._care(buyer).purchase_days, 2)

    def test_many_are_left_to_the_cron(self):  # CC-1
        buyers = self._create_customer() | self._create_customer()
        for buyer in buyers:
            self._buy(buyer, 10)
        self._count(*buyers)
        self.dirty.search([]).unlink()
        with patch.object(care_customer, "AT_ONCE", 1), patch.object(
            type(self.figures), "_refresh", side_effect=AssertionError
        ):
            (self._care(buyers[0]) | self._care(buyers[1])).action_refresh()
        self.assertEqual(set(self.dirty.search([]).mapped("partner_ref")), set(buyers.ids))


@tagged("post_install", "-at_install")
class TestOnboarding(CareCommon):

    def _order(self, buyer):
        return self._create_sale_order_one_line(
            product_id=self.product_a.id, partner_id=buyer.id, user_id=self.env.user.id)

    def test_confirmed_order_begins_a_record(self):  # CC-1
        house = self._create_customer("House", is_company=True)
        contact = self._create_customer("Contact", parent_id=house.id)
        self._order(contact)
        self._create_sale_order_one_line(
            product_id=self.product_a.id, confirm=False,
            partner_id=self._create_customer("Quoted").id)
        self._run("_cron_refresh_customers")
        self.assertFigures(house, status="prospect", purchase_days=0, revenue_net=0)
        self.assertEqual(len(self._rows()), 1)
        self.assertFalse(self._care(house).activity_ids)

    def test_record_begins_on_the_companys_day(self):  # CC-1
        self.company.resource_calendar_id.tz = "Pacific/Kiritimati"
        buyer = self._create_customer()
        with freeze_time("2026-06-30 20:00:00"):
            self._order(buyer)
            self.env.flush_all()
            met = self.customers._query_meet_buyers("2026-06-29 00:00:00")
        self.assertEqual(str(self.customers.browse(met).status_since), "2026-07-01")

    def test_welcome_is_planned_once_where_wanted(self):  # CC-1
        self.company.write({"care_onboarding": True, "care_onboarding_days": 4})
        buyer = self._create_customer()
        order = self._order(buyer)
        seller = order.user_id = new_test_user(
            self.env, "host", groups="sales_team.group_sale_salesman",
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        for _ in range(2):
            self._run("_cron_refresh_customers")
        activity = self._care(buyer).activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, seller)
        self.assertIn(order.name, activity.note)
        self.assertEqual(
            activity.date_deadline, self.company._care_today() + timedelta(days=4))

    def test_whoever_is_there_welcomes_the_customer_of_a_shop(self):  # CC-1
        """An order without a salesperson, or of one who has left, is nobody's else."""
        self.company.care_onboarding = True
        teams = self.env["care.team"].sudo()
        teams.search([("company_id", "=", self.company.id)]).active = False
        first, second = self._create_customer(), self._create_customer("Second")
        self._order(first).user_id = False
        self._run("_cron_refresh_customers")
        self.assertFalse(self._care(first).activity_ids)
        self.assertIn("nobody sells", str(self._care(first).message_ids.mapped("body")))
        leader = new_test_user(
            self.env, "host", groups="customer_care.group_customer_care_user",
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        teams.create({"name": "Hosts", "company_id": self.company.id, "leader_id": leader.id})
        self._order(second).user_id = False
        self._run("_cron_refresh_customers")
        self.assertEqual(self._care(second).activity_ids.user_id, leader)

    def test_old_customer_is_not_welcomed(self):  # CC-1
        self.company.care_onboarding = True
        buyer = self._create_customer()
        self._buy(buyer, 800)
        self.dirty.search([]).unlink()
        self._order(buyer)
        self._run("_cron_refresh_customers")
        self.assertFigures(buyer, purchase_days=1, status="churned")
        self.assertFalse(self._care(buyer).activity_ids)


@tagged("post_install", "-at_install")
class TestPartner(CareCommon):

    def test_contact_shows_his_companys_figures(self):  # CC-1
        house = self._create_customer("House", is_company=True)
        contact = self._create_customer("Contact", parent_id=house.id)
        self._buy(house, 10, amount=70)
        self._count(house)
        for partner in (house, contact):
            self.assertEqual(partner.care_customer_id, self._care(house))
            self.assertEqual(
                (partner.care_status, partner.care_ltv, partner.care_purchases,
                 partner.care_last_purchase),
                (self._care(house).status, 70, 1, days_ago(10)))
        self.assertFalse(self._create_customer("Nobody").care_status)

    def test_partners_are_found_by_figures(self):  # CC-21
        good, gone, nobody = (self._create_customer(name) for name in ("Good", "Gone", "Nobody"))
        self._buy(good, 10, amount=70)
        self._buy(gone, 1000, amount=700)
        self._count(good, gone)
        all_three = good | gone | nobody

        def found(*condition):
            return self.env["res.partner"].search([("id", "in", all_three.ids), condition])

        self.assertEqual(found("care_status", "=", "new"), good)
        self.assertEqual(found("care_status", "in", ["new", "churned"]), good | gone)
        self.assertEqual(found("care_status", "!=", "churned"), good | nobody)
        self.assertEqual(found("care_status", "=", False), nobody)
        self.assertEqual(found("care_status", "!=", False), good | gone)
        self.assertEqual(found("care_ltv", ">=", 100), gone)
        self.assertEqual(found("care_last_purchase", ">=", str(days_ago(20))), good)
        self.assertEqual(found("care_purchases", "=", 1), good | gone)
        self.assertEqual(found("care_customer_id", "!=", False), good | gone)
        self.assertEqual(found("care_customer_id", "=", self._care(gone).id), gone)

    def test_a_list_of_partners_costs_one_query(self):  # P-7
        partners = self.env["res.partner"]
        for number in range(12):
            partner = self._create_customer(f"Buyer {number}")
            self._buy(partner, 10 + number)
            partners |= partner
        self._count(*partners)
        names = ["care_status", "care_ltv", "care_last_purchase", "care_purchases"]
        for some in (partners[:3], partners):
            self.env.invalidate_all()
            some.mapped("commercial_partner_id")
            self.env.company.currency_id.name  # noqa: B018, in cache as in a web request
            with self.assertQueryCount(1):
                some.read(names, load=None)


@tagged("post_install", "-at_install")
class TestWinBack(CareCommon):

    def test_tag_and_one_open_lead(self):  # CC-21
        buyer = self._create_customer()
        self._buy(buyer, 1000)
        self._count(buyer)
        care = self._care(buyer)
        care.action_win_back()
        tag = self.env.ref("customer_care.partner_category_win_back")
        self.assertIn(tag, buyer.category_id)
        if "crm.lead" not in self.env:  # the tag alone is the message
            return
        leads = self.env["crm.lead"].sudo()
        lead = leads.search([("partner_id", "=", buyer.id)])
        self.assertEqual(len(lead), 1)
        self.assertEqual(lead.source_id, self.env.ref("customer_care.utm_source_care"))
        self.assertEqual(lead.medium_id, self.env.ref("customer_care.utm_medium_win_back"))
        self.assertEqual(lead.tag_ids, self.env.ref("customer_care.crm_tag_win_back"))
        self.assertEqual(lead.company_id, self.company)
        care.action_win_back()
        self.assertEqual(leads.search_count([("partner_id", "=", buyer.id)]), 1)
        lead.action_set_lost()
        care.action_win_back()
        self.assertEqual(leads.with_context(active_test=False).search_count(
            [("partner_id", "=", buyer.id)]), 2)
