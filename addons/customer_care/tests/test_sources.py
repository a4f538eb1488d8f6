"""Orders instead of invoices, and what a change of the definition does."""
from datetime import datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import NOW, days_ago
from .test_purchases import PurchasesCommon


class OrdersCommon(PurchasesCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product_a.invoice_policy = "order"

    def _read_orders(self, company=None):
        """Orders are the source, without a new count."""
        self._set_definition(company or self.company, care_revenue_source="orders")

    def _set_definition(self, company, **values):
        company.write(values)
        self.env["care.build"].sudo().search([("state", "=", "running")]).state = "done"

    def _order(self, buyer, ago, amount=100.0, quantity=1.0, confirm=True, **values):
        order = self.env["sale.order"].create({
            "partner_id": buyer.id, "company_id": self.company.id,
            "order_line": [(0, 0, {
                "product_id": self.product_a.id, "price_unit": amount,
                "product_uom_qty": quantity, "tax_ids": []})],
            **values})
        if confirm:
            order.action_confirm()
        order.date_order = datetime.combine(days_ago(ago), datetime.min.time()) + timedelta(
            hours=10)
        return order

    def _invoice_on(self, order, ago, **values):
        invoice = order._create_invoices(**values)
        invoice.invoice_date = days_ago(ago)
        invoice.action_post()
        return invoice

    def _marked(self):
        self.env.flush_all()
        return set(self.dirty.search([]).mapped("partner_ref"))


@tagged("post_install", "-at_install")
class TestOrdersAsPurchases(OrdersCommon):

    def test_only_confirmed_orders_count(self):  # CC-9
        self._read_orders()
        buyer = self._create_customer()
        self._order(buyer, 90, 300)
        self._order(buyer, 60, 50)._action_cancel()
        self._order(buyer, 30, 70, confirm=False)
        self._create_posted(buyer, days_ago(20), 999)  # an invoice without an order
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=300, invoiced=300, credited=0, purchase_days=1,
                           first_purchase=days_ago(90), last_purchase=days_ago(90))

    def test_an_order_is_dated_in_the_company_s_time_zone(self):  # CC-9
        self._read_orders()
        self.company.resource_calendar_id.tz = "Asia/Ho_Chi_Minh"
        buyer = self._create_customer()
        order = self._order(buyer, 90)
        order.date_order = datetime.combine(days_ago(90), datetime.min.time()).replace(hour=20)
        self.assertEqual(self._days(buyer), [(days_ago(89), 100.0)])

    def test_the_invoice_adds_nothing_and_its_credit_note_takes_away(self):  # CC-9
        self._read_orders()
        buyer = self._create_customer()
        order = self._order(buyer, 90, 100, quantity=10)
        invoice = self._invoice_on(order, 80)
        self.assertEqual(self._turnover(buyer), [(days_ago(90), 1000.0)])
        note = self._reverse_invoice(invoice, date=days_ago(50))
        note.invoice_line_ids.quantity = 4
        note.action_post()
        self.assertEqual(self._days(buyer), [(days_ago(90), 600.0)])
        self.assertEqual(
            self._turnover(buyer), [(days_ago(90), 1000.0), (days_ago(50), -400.0)])
        self.assertEqual(self._products(buyer), [(self.product_a.id, days_ago(90), 6.0, 600.0)])
        self.assertEqual(self._days(buyer, until=days_ago(50)), [(days_ago(90), 1000.0)])
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=600, invoiced=1000, credited=400, purchase_days=1)

    def test_wholly_credited_is_no_purchase(self):  # CC-9
        self._read_orders()
        buyer = self._create_customer()
        self._credit(self._invoice_on(self._order(buyer, 90, 100), 80), days_ago(50))
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=0, invoiced=100, credited=100, purchase_days=0,
                           last_purchase=False)
        self.assertEqual(self._products(buyer), [])

    def test_credited_and_invoiced_again_is_bought_once(self):  # CC-9
        """A wrong address: the invoice is credited and written anew."""
        self._read_orders()
        buyer = self._create_customer()
        order = self._order(buyer, 90, 100)
        self._credit(self._invoice_on(order, 80), days_ago(70))
        self._invoice_on(order, 69)
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=100, purchase_days=1, last_purchase=days_ago(90))

    def test_compensation_that_is_a_cost_leaves_the_order_whole(self):  # CC-9, CC-11
        self._set_definition(self.company, care_revenue_source="orders", care_refund_in="cost")
        buyer = self._create_customer()
        note = self._credit(self._invoice_on(self._order(buyer, 90, 100), 80), days_ago(50), 30)
        note.care_compensation = True
        self.assertEqual(self._days(buyer), [(days_ago(90), 100.0)])
        self._set_definition(self.company, care_refund_in="ltv")
        self.assertEqual(self._days(buyer), [(days_ago(90), 70.0)])

    def test_an_order_reduced_after_its_invoice(self):  # CC-9
        self._read_orders()
        buyer = self._create_customer()
        order = self._order(buyer, 90, 100, quantity=2)
        self._invoice_on(order, 80)
        order.order_line.product_uom_qty = 1
        self._invoice_on(order, 70, final=True)
        self.assertEqual(self._days(buyer), [(days_ago(90), 100.0)])
        self.assertEqual(self._products(buyer), [(self.product_a.id, days_ago(90), 1.0, 100.0)])

    def test_a_down_payment_changes_nothing(self):  # CC-9
        self._read_orders()
        buyer = self._create_customer()
        order = self._order(buyer, 90, 1000)
        deposit = self._create_down_payment_invoice(order, "fixed", 300)
        deposit.action_post()
        self._create_final_invoice(order).action_post()
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=1000, purchase_days=1, last_purchase=days_ago(90))

    def test_another_currency_at_the_rate_of_the_order(self):  # CC-9
        gold = self.setup_other_currency(
            "EUR", rates=[("2020-01-01", 2.0), (str(days_ago(50)), 4.0)])
        self._read_orders()
        pricelist = self.env["product.pricelist"].create({
            "name": "Gold", "currency_id": gold.id, "company_id": self.company.id})
        buyer = self._create_customer()
        for ago in (90, 10):
            self._order(buyer, ago, 100, pricelist_id=pricelist.id)
        self.assertEqual(self._turnover(buyer), [(days_ago(90), 50.0), (days_ago(10), 25.0)])

    def test_orders_follow_their_contact(self):  # CC-9
        self._read_orders()
        old = self._create_customer("Old House", is_company=True)
        new = self._create_customer("New House", is_company=True)
        contact = self._create_customer("Contact", parent_id=old.id)
        self._order(contact, 90, 70)
        self._run("_cron_refresh_customers")
        self.assertFigures(old, revenue_net=70, purchase_days=1)
        contact.parent_id = new
        self._run("_cron_refresh_customers")
        self.assertFigures(old, revenue_net=0, purchase_days=0)
        self.assertFigures(new, revenue_net=70, purchase_days=1, last_purchase=days_ago(90))

    def test_whatever_changes_an_order_marks_its_customer(self):  # CC-9
        self._read_orders()
        buyer = self._create_customer()
        order = self._order(buyer, 30, confirm=False)
        self.assertNotIn(buyer.id, self._marked())
        line = order.order_line
        for change in (
            order.action_confirm,
            lambda: setattr(line, "product_uom_qty", 3),
            lambda: setattr(line, "price_unit", 7),
            lambda: line.copy({"order_id": order.id}),
            lambda: setattr(order, "date_order", NOW),
            lambda: order._action_cancel(),
        ):
            self.dirty.search([]).unlink()
            change()
            self.assertIn(buyer.id, self._marked())

    def test_orders_mark_nobody_where_invoices_count(self):  # P-8
        buyer = self._create_customer()
        self._order(buyer, 30)
        self.assertNotIn(buyer.id, self._marked())

    def test_a_company_flips_to_a_person_and_back(self):  # CC-9
        """A child that becomes a company of its own takes its orders along."""
        self._read_orders()
        house = self._create_customer("House", is_company=True)
        branch = self._create_customer("Branch", parent_id=house.id)
        self._order(branch, 30, 70)
        self._run("_cron_refresh_customers")
        self.assertFigures(house, revenue_net=70)
        branch.is_company = True
        self._run("_cron_refresh_customers")
        self.assertFigures(house, revenue_net=0)
        self.assertFigures(branch, revenue_net=70)

    def test_a_house_founded_over_a_person(self):  # CC-9
        self._read_orders()
        person = self._create_customer("Person")
        self._order(person, 30, 70)
        self._run("_cron_refresh_customers")
        house = self._create_customer("House", is_company=True, child_ids=[(4, person.id)])
        self._run("_cron_refresh_customers")
        self.assertFigures(person, revenue_net=0, purchase_days=0)
        self.assertFigures(house, revenue_net=70, purchase_days=1)

    def test_merged_customers_bought_together(self):  # CC-9
        self._read_orders()
        kept, gone = self._create_customer("Kept"), self._create_customer("Gone")
        self._order(kept, 90, 30)
        self._order(gone, 60, 40)
        self._run("_cron_refresh_customers")
        self.env["base.partner.merge.automatic.wizard"]._merge((kept | gone).ids, kept)
        self._run("_cron_refresh_customers")
        self.assertFigures(kept, revenue_net=70, purchase_days=2, last_purchase=days_ago(60))


@tagged("post_install", "-at_install")
class TestDefinition(OrdersCommon):

    def test_a_change_begins_a_version_and_a_count(self):  # CC-9
        buyer = self._create_customer()
        self._order(buyer, 90, 300)
        self._create_posted(buyer, days_ago(20), 40)
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=40)
        version = self.company._care_definition_version()
        self.company.care_revenue_source = "orders"
        self.assertEqual(self.company._care_definition_version(), version + 1)
        note = self.env["care.definition"].sudo().search([
            ("company_id", "=", self.company.id)], limit=1)
        self.assertEqual((note.version, note.user_id), (version + 1, self.env.user))
        self.assertIn("Posted invoices → Confirmed orders", note.note)
        build = self.env["care.build"].sudo().search([("state", "=", "running")])
        self.assertEqual(build.redefined_company_ids, self.company)
        self._run("_cron_build_customers", model="care.build")
        self.assertFigures(buyer, revenue_net=300)

    def test_a_customer_whom_the_definition_moves_has_no_history_of_it(self):  # CC-10, CC-12
        """He did not come back nor leave: what counts as a purchase changed."""
        buyer = self._create_customer()
        self._create_posted(buyer, days_ago(1500), 40)
        self._count(buyer)
        self.assertEqual(self._care(buyer).status, "churned")
        recent = self._order(buyer, 10, 300)
        self.company.care_revenue_source = "orders"
        self._count(buyer)
        self.assertNotEqual(self._care(buyer).status, "churned")
        self.assertFalse(self.changes.search([("partner_id", "=", buyer.id)]))
        self.env["care.build"].sudo().search([("state", "=", "running")]).state = "done"
        self._order(buyer, 2000, 300)
        recent._action_cancel()
        self._count(buyer)
        self.assertTrue(self.changes.search([("partner_id", "=", buyer.id)]))

    def test_a_running_count_begins_again(self):  # P-7
        build = self.env["care.build"].sudo()._start()
        build.write({"position": 100, "done": 50})
        self.company.care_revenue_source = "orders"
        self.assertEqual((build.position, build.done, build.state), (0, 0, "running"))

    def test_a_story_of_orders_speaks_of_orders(self):  # CC-1
        self._read_orders()
        buyer = self._create_customer()
        order = self._order(buyer, 90)
        self._count(buyer)
        order._action_cancel()
        self._count(buyer)
        self.assertIn("order", self._care(buyer).story)
        self.assertNotIn("invoice", self._care(buyer).story)

    def test_versions_are_read_and_not_written(self):  # ALL-4
        self.company.care_revenue_source = "orders"
        manager = new_test_user(
            self.env(su=True), "test_definitions", company_id=self.company.id,
            groups="base.group_user,customer_care.group_customer_care_manager")
        versions = self.env["care.definition"].with_user(manager).search([])
        self.assertEqual(versions.company_id, self.company)
        for forbidden in (lambda: versions.write({"note": "x"}), versions.unlink,
                          lambda: versions.create({"company_id": self.company.id, "version": 9})):
            with self.assertRaises(AccessError):
                forbidden()

    def test_settings_saved_together_are_one_version(self):  # CC-9
        version = self.company.care_definition
        self.env["res.config.settings"].sudo().with_company(self.company).create({
            "care_revenue_source": "orders", "care_value_basis": "margin"}).execute()
        self.assertEqual(self.company.care_definition, version + 1)
        note = self.env["care.definition"].sudo().search(
            [("company_id", "=", self.company.id)]).note
        self.assertIn("Confirmed orders", note)
        self.assertIn("Revenue and margin", note)

    def test_the_same_setting_is_no_change(self):  # CC-9
        version = self.company.care_definition
        self.company.write({"care_revenue_source": "invoices", "care_value_basis": "revenue"})
        self.assertEqual(self.company.care_definition, version)

    def test_a_partner_who_becomes_a_company_of_ours(self):  # CC-9
        buyer = self._create_customer("Sister", is_company=True)
        self._create_posted(buyer, days_ago(10), 70)
        self._run("_cron_refresh_customers")
        self.assertFigures(buyer, revenue_net=70)
        self.env["res.company"].create({"name": "Sister", "partner_id": buyer.id})
        self._run("_cron_refresh_customers")
        self.assertFigures(buyer, revenue_net=0, purchase_days=0)
