"""One buyer, a company in euro, a company in dong, invoices in dollars: every figure by hand.

    date        company        document                          own currency
    2025-03-10  Rhine (EUR)    invoice 1,000 USD at 1.25         +  800.00
    2025-09-01  Rhine          down payment of an order of 1,000 +  300.00
    2025-10-01  Rhine          its final invoice                 +  700.00
    2025-11-11  Rhine          an order that is cancelled             none
    2026-01-15  Rhine          invoice 200 EUR                   +  200.00
    2026-01-20  Rhine          its credit note, too large        -  250.00
    2026-02-10  Rhine          40 % of the first, USD at 1.10    -  363.64
    2026-05-05  Saigon (VND)   invoice 100 USD at 25,000         + 2,500,000
"""
from datetime import date

from odoo.tests import freeze_time, tagged

from .common import NOW, CareCommon


@tagged("post_install", "-at_install")
class TestMoneyCase(CareCommon):

    @classmethod
    def setup_independent_company(cls, **kwargs):
        for code in ("EUR", "VND", "USD"):
            cls.quick_ref(f"base.{code}").active = True
        return super().setup_independent_company(currency_id=cls.quick_ref("base.EUR").id)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rhine = cls.company
        cls.saigon = cls.setup_other_company(
            name="Saigon House", currency_id=cls.quick_ref("base.VND").id)["company"]
        cls.usd = cls.quick_ref("base.USD")
        cls._set_rate(cls.rhine, "EUR", 1.0)
        cls._set_rate(cls.rhine, "USD", 1.25)
        cls._set_rate(cls.rhine, "USD", 1.10, "2025-06-01")
        cls._set_rate(cls.rhine, "VND", 27_500.0)
        cls._set_rate(cls.saigon, "VND", 1.0)
        cls._set_rate(cls.saigon, "USD", 1 / 25_000)
        cls._set_rate(cls.saigon, "EUR", 1 / 27_500)
        cls.buyer = cls._create_customer("Mekong Trading", is_company=True)
        cls.product_a.invoice_policy = "order"
        cls._trade()

    @classmethod
    def _set_rate(cls, company, code, rate, since="2020-01-01"):
        cls.env["res.currency.rate"].sudo().create({
            "company_id": company.id, "currency_id": cls.quick_ref(f"base.{code}").id,
            "rate": rate, "name": since})

    @classmethod
    def _trade(cls):
        abroad = cls._create_posted(cls.buyer, date(2025, 3, 10), 1000, currency_id=cls.usd.id)
        order = cls._order_of(1000)
        deposit = cls._create_down_payment_invoice(order, "fixed", 300)
        cls._post_on(deposit, date(2025, 9, 1))
        cls._post_on(cls._create_final_invoice(order), date(2025, 10, 1))
        cls._order_of(5000)._action_cancel()
        small = cls._create_posted(cls.buyer, date(2026, 1, 15), 200)
        cls._credit(small, date(2026, 1, 20), 250)
        cls._credit(abroad, date(2026, 2, 10), 400)
        cls._create_abroad(cls.buyer, date(2026, 5, 5), 100)

    @classmethod
    def _order_of(cls, amount):
        return cls._create_sale_order_one_line(
            product_id=cls.product_a.id, price_unit=amount, tax_ids=[], partner_id=cls.buyer.id)

    @classmethod
    def _post_on(cls, invoice, day):
        invoice.invoice_date = day
        invoice.action_post()

    @classmethod
    def _create_abroad(cls, partner, on, amount):
        """An invoice of Saigon House, in dollars."""
        return cls.env["account.move"].with_company(cls.saigon).create({
            "move_type": "out_invoice", "partner_id": partner.id, "invoice_date": on,
            "currency_id": cls.usd.id, "company_id": cls.saigon.id,
            "invoice_line_ids": [(0, 0, {
                "name": "Beans", "price_unit": amount, "tax_ids": []})],
        }).action_post()

    def _group(self, partner, company):
        """The group's row as somebody sees it who works in this company and sees both."""
        companies = company | (self.rhine | self.saigon)
        reports = self.env["care.group.customer"].sudo().with_context(
            allowed_company_ids=companies.ids)
        self.env.invalidate_all()  # another reader is another request
        return reports.search([("partner_id", "=", partner.id)])

    def _assert_care(self, partner, company, revenue, purchases, first, last):
        care = self._care(partner, company)
        self.assertEqual(care.currency_id.compare_amounts(care.revenue_net, revenue), 0,
                         f"{care.revenue_net} in {company.name}")
        self.assertEqual((care.purchase_days, care.first_purchase or None,
                          care.last_purchase or None), (purchases, first, last))

    def test_each_company_by_itself(self):  # CC-9
        self._run("_cron_refresh_customers")
        self._assert_care(
            self.buyer, self.rhine, 1386.36, 2, date(2025, 3, 10), date(2025, 9, 1))
        care = self._care(self.buyer, self.rhine)
        self.assertEqual((care.invoiced, care.credited), (2000.0, 613.64))
        self.assertEqual((care.last_purchase - care.first_purchase).days, 175)
        self.assertEqual(care.gap_days, 175)
        self._assert_care(
            self.buyer, self.saigon, 2_500_000, 1, date(2026, 5, 5), date(2026, 5, 5))
        with freeze_time(NOW):
            silent = [self._care(self.buyer, house).silence_days
                      for house in (self.rhine, self.saigon)]
        self.assertEqual(silent, [302, 56])

    def test_the_group_in_either_currency(self):  # CC-9
        """1,386.36 EUR and 2,500,000 VND at 27,500: 1,477.27 EUR or 40,624,900 VND."""
        self._run("_cron_refresh_customers")
        for company, worth in ((self.rhine, 1477.27), (self.saigon, 40_624_900)):
            row = self._group(self.buyer, company)
            self.assertEqual(row.currency_id, company.currency_id)
            self.assertEqual(row.currency_id.compare_amounts(row.revenue_net, worth), 0,
                             f"{row.revenue_net} for {company.name}")
            self.assertEqual(
                (row.purchase_days, row.company_count, row.first_purchase, row.last_purchase),
                (3, 2, date(2025, 3, 10), date(2026, 5, 5)))

    def test_active_in_any_is_active_in_the_group(self):  # CC-9
        for company in self.rhine, self.saigon:
            self._count(self.buyer, company=company)
        self.assertNotEqual(self._care(self.buyer, self.rhine).status, "new")
        self.assertEqual(self._care(self.buyer, self.saigon).status, "new")
        self._care(self.buyer, self.rhine).status = "churned"
        row = self._group(self.buyer, self.rhine)
        self.assertEqual((row.status, row.best_company_id), ("new", self.saigon))

    def test_a_colleague_adds_up_his_own_companies_alone(self):  # ALL-4
        self._run("_cron_refresh_customers")
        reports = self.env["care.group.customer"].sudo().with_context(
            allowed_company_ids=self.saigon.ids)
        row = reports.search([("partner_id", "=", self.buyer.id)])
        self.assertEqual((row.revenue_net, row.company_count), (2_500_000, 1))

    def test_a_buyer_is_moved_under_another_parent(self):  # CC-9
        """What he bought goes along; the figures of both are right everywhere."""
        person = self._create_customer("Linh")
        self._create_posted(person, date(2026, 4, 1), 60)
        self._create_abroad(person, date(2026, 6, 1), 10)
        self._run("_cron_refresh_customers")
        self._assert_care(person, self.rhine, 60, 1, date(2026, 4, 1), date(2026, 4, 1))
        person.parent_id = self.buyer
        self._run("_cron_refresh_customers")
        self._assert_care(person, self.rhine, 0, 0, None, None)
        self._assert_care(person, self.saigon, 0, 0, None, None)
        self._assert_care(
            self.buyer, self.rhine, 1446.36, 3, date(2025, 3, 10), date(2026, 4, 1))
        self._assert_care(
            self.buyer, self.saigon, 2_750_000, 2, date(2026, 5, 5), date(2026, 6, 1))
        row = self._group(self.buyer, self.rhine)
        self.assertEqual(row.currency_id.compare_amounts(row.revenue_net, 1546.36), 0)
        self.assertEqual((row.purchase_days, row.last_purchase), (5, date(2026, 6, 1)))
        self.assertEqual(self._group(person, self.rhine).purchase_days, 0)
