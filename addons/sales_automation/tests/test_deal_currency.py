from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .test_forecast import MARCH, ForecastCase

CURRENCY = "odoo.addons.sales_automation.models.crm_lead_currency"


@tagged("post_install", "-at_install")
class TestDealCurrency(ForecastCase):
    """A deal in francs: 4 to one of ours until 8 March, then 5, from 1 April 2."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.franc = cls.env["res.currency"].create({
            "name": "XFR", "symbol": "Fr", "rounding": 0.01,
            "rate_ids": [
                fields.Command.create({"name": day, "rate": rate, "company_id": False})
                for day, rate in (("2026-01-01", 4.0), ("2026-03-08", 5.0), ("2026-04-01", 2.0))]})
        cls.env.user.group_ids += cls.env.ref("base.group_multi_currency")

    def _create_francs(self, amount=1000.0, **kw):
        return self._create_deal(**{
            "expected_revenue": 0, "sales_currency_id": self.franc.id, "sales_amount": amount,
            **kw})

    def test_both_amounts_stand_there(self):  # SA-20
        with self.at("2026-03-02 09:00:00"):
            deal = self._create_francs()
        self.assertEqual((deal.expected_revenue, deal.sales_rate), (250, 0.25))
        self.assertEqual(str(deal.sales_rate_date), "2026-03-02")
        self.assertEqual(deal.prorated_revenue, 50, "core's sums follow")
        with self.at("2026-03-10 09:00:00"):
            deal.sales_amount = 2000
        self.assertEqual(deal.expected_revenue, 400, "the day of the change")

    def test_written_from_the_other_side(self):  # SA-20: list, import, order
        with self.at("2026-03-02 09:00:00"):
            deal = self._create_francs()
        with self.at("2026-03-10 09:00:00"):
            deal.expected_revenue = 500
        self.assertEqual((deal.sales_amount, deal.sales_rate), (2000, 0.25))

    def test_switching_keeps_the_value(self):  # SA-20
        with self.at("2026-03-02 09:00:00"):
            deal = self._create_deal(expected_revenue=300, recurring_revenue=10)
            deal.sales_currency_id = self.franc
            self.assertEqual((deal.sales_amount, deal.sales_recurring_amount), (1200, 40))
            deal.sales_recurring_amount = 80
            self.assertEqual(deal.recurring_revenue, 20)
            deal.sales_currency_id = False
        self.assertEqual((deal.expected_revenue, deal.sales_amount, deal.sales_rate), (300, 0, 0))
        deal.write({"sales_currency_id": self.house.currency_id.id, "sales_amount": 77})
        self.assertEqual((deal.expected_revenue, deal.sales_currency_id.ids), (77, []))

    def test_a_won_deal_keeps_the_rate_of_its_day(self):  # SA-20: three rates
        self.house.sales_rate_policy = "day"
        with self.at("2026-03-02 09:00:00"):
            won, still_open = self._create_francs(), self._create_francs()
        with self.at("2026-03-10 09:00:00"):
            won.action_set_won()
        self.assertEqual((won.expected_revenue, str(won.sales_rate_date)), (200, "2026-03-10"))
        with self.at("2026-04-02 09:00:00"):
            self._run_cron("ir_cron_update_rates")
            won.sales_amount = 1500
        self.assertEqual(still_open.expected_revenue, 500)
        self.assertEqual(won.expected_revenue, 300, "a correction later: at the rate it has")

    def test_the_rate_of_the_month(self):  # SA-20
        self.house.sales_rate_policy = "month"
        with self.at("2026-03-20 09:00:00"):
            deal = self._create_francs()
            self.assertEqual(deal.expected_revenue, 250, "the rate of 1 March")
            self._run_cron("ir_cron_update_rates")
            self.assertEqual(str(deal.sales_rate_date), "2026-03-01")
        with self.at("2026-04-20 09:00:00"):
            self._run_cron("ir_cron_update_rates")
        self.assertEqual(deal.expected_revenue, 500)

    def test_the_longest_without_a_rate_comes_first(self):  # SA-20: a night has ten seconds
        self.house.sales_rate_policy = "day"
        bare = self.env["res.currency"].create({
            "name": "XBR", "symbol": "B",
            "rate_ids": [fields.Command.create({
                "name": "2026-01-01", "rate": 2.0, "company_id": False})]})
        deals = self.env["crm.lead"]
        for day in ("2026-03-09", "2026-03-03", "2026-03-06"):
            with self.at(f"{day} 09:00:00"):
                deals += self._create_francs()
        with self.at("2026-03-02 09:00:00"):
            self._create_francs(sales_currency_id=bare.id)
        bare.rate_ids.unlink()
        (self.env["crm.lead"].search([("sales_rate_date", "!=", False)])
         .filtered(lambda lead: lead not in deals and lead.sales_currency_id != bare)
         .sudo().write({"sales_rate_date": "2026-04-02"}))
        told, times = [], [1, 0]

        def commit_progress(records, processed=0, **kw):
            told.append((processed, kw.get("remaining")))
            return times.pop(0)

        self.patch(self.env.registry["ir.cron"], "_commit_progress", commit_progress)
        with self.at("2026-04-02 09:00:00"), patch(f"{CURRENCY}.RATE_BATCH", 1):
            self.env["crm.lead"]._cron_update_rates()
        self.assertEqual(told, [(0, 3), (1, None)])
        self.assertEqual(
            [str(deal.sales_rate_date) for deal in deals],
            ["2026-03-09", "2026-04-02", "2026-03-06"])

    def test_no_job_without_the_wish_and_a_button(self):  # SA-20
        with self.at("2026-03-02 09:00:00"):
            deal = self._create_francs()
        with self.at("2026-04-02 09:00:00"):
            self._run_cron("ir_cron_update_rates")
            self.assertEqual(deal.expected_revenue, 250)
            deal.with_user(self.ines).action_update_rate()
        self.assertEqual(deal.expected_revenue, 500)

    def test_no_rate_is_said_at_the_field(self):  # SA-20
        bare = self.env["res.currency"].create({"name": "XBR", "symbol": "B"})
        with self.assertRaisesRegex(UserError, "Deal Currency: House has no rate for XBR"):
            self._create_francs(sales_currency_id=bare.id)
        result = self.env["crm.lead"].with_context(allowed_company_ids=self.house.ids).load(
            ["name", "type", "sales_currency_id", "sales_amount"],
            [["In francs", "opportunity", "XFR", "100"], ["In nothing", "opportunity", "XBR", "1"]])
        self.assertFalse(result["ids"])
        self.assertIn("no rate for XBR", result["messages"][-1]["message"])
        self.assertEqual(result["messages"][-1]["rows"], {"from": 1, "to": 1})

    def test_the_amount_of_a_quotation(self):  # SA-20: core takes its own currency only
        pricelist = self.env["product.pricelist"].create({
            "name": "Francs", "currency_id": self.franc.id, "company_id": self.house.id})
        partner = self.env["res.partner"].create({"name": "P"})
        deal = self._create_deal(partner_id=partner.id)
        with self.at("2026-03-02 09:00:00"):
            order = self.env["sale.order"].with_company(self.house).create({
                "partner_id": partner.id, "opportunity_id": deal.id, "company_id": self.house.id,
                "pricelist_id": pricelist.id, "order_line": [fields.Command.create({
                    "name": "Work", "product_id": self.env["product.product"].create(
                        {"name": "Work", "type": "service", "taxes_id": False}).id,
                    "product_uom_qty": 1, "price_unit": 800})]})
            self.assertEqual(order.amount_untaxed, 800)
            deal.action_take_quote_amount(order.id)
        self.assertEqual(
            (deal.sales_currency_id, deal.sales_amount, deal.expected_revenue),
            (self.franc, 800, 200))
        with self.assertRaisesRegex(UserError, "does not belong"):
            self._create_deal().action_take_quote_amount(order.id)
        order.order_line.price_unit = 1200
        deal._update_revenues_from_so(order)
        self.assertEqual(deal.sales_amount, 1200, "a larger order raises the deal")

    def test_pivot_and_forecast_add_up(self):  # SA-20
        with self.at("2026-03-10 09:00:00"):
            self._create_deal(expected_revenue=100, stage_id=self.stage_offer.id)
            self._create_francs(stage_id=self.stage_offer.id)
            board = self._desk().get_forecast(*MARCH)
        self.assertEqual(self._row(board)["ladder"]["commit"], 300)
        [[total]] = self.env["crm.lead"]._read_group(
            [("company_id", "=", self.house.id)], [], ["expected_revenue:sum"])
        self.assertEqual(total, 300)

    def test_form_shows_it_before_saving(self):  # SA-20
        with self.at("2026-03-02 09:00:00"):
            deal = self._create_deal(expected_revenue=0)
            with Form(deal) as form:
                form.sales_currency_id = self.franc
                form.sales_amount = 400
                self.assertEqual(form.expected_revenue, 100)
        self.assertEqual(deal.expected_revenue, 100)

    def test_deals_in_own_currency_ask_nothing_more(self):  # SA-20: what a save costs
        deal = self._create_deal()

        def count(amount):
            self._flush_tracking()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            deal.write({"expected_revenue": amount})
            self.env.flush_all()
            return self.env.cr.sql_log_count - before
        count(5)
        with patch.object(self.env.registry["crm.lead"], "_follow_core_amounts", lambda *_: None):
            without = count(6)
        self.assertEqual(count(7), without)
