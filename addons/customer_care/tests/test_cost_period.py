"""What keeping customers costs: printed once, corrected apart."""
from datetime import date, datetime
from unittest.mock import patch

from odoo.tests import tagged

from .common import CareCommon
from .common_churn import ChurnCommon
from .common_cost import NIGHT, CostCommon


@tagged("post_install", "-at_install")
class TestCostPeriod(CostCommon):

    def test_per_retained_customer_and_of_their_revenue(self):  # CC-11
        old, new = self._create_customer("Old"), self._create_customer("New")
        self._create_posted(old, "2025-11-03", 70)
        self._create_posted(old, "2026-03-03", 900)
        self._create_posted(new, "2026-03-20", 5000)  # his first: nobody kept him
        self._count(old, new)
        self._create_cost("2026-03-01", "2026-03-31", 300)
        self.retention["month", date(2026, 3, 1)] = (8, 6)
        self._night()
        march = self._period("month", "2026-03-01")
        self.assertEqual(
            (march.cost, march.at_start, march.retained, march.per_retained, march.revenue),
            (300, 8, 6, 50, 900))
        self.assertIn("50.00", march.per_retained_text)
        self.assertEqual(march.ratio_text, "33.3 %")
        self.assertEqual(march.date_to, date(2026, 3, 31))

    def _opened(self, period):
        action = period.action_open_documents()
        return self.env[action["res_model"]].sudo().search(action["domain"])

    def test_revenue_opens_the_documents_it_is_added_up_from(self):  # CC-11
        """Without new customers, and without compensation that is counted as a cost."""
        old, new = self._create_customer("Old"), self._create_customer("New")
        first = self._create_posted(old, "2025-11-03", 70)
        bought = self._create_posted(old, "2026-03-31", 900)
        self._create_posted(new, "2026-03-20", 5000)
        note = self._credit(first, "2026-03-05", 20)
        self._create_cost("2026-03-01", "2026-03-31", 300)
        self._count(old, new)
        self._night()
        march = self._period("month", "2026-03-01")
        self.assertEqual(self._opened(march), bought | note)
        self.assertEqual(sum(self._opened(march).mapped("amount_untaxed_signed")), march.revenue)
        note.care_compensation = True
        self.company.care_refund_in = "cost"
        self.assertEqual(self._opened(march), bought)

    def test_where_orders_count_orders_are_opened(self):  # CC-11
        old, new = self._create_customer("Old"), self._create_customer("New")
        orders = [
            self._create_sale_order_one_line(
                product_id=self.product_a.id, price_unit=100, tax_ids=[], partner_id=buyer.id)
            for buyer in (old, old, new)]
        for order, moment in zip(
                orders, ("2025-11-03 09:00", "2026-03-31 21:30", "2026-03-20 09:00"), strict=True):
            order.date_order = datetime.fromisoformat(moment)
        self.company.resource_calendar_id.tz = "Europe/London"  # summer time since 29 March
        self.company.care_revenue_source = "orders"
        self._create_cost("2026-03-01", "2026-03-31", 300)
        self._count(old, new)
        self._night()
        march = self._period("month", "2026-03-01")
        self.assertEqual((self._opened(march), march.revenue), (orders[1], 100))
        orders[1].date_order = datetime.fromisoformat("2026-03-31 23:30")  # April in London
        self.assertFalse(self._opened(march))

    def test_without_anybody_it_is_not_zero(self):  # CC-11
        self._create_cost("2026-03-05", amount=300)
        self._night()
        march = self._period("month", "2026-03-01")
        self.assertEqual((march.per_retained_text, march.ratio_text), ("n/a", "n/a"))
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT per_retained FROM care_cost_period WHERE id = %s", (march.id,))
        self.assertIsNone(self.env.cr.fetchone()[0])

    def test_quarter_and_year_ask_anew(self):  # CC-11
        self._create_cost("2025-12-01", "2026-03-31", 1210)  # 10 a day
        self.retention.update({
            ("quarter", date(2026, 1, 1)): (20, 9), ("year", date(2025, 1, 1)): (4, 2)})
        self._night()
        quarter, year = self._period("quarter", "2026-01-01"), self._period("year", "2025-01-01")
        self.assertEqual((quarter.cost, quarter.retained, quarter.per_retained), (900, 9, 100))
        self.assertEqual((year.cost, year.per_retained), (310, 155))
        self.assertEqual((quarter.display_name, year.display_name), ("Q1 2026", "2025"))
        self.assertFalse(self._period("year", "2026-01-01"), "not over yet")

    def test_a_month_waits_for_late_bills(self):  # CC-11
        self._create_cost("2026-04-10")
        self._night(datetime(2026, 5, 10, 1))
        self.assertFalse(self._period("month", "2026-04-01"))
        self._night(datetime(2026, 5, 11, 1))
        self.assertTrue(self._period("month", "2026-04-01"))
        self.assertFalse(self._period("month", "2026-03-01"), "before the first cost")

    def test_the_printed_figure_stands_and_the_correction_is_apart(self):  # CC-11
        self._create_cost("2026-03-05", amount=300)
        self.retention["month", date(2026, 3, 1)] = (8, 6)
        self._night()
        march = self._period("month", "2026-03-01")
        self.assertFalse(march.corrected)
        self._create_cost("2026-03-31", amount=50, name="Late bill")
        self.env["care.churn.correction"].sudo().create({
            "period_id": march.churn_id.id, "company_id": self.company.id,
            "partner_id": self._create_customer().id, "date_from": march.date_from,
            "printed": "retained", "known": "lost", "why": "undone", "found_on": NIGHT.date(),
            "retained": -1, "lost": 1})
        for _night in range(2):
            self._night()
        self.assertEqual((march.cost, march.retained, march.per_retained), (300, 6, 50))
        self.assertEqual((march.known_cost, march.known_retained), (350, 5))
        self.assertTrue(march.corrected)
        self.assertIn("70.00", march.correction)
        self.assertEqual(
            [(part.printed, part.known) for part in march.part_ids], [(300, 350)])

    def test_a_figure_opens_its_costs(self):  # CC-11
        self._create_cost("2026-03-05", amount=300)
        self._create_cost("2026-04-05", amount=7)
        self._night()
        march = self._period("month", "2026-03-01")
        for action in (march.action_open_lines(), march.part_ids.action_open_lines()):
            lines = self.env["care.cost.report"].sudo().with_context(
                allowed_company_ids=self.company.ids).search(action["domain"])
            self.assertEqual(sum(lines.mapped("amount")), march.cost)
            self.assertEqual(lines.action_open_source()["res_model"], "care.retention.cost")

    def test_it_waits_until_somebody_counted_who_stayed(self):  # CC-11
        self._create_cost("2026-03-05")
        with patch.object(type(self.churns), "_deciding", return_value=self.churns):
            self._night()
        self.assertFalse(self._period("month", "2026-03-01"))
        self._night()
        self.assertTrue(self._period("month", "2026-03-01"))


@tagged("post_install", "-at_install")
class TestCostOfThoseWhoStayed(CareCommon):

    def test_who_stayed_is_read_from_the_printed_churn(self):  # CC-11, CC-10
        company = self.company
        company.write({"care_cost_close_days": 3, "care_close_days": 3, "care_lapse_mode": "fixed",
                       "care_lapse_days": 100})
        stays, goes = self._create_customer("Stays"), self._create_customer("Goes")
        self._create_posted(stays, "2026-01-20", 100)
        self._create_posted(stays, "2026-03-20", 100)
        self._create_posted(goes, "2025-12-05", 100)  # lost in March
        self._count(stays, goes)
        self.env["care.retention.cost"].sudo().create({
            "name": "Call", "company_id": company.id, "date_from": "2026-03-02",
            "date_to": "2026-03-02", "amount": 40,
            "category_id": self.env.ref("customer_care.care_retention_category_other").id})
        self.env["care.night"].sudo()._run_steps(
            company, datetime(2026, 4, 5, 1), "months", "periods", "cost")
        march = self.env["care.cost.period"].sudo().search([
            ("company_id", "=", company.id), ("grain", "=", "month"),
            ("date_from", "=", "2026-03-01")])
        self.assertEqual((march.at_start, march.retained, march.per_retained), (2, 1, 40))
        action = march.action_open_retained()
        kept = self.env["care.customer.month"].sudo().search(action["domain"])
        self.assertEqual(kept.partner_id, stays)


@tagged("post_install", "-at_install")
class TestCostUnderAgreement(ChurnCommon):
    """Ten buyers, ten customers under agreement, a cost of 10 a day."""

    def setUp(self):
        super().setUp()
        self.company.write({"care_grace_days": 30, "care_cost_close_days": 10})
        self.env["care.retention.cost"].sudo().create({
            "name": "Desk", "company_id": self.company.id, "date_from": "2025-01-01",
            "date_to": "2025-12-31", "amount": 3650,
            "category_id": self.env.ref("customer_care.care_retention_category_other").id})
        for number in range(10):
            self._buys(f"Buyer {number}", *(date(2025, month, 1) for month in range(1, 7)),
                       date(2024, 12, 1))
        self.service = self.env["care.agreement.type"].sudo().create({
            "name": "Test contract", "months": 12, "renewal": "auto"})

    def _sign(self, start):
        for number in range(10):
            self.env["care.agreement"].sudo().create({
                "partner_id": self._create_customer(f"Under agreement {number}").id,
                "company_id": self.company.id, "type_id": self.service.id, "date_start": start,
                "monthly_amount": 10, "user_id": self.env.user.id})._set_running()

    def _cost(self, first, grain="month"):
        return self.env["care.cost.period"].sudo().search([
            ("company_id", "=", self.company.id), ("grain", "=", grain),
            ("date_from", "=", first)])

    def _nights(self, *days):
        for day in days:
            self._night(day)
            self.nights._run_steps(
                self.company, datetime.combine(day, datetime.min.time()), "cost")

    def test_printed_by_all_who_stayed_and_never_by_the_buyers_alone(self):  # CC-11, CC-10
        self._sign(date(2024, 6, 1))
        april, quarter = date(2025, 4, 1), date(2025, 1, 1)
        self._nights(date(2025, 4, 11), date(2025, 5, 11))
        self.assertFalse(self._cost(april), "the grace of April still runs")
        self._nights(date(2025, 6, 2), date(2025, 7, 5))
        month = self._cost(april)
        self.assertEqual((month.cost, month.at_start, month.retained), (300, 20, 20))
        self.assertEqual(month.per_retained, 15)
        self.assertFalse(month.corrected, month.correction)
        months = self._cost(quarter, "quarter")
        self.assertEqual((months.cost, months.retained, months.corrected), (900, 20, False))
        kept = self.months.search(month.action_open_retained()["domain"]).partner_id
        self.assertEqual(len(kept), 20)

    def test_before_the_first_agreement_buyers_decide(self):  # CC-11, CC-10
        """The quarter in which agreements begin is never printed by them: it does not wait."""
        self._sign(date(2025, 5, 10))
        self._nights(date(2025, 5, 11), date(2025, 6, 11), date(2025, 7, 5), date(2025, 7, 11))
        self.assertEqual(self._cost(date(2025, 4, 1)).retained, 10)
        self.assertEqual(self._cost(date(2025, 5, 1)).churn_id.kind, "both")
        self.assertEqual(self._cost(date(2025, 4, 1), "quarter").retained, 10)
        self.assertFalse(self._cost(date(2025, 6, 1)), "the grace of June still runs")

    def test_an_agreement_entered_late_changes_nothing_printed(self):  # CC-11
        self._nights(date(2025, 4, 4), date(2025, 4, 11))
        self._sign(date(2024, 6, 1))
        self._nights(date(2025, 5, 5), date(2025, 6, 5))
        march = self._cost(date(2025, 3, 1))
        self.assertEqual((march.retained, march.known_retained, march.corrected), (10, 10, False))
