"""What stands in the stream of purchases: days, money by date, products."""
from odoo.addons.customer_care.models.care_purchases import Scope
from odoo.tests import tagged
from odoo.tools import SQL

from .common import CareCommon, days_ago


class PurchasesCommon(CareCommon):

    def _read(self, query, partner, *args, company=None, **period):
        self.env.flush_all()
        rows = self.env.execute_query(SQL("SELECT * FROM (%s) p ORDER BY day", getattr(
            self.env["care.purchases"], query)(
                company or self.company, Scope(ids=(partner.id,)), *args, **period)))
        return [tuple(float(x) if x.__class__.__name__ == "Decimal" else x for x in row[1:])
                for row in rows]

    def _days(self, partner, **period):
        return self._read("_query_purchase_days", partner, **period)

    def _turnover(self, partner, **period):
        return self._read("_query_turnover", partner, **period)

    def _products(self, partner, **period):
        return self._read("_query_product_days", partner, **period)


@tagged("post_install", "-at_install")
class TestPurchases(PurchasesCommon):

    def test_a_refund_is_netted_into_what_it_takes_back(self):  # CC-9
        buyer = self._create_customer()
        invoice = self._create_posted(buyer, days_ago(100), 250)
        self._create_posted(buyer, days_ago(40), 30)
        self._credit(invoice, days_ago(20), 50)
        self.assertEqual(self._days(buyer), [(days_ago(100), 200.0), (days_ago(40), 30.0)])
        self.assertEqual(self._turnover(buyer), [
            (days_ago(100), 250.0), (days_ago(40), 30.0), (days_ago(20), -50.0)])

    def test_what_was_known_then(self):  # CC-9
        """Before the credit note the purchase was whole, before the invoice there was none."""
        buyer = self._create_customer()
        invoice = self._create_posted(buyer, days_ago(100), 250)
        self._credit(invoice, days_ago(20))
        self.assertEqual(self._days(buyer), [])
        self.assertEqual(self._days(buyer, until=days_ago(20)), [(days_ago(100), 250.0)])
        self.assertEqual(self._days(buyer, until=days_ago(100)), [])
        self.assertEqual(self._turnover(buyer, since=days_ago(99)), [(days_ago(20), -250.0)])

    def test_a_credit_note_larger_than_its_invoice(self):  # CC-9
        buyer = self._create_customer()
        invoice = self._create_posted(buyer, days_ago(100), 250)
        self._create_posted(buyer, days_ago(40), 30)
        self._credit(invoice, days_ago(20), 300)
        self.assertEqual(self._days(buyer), [(days_ago(40), 30.0)])
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=-20, credited=300, purchase_days=1,
                           last_purchase=days_ago(40))

    def test_a_credit_note_of_nothing_in_particular(self):  # CC-9
        """It is money, and no purchase's."""
        buyer = self._create_customer()
        self._create_posted(buyer, days_ago(40), 300)
        self._create_posted(buyer, days_ago(20), 25, move_type="out_refund")
        self.assertEqual(self._days(buyer), [(days_ago(40), 300.0)])
        self._count(buyer)
        self.assertFigures(buyer, revenue_net=275, purchase_days=1)

    def _invoice_goods(self, buyer, on, quantity, price, product=None, **values):
        line = {"product_id": (product or self.product_a).id, "quantity": quantity,
                "price_unit": price, "tax_ids": [], **values}
        return self._create_invoice(
            partner_id=buyer.id, invoice_date=on, post=True,
            invoice_line_ids=[self._prepare_invoice_line(**line)])

    def test_products_in_their_own_unit(self):  # CC-2, CC-14
        buyer = self._create_customer()
        dozen = self.env.ref("uom.product_uom_dozen")
        self._invoice_goods(buyer, days_ago(60), 2, 120, product_uom_id=dozen.id)
        self._invoice_goods(buyer, days_ago(60), 1, 10)
        self.assertEqual(
            self._products(buyer), [(self.product_a.id, days_ago(60), 25.0, 250.0)])

    def test_goods_that_came_back_and_a_price_that_was_lowered(self):  # CC-2, CC-14
        buyer = self._create_customer()
        goods = self._invoice_goods(buyer, days_ago(60), 10, 10)
        note = self._reverse_invoice(goods, date=days_ago(50))
        note.invoice_line_ids.quantity = 4
        note.action_post()
        self.assertEqual(self._products(buyer), [(self.product_a.id, days_ago(60), 6.0, 60.0)])
        cheap = self._invoice_goods(buyer, days_ago(30), 10, 10, product=self.product_b)
        self._credit(cheap, days_ago(20), 4)
        self.assertEqual(self._products(buyer, since=days_ago(59)), [
            (self.product_b.id, days_ago(30), 10.0, 60.0)])

    def test_products_wholly_returned_are_gone(self):  # CC-2
        buyer = self._create_customer()
        self._credit(self._invoice_goods(buyer, days_ago(60), 10, 10), days_ago(50))
        self.assertEqual(self._products(buyer), [])
        self.assertEqual(
            self._products(buyer, until=days_ago(50)),
            [(self.product_a.id, days_ago(60), 10.0, 100.0)])
