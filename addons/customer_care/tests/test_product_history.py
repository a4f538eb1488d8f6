from datetime import timedelta

from odoo.addons.customer_care.engine import repurchase
from odoo.addons.customer_care.models.care_figures import Scope
from odoo.tests import new_test_user, tagged

from .common import days_ago
from .common_products import ProductCommon


@tagged("post_install", "-at_install")
class TestProductHistory(ProductCommon):
    """What a customer bought of each product, and when he will need it again."""

    def _as_engine(self, history):
        """What the engine makes of the same purchases, without a typical customer."""
        days = [(m.invoice_date, sum(m.invoice_line_ids.mapped("quantity")))
                for m in self.env["account.move"].search([
                    ("partner_id", "=", history.partner_id.id), ("state", "=", "posted"),
                    ("invoice_line_ids.product_id", "=", history.product_id.id)])]
        return repurchase.bought(days)

    def test_quantity_dates_and_interval(self):  # CC-2
        buyer = self._create_customer()
        self._buy_product(buyer, self.beans, (100, 1), (70, 2), (10, 1))
        self._night()
        history = self._history(buyer, self.beans)
        self.assertEqual(
            (history.purchases, history.quantity, history.last_quantity, history.revenue),
            (3, 4, 1, 40))
        self.assertEqual((history.first_purchase, history.last_purchase),
                         (days_ago(100), days_ago(10)))
        self.assertEqual(history.gap_days, 45)
        # 90 days for three pieces: the last one lasts 30.
        self.assertEqual(history.expected_on, days_ago(10) + timedelta(days=30))

    def test_the_database_says_what_the_engine_says(self):  # CC-14
        buyers = [self._create_customer(f"Buyer {n}") for n in range(4)]
        for buyer, purchases in zip(buyers, (
            [(90, 1), (60, 1), (30, 1)], [(300, 3), (200, 1), (190, 7), (4, 2)],
            [(50, 1), (49, 9), (1, 5)], [(500, 2), (400, 2), (100, 2), (99, 2), (2, 1)],
        ), strict=True):
            self._buy_product(buyer, self.beans, *purchases)
        self._night()
        for buyer in buyers:
            history = self._history(buyer, self.beans)
            window = repurchase.expected(self._as_engine(history), None)
            self.assertEqual(
                (history.expected_on, history.expected_from, history.expected_until),
                (window.on, window.earliest, window.latest))

    def test_the_typical_customer_is_mixed_in(self):  # CC-14
        """Five customers every 20 days; one of 40 days leans on them: (2 x 20 + 2 x 40) / 4."""
        for n in range(5):
            self._buy_product(self._create_customer(f"Typical {n}"), self.beans, 50, 30, 10)
        slow = self._create_customer("Slow")
        self._buy_product(slow, self.beans, 90, 50, 10)
        self._night()
        history = self._history(slow, self.beans)
        self.assertEqual(history.expected_on, days_ago(10) + timedelta(days=30))
        pace = self.env["care.product.pace"].sudo().search([
            ("product_id", "=", self.beans.id), ("company_id", "=", self.company.id)])
        self.assertEqual((pace.customers, pace.unit_days), (6, 20))
        window = repurchase.expected(
            self._as_engine(history),
            repurchase.Pool(pace.gap_days, pace.unit_days, pace.early, pace.late))
        self.assertEqual(
            (history.expected_on, history.expected_from, history.expected_until),
            (window.on, window.earliest, window.latest))

    def test_nothing_is_expected_below_two_gaps(self):  # CC-14
        buyer = self._create_customer()
        self._buy_product(buyer, self.beans, 60, 30)
        self._night()
        history = self._history(buyer, self.beans)
        self.assertFalse(history.expected_on)
        self.assertFalse(history.next_expected)
        self.assertEqual(history.outlook, "Too little history: 2 of 3 purchases")

    def test_what_is_overdue_is_expected_tomorrow(self):  # CC-14
        buyer = self._create_customer()
        self._buy_product(buyer, self.beans, 120, 110, 100)
        self._night()
        today = self.company._care_today()
        history = self._history(buyer, self.beans)
        self.assertEqual(history.expected_on, days_ago(90))
        self.assertEqual(history.next_expected, today + timedelta(days=1))
        self.assertIn(str((today - days_ago(90)).days), history.outlook)

    def test_a_returned_purchase_leaves_no_trace(self):  # CC-2
        buyer = self._create_customer()
        moves = self._buy_product(buyer, self.beans, 60, 30, 20)
        self._buy_product(buyer, self.filters, 5)
        self._credit(moves[2], days_ago(15))
        self._night()
        self.assertEqual(self._history(buyer, self.beans).last_purchase, days_ago(30))
        for move in moves[:2]:
            self._credit(move, days_ago(1))
        self._night()
        self.assertFalse(self._history(buyer, self.beans))
        self.assertEqual(self._history(buyer, self.filters).purchases, 1)

    def test_a_second_night_writes_nothing(self):  # CC-2
        buyers = [self._create_customer(f"Buyer {n}") for n in range(3)]
        for buyer in buyers:
            self._buy_product(buyer, self.beans, (90, 3), (55, 1), (7, 1.5))
        self._night()
        scope = Scope(ids=tuple(buyer.id for buyer in buyers))
        self.assertEqual(self.histories._refresh(self.company, scope), 0)

    def test_new_documents_are_seen_by_day(self):  # CC-2
        buyer = self._create_customer()
        self._buy_product(buyer, self.beans, 3)
        self._run("_cron_refresh_customers")
        self.assertEqual(self._history(buyer, self.beans).purchases, 1)

    def test_companies_do_not_mix(self):  # CC-2
        buyer = self._create_customer()
        self._buy_product(buyer, self.beans, 3)
        other = self.company_data_2["company"] if hasattr(self, "company_data_2") else (
            self.env["res.company"].create({"name": "Second House"}))
        self._night()
        self._night(other)
        self.assertTrue(self._history(buyer, self.beans))
        self.assertFalse(self._history(buyer, self.beans, other))
        user = new_test_user(
            self.env, "second_house_care", groups="customer_care.group_customer_care_user",
            company_id=other.id, company_ids=[(6, 0, other.ids)])
        self.assertFalse(self.env["care.product.history"].with_user(user).search(
            [("partner_id", "=", buyer.id)]))

    def test_the_record_shows_the_products(self):  # CC-1, CC-2
        buyer = self._create_customer()
        self._buy_product(buyer, self.beans, 60, 30, 20)
        self._buy_product(buyer, self.filters, 5)
        self._count(buyer)
        self._night()
        care = self._care(buyer)
        self.assertEqual(care.product_history_ids.product_id, self.beans | self.filters)
        self.assertEqual(care.product_count, 2)
