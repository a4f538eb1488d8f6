from odoo import fields
from odoo.tests import tagged

from .test_forecast import ForecastCase


@tagged("post_install", "-at_install")
class TestForecastPanel(ForecastCase):
    """The deal says at a glance what it counts as, and lets one change it."""

    def _section(self, deal, user=None):
        cards = deal.with_user(user or self.ines).get_deal_panel()
        return next(card for card in cards if card["key"] == "forecast")

    def test_category_and_who_chose_it(self):  # SA-11
        with self.at("2026-03-10 09:00:00"):
            deal = self._create_deal()
            card = self._section(deal)
            self.assertIn("as its stage says", card["lines"][0]["text"])
            [button] = [row for row in card["buttons"] if row["args"] == ["commit"]]
            getattr(deal.with_user(self.ines), button["method"])(*button["args"])
            card = self._section(deal)
            self.assertEqual(card["badge"]["text"], "Commit")
            self.assertEqual(card["lines"][0]["user"]["name"], "Ines")
            self.assertEqual(card["lines"][1]["text"], "Counts in March 2026")
            getattr(deal, card["buttons"][-1]["method"])(*card["buttons"][-1]["args"])
        self.assertFalse(deal.forecast_category_manual)

    def test_dates_that_count_nowhere(self):  # SA-11
        with self.at("2026-03-10 09:00:00"):
            passed = self._section(self._create_deal(date_deadline="2026-03-01"))
            undated = self._section(self._create_deal(date_deadline=False))
        self.assertEqual(passed["lines"][1]["tone"], "danger")
        self.assertIn("in no period", undated["lines"][1]["text"])

    def test_slips_are_counted(self):  # SA-6, SA-11
        with self.at("2026-03-10 09:00:00"):
            deal = self._create_deal()
            deal.date_deadline = "2026-03-25"
        with self.at("2026-03-12 09:00:00"):
            deal.date_deadline = "2026-03-30"
            self.env.invalidate_all()
            line = self._section(deal)["lines"][2]
        self.assertIn("2 times", line["text"])
        self.assertIn("10 days later", line["detail"])

    def test_a_closed_deal_offers_nothing(self):  # SA-11
        deal = self._create_deal()
        deal.action_set_won()
        card = self._section(deal)
        self.assertEqual((card["badge"]["text"], card["buttons"]), ("Closed", []))

    def test_it_offers_the_amount_of_the_quotation(self):  # SA-20
        partner = self.env["res.partner"].create({"name": "P"})
        deal = self._create_deal(partner_id=partner.id)
        self.env["sale.order"].with_company(self.house).create({
            "partner_id": partner.id, "opportunity_id": deal.id, "company_id": self.house.id,
            "order_line": [fields.Command.create({
                "product_id": self.env["product.product"].create(
                    {"name": "Work", "type": "service", "taxes_id": False}).id,
                "product_uom_qty": 1, "price_unit": 640})]})
        offer = self._section(deal, self.max)["lines"][-1]
        self.assertIn("Take the amount", offer["text"])
        getattr(deal, offer["method"])(*offer["args"])
        self.assertEqual(deal.expected_revenue, 640)
        self.assertNotIn("method", self._section(deal, self.max)["lines"][-1])
