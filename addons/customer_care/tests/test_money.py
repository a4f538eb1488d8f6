"""What a customer is worth and when he bought."""
from odoo import Command
from odoo.addons.customer_care.models.care_purchases import Scope
from odoo.tests import tagged
from odoo.tools import SQL

from .common import CareCommon, days_ago


@tagged("post_install", "-at_install")
class TestMoney(CareCommon):

    def test_one_invoice(self):  # CC-9
        buyer = self._create_customer()
        self._create_posted(buyer, days_ago(10), 250)
        self._count(buyer)
        self.assertFigures(
            buyer, revenue_net=250, invoiced=250, credited=0, purchase_days=1,
            first_purchase=days_ago(10), last_purchase=days_ago(10), previous_purchase=False)

    def test_part_credited(self):  # CC-9
        buyer = self._create_customer()
        invoice = self._create_posted(buyer, days_ago(10), 250)
        self._credit(invoice, days_ago(5), 50)
        self._count(buyer)
        self.assertFigures(
            buyer, revenue_net=200, invoiced=250, credited=50, purchase_days=1,
            last_purchase=days_ago(10))

    def test_wholly_credited_is_no_purchase(self):  # CC-9
        buyer = self._create_customer()
        self._create_posted(buyer, days_ago(40), 100)
        invoice = self._create_posted(buyer, days_ago(10), 250)
        self._credit(invoice, days_ago(9), 200)
        self._credit(invoice, days_ago(5), 50)
        self._count(buyer)
        self.assertFigures(
            buyer, revenue_net=100, credited=250, purchase_days=1, last_purchase=days_ago(40))

    def test_nothing_stands(self):  # CC-9, CC-12
        buyer = self._create_customer()
        invoice = self._create_posted(buyer, days_ago(10))
        self._credit(invoice, days_ago(9))
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=0, purchase_days=0, last_purchase=False,
                           status="prospect")
        self.assertIn("credited", self._care(buyer).story)

    def test_only_a_credit_note(self):  # CC-9, CC-1
        """A negative worth is explained where the customer is judged."""
        buyer = self._create_customer()
        self._create_posted(buyer, days_ago(10), 50, move_type="out_refund")
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=-50, purchase_days=0, status="prospect")
        self.assertIn("Only credit notes so far, of $\xa050.00", self._care(buyer).story)

    def test_draft_and_cancelled_do_not_count(self):  # CC-9
        buyer = self._create_customer()
        self._create_posted(buyer, days_ago(30))
        invoice = self._create_posted(buyer, days_ago(10), 250)
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=350, purchase_days=2)
        invoice.button_draft()
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=100, purchase_days=1)
        invoice.button_cancel()
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=100, purchase_days=1, last_purchase=days_ago(30))

    def test_last_document_taken_back_keeps_the_record(self):  # CC-1
        buyer = self._create_customer()
        invoice = self._create_posted(buyer, days_ago(10))
        self._count(buyer)
        care = self._care(buyer)
        invoice.button_draft()
        self._count(buyer)
        self.assertEqual(self._care(buyer), care)
        self.assertFigures(buyer, revenue_net=0, invoiced=0, purchase_days=0,
                           first_purchase=False, last_purchase=False, status="prospect")

    def test_two_invoices_of_a_day_are_one_purchase(self):  # CC-9
        buyer = self._create_customer()
        self._create_posted(buyer, days_ago(10), 10)
        self._create_posted(buyer, days_ago(10), 20)
        self._create_posted(buyer, days_ago(40), 30)
        self._count(buyer)
        self.assertFigures(
            buyer, revenue_net=60, purchase_days=2, gap_days=30.0,
            first_purchase=days_ago(40), previous_purchase=days_ago(40),
            last_purchase=days_ago(10))

    def test_free_invoice_is_a_purchase(self):  # CC-9
        buyer = self._create_customer()
        self._create_posted(buyer, days_ago(10), 0)
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=0, purchase_days=1)

    def test_other_currency_at_the_invoice_rate(self):  # CC-9
        gold = self.setup_other_currency(
            "EUR", rates=[("2020-01-01", 2.0), (str(days_ago(8)), 4.0)])
        buyer = self._create_customer()
        invoice = self._create_posted(buyer, days_ago(10), 100, currency_id=gold.id)
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=50)
        # Credited in full at a later rate: half the money, yet nothing was kept by the customer.
        self._credit(invoice, days_ago(5))
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=25, purchase_days=0)

    def test_credited_in_another_currency(self):  # CC-9
        """Compared in money of the company, to what rounding leaves; a part of it is a part."""
        euro = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.0125)])
        whole, part = self._create_customer("Whole"), self._create_customer("Part")
        for buyer, price in ((whole, 1.26), (part, 1.2)):  # 101 / 80 = 1.2625
            note = self._reverse_invoice(
                self._create_posted(buyer, days_ago(400), 101), date=days_ago(5))
            note.currency_id = euro
            note.invoice_line_ids.price_unit = price
            note.action_post()
        self._count(whole, part)
        self.assertFigures(
            whole, revenue_net=0.2, purchase_days=0, last_purchase=False, status="prospect")
        self.assertFigures(part, revenue_net=5, purchase_days=1)

    def test_receipts_count_and_bills_do_not(self):  # CC-9
        buyer = self._create_customer()
        self._create_posted(buyer, days_ago(10), 70, move_type="out_receipt")
        self._create_posted(buyer, days_ago(9), 1000, move_type="in_invoice")
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=70, purchase_days=1)

    def test_contacts_buy_for_their_company(self):  # CC-9
        house = self._create_customer("House", is_company=True)
        contact = self._create_customer("Contact", parent_id=house.id)
        self._create_posted(contact, days_ago(10), 70)
        self._create_posted(house, days_ago(20), 30)
        self._count(house, contact)
        self.assertFigures(house, revenue_net=100, purchase_days=2)
        self.assertFalse(self._care(contact))

    def test_person_joins_a_company(self):  # CC-9
        """His documents go with him, as core moves them: the company is the customer now."""
        house = self._create_customer("House", is_company=True)
        person = self._create_customer("Person")
        self._create_posted(person, days_ago(10), 70)
        self._run("_cron_refresh_customers")
        self.assertFigures(person, revenue_net=70)
        person.parent_id = house
        self._run("_cron_refresh_customers")
        self.assertFigures(person, revenue_net=0, purchase_days=0, status="prospect")
        self.assertFigures(house, revenue_net=70, purchase_days=1)

    def test_contact_changes_his_employer(self):  # CC-9
        """What he bought for the old company stays bought by the old company."""
        old = self._create_customer("Old House", is_company=True)
        new = self._create_customer("New House", is_company=True)
        contact = self._create_customer("Contact", parent_id=old.id)
        self._create_posted(contact, days_ago(20), 70)
        contact.parent_id = new
        self._create_posted(contact, days_ago(10), 30)
        self._run("_cron_refresh_customers")
        self.assertFigures(old, revenue_net=70)
        self.assertFigures(new, revenue_net=30)

    def test_own_company_is_no_customer(self):  # CC-9
        self._create_posted(self.company.partner_id, days_ago(10))
        self._count(self.company.partner_id)
        self.assertFalse(self._care(self.company.partner_id))


@tagged("post_install", "-at_install")
class TestOrders(CareCommon):
    """Documents of one order."""

    def _order(self, buyer, amount=1000.0, quantity=1.0):
        self.product_a.invoice_policy = "order"
        return self._create_sale_order_one_line(
            product_id=self.product_a.id, price_unit=amount, product_uom_qty=quantity,
            tax_ids=[], partner_id=buyer.id)

    def _post_on(self, invoice, day):
        invoice.invoice_date = day
        invoice.action_post()
        return invoice

    def test_down_payment_and_final_invoice_are_one_purchase(self):  # CC-9
        buyer = self._create_customer()
        order = self._order(buyer)
        self._post_on(self._create_down_payment_invoice(order, "fixed", 300), days_ago(60))
        self._post_on(self._create_final_invoice(order), days_ago(10))
        self._count(buyer)
        self.assertFigures(
            buyer, revenue_net=1000, purchase_days=1,
            first_purchase=days_ago(60), last_purchase=days_ago(60))

    def test_deposit_order_wholly_credited(self):  # CC-9
        buyer = self._create_customer()
        order = self._order(buyer)
        deposit = self._post_on(
            self._create_down_payment_invoice(order, "fixed", 300), days_ago(60))
        final = self._post_on(self._create_final_invoice(order), days_ago(10))
        self._credit(final, days_ago(5))
        self._credit(deposit, days_ago(5))
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=0, purchase_days=0, status="prospect")

    def _deposit_and_final(self, buyer):
        """Ten pieces at 100: 300 paid down, 700 at the end."""
        order = self._order(buyer, 100, 10)
        deposit = self._post_on(
            self._create_down_payment_invoice(order, "fixed", 300), days_ago(60))
        return deposit, self._post_on(self._create_final_invoice(order), days_ago(10))

    def _product_days(self, buyer):
        self.env.flush_all()
        return self.env.execute_query(SQL(
            "SELECT day, quantity::float, amount::float FROM (%s) p",
            self.env["care.purchases"]._query_product_days(
                self.company, Scope(ids=(buyer.id,)))))

    def test_most_goods_of_a_deposit_order_come_back(self):  # CC-9, CC-2
        """800 came back, more than the 700 of the final invoice, yet two pieces were kept."""
        buyer = self._create_customer()
        _deposit, final = self._deposit_and_final(buyer)
        note = self._reverse_invoice(final, date=days_ago(5))
        note.invoice_line_ids.filtered("is_downpayment").unlink()
        note.invoice_line_ids.quantity = 8
        note.action_post()
        self.assertEqual(note.amount_untaxed, 800)
        self._count(buyer)
        self.assertFigures(
            buyer, revenue_net=200, purchase_days=1, first_purchase=days_ago(60))
        self.assertEqual(self._product_days(buyer), [(days_ago(60), 2.0, 200.0)])

    def test_a_later_part_of_a_deposit_order_is_taken_back(self):  # CC-9
        """Nothing was paid down on it: wholly credited, it is no purchase of its day."""
        self.product_a.invoice_policy = "delivery"
        buyer = self._create_customer()
        order = self._create_sale_order_one_line(
            product_id=self.product_a.id, price_unit=100, product_uom_qty=2, tax_ids=[],
            partner_id=buyer.id)
        self._post_on(self._create_down_payment_invoice(order, "fixed", 50), days_ago(90))
        for delivered, ago in ((1, 60), (2, 30)):
            order.order_line.filtered("product_id").qty_delivered = delivered
            part = self._post_on(self._create_final_invoice(order), days_ago(ago))
        self.assertEqual(part.amount_untaxed, 100)
        self._credit(part, days_ago(20))
        self._count(buyer)
        self.assertFigures(
            buyer, revenue_net=100, purchase_days=1, last_purchase=days_ago(90))

    def test_deposit_order_credited_by_sums_alone(self):  # CC-9
        """Credit notes that name no goods of the order take back their invoices."""
        buyer = self._create_customer()
        for invoice in self._deposit_and_final(buyer):
            note = self._reverse_invoice(invoice, date=days_ago(5))
            note.invoice_line_ids = [Command.clear(), Command.create({
                "name": "Agreed", "quantity": 1, "price_unit": invoice.amount_untaxed,
                "tax_ids": []})]
            note.action_post()
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=0, purchase_days=0)
        self.assertEqual(self._product_days(buyer), [])

    def test_refund_made_from_the_order(self):  # CC-9
        buyer = self._create_customer()
        order = self._order(buyer, amount=100, quantity=2)
        self._post_on(order._create_invoices(), days_ago(30))
        order.order_line.product_uom_qty = 1
        refund = self._post_on(order._create_invoices(final=True), days_ago(20))
        self.assertEqual((refund.move_type, refund.reversed_entry_id.id), ("out_refund", False))
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=100, purchase_days=1, last_purchase=days_ago(30))
        order.order_line.product_uom_qty = 0
        self._post_on(order._create_invoices(final=True), days_ago(15))
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=0, purchase_days=0)

    def test_invoice_of_two_orders_stands_while_one_does(self):  # CC-9
        buyer = self._create_customer()
        kept, returned = self._order(buyer, 100), self._order(buyer, 50)
        self._post_on((kept | returned)._create_invoices(), days_ago(30))
        returned.order_line.product_uom_qty = 0
        self._post_on(returned._create_invoices(final=True), days_ago(20))
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=100, purchase_days=1)

    def test_parts_of_an_order_on_two_days_are_two_purchases(self):  # CC-9
        self.product_a.invoice_policy = "delivery"
        buyer = self._create_customer()
        order = self._create_sale_order_one_line(
            product_id=self.product_a.id, price_unit=10, product_uom_qty=2, tax_ids=[],
            partner_id=buyer.id)
        for delivered, ago in ((1, 60), (2, 30)):
            order.order_line.qty_delivered = delivered
            self._post_on(order._create_invoices(), days_ago(ago))
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=20, purchase_days=2, gap_days=30.0)
