"""Forecasts: when there is one, what it says, and the sentence that stands for it (CC-9)."""
from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.addons.customer_care.engine import bgnbd
from odoo.addons.customer_care.models import care_model_backtest
from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import format_amount

from .common import NOW, TODAY, days_ago
from .common_forecast import ForecastCommon


@tagged("post_install", "-at_install")
class TestForecast(ForecastCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls._grow()

    def test_in_use(self):  # CC-9
        model = self._fit()
        self.assertEqual(model.state, "used", model.verdict)
        self.assertEqual(model.customers, 400)
        self.assertEqual(model.cut_day, days_ago(model.test_days - 1))
        self.assertEqual(model.definition, self.company._care_definition_version())
        self.assertLess(abs(model.total_error), 0.25)
        self.assertLess(model.rmse, min(model.naive_repeat_rmse, model.naive_mean_rmse))
        self.assertGreaterEqual(model.coverage, 0.75)
        customers = self._cares()
        self.assertEqual(set(customers.mapped("forecast_state")), {"forecast"})
        self.assertEqual(customers.forecast_model_id, model)

    def _cares(self):
        return self.customers.search([("partner_id", "in", self.partners.ids)])

    def test_figures_follow_from_the_card(self):
        model = self._fit()
        for care in self._cares()[:40]:
            x, t_x = care.purchase_days - 1, (care.last_purchase - care.first_purchase).days
            age = max((TODAY - care.first_purchase).days, 1)
            expected = bgnbd.expected_purchases(model._params(), 365, x, t_x, age)
            self.assertAlmostEqual(care.expected_purchases, expected, 2)
            worth = model._worth()(x + 1, care.revenue_net / care.purchase_days)
            self.assertTrue(0.9 * expected * worth < care.ltv_predicted < expected * worth)
            self.assertLessEqual(care.ltv_low, care.ltv_high)
            # who bought once is alive by construction: no number is said of it
            alive = bgnbd.p_alive(model._params(), x, t_x, age) if x else 0
            self.assertAlmostEqual(care.p_alive, alive, 2)

    def test_without_discount_money_is_added_up_as_it_is(self):
        self.company.care_discount = 0
        model = self._fit()
        care = self._cares()[0]
        worth = model._worth()(care.purchase_days, care.revenue_net / care.purchase_days)
        self.assertAlmostEqual(care.ltv_predicted, care.expected_purchases * worth, -1)

    def test_what_was_known_at_the_cut(self):
        """A credit note of yesterday did not exist then: the test's past has the purchase."""
        model = self._fit()
        before = model.cut_customers
        buyer = self._create_customer("Regretter")
        invoice = self._create_posted(buyer, days_ago(600), 50)
        self._credit(invoice, days_ago(1))
        self._count(buyer)
        self.assertEqual(self._care(buyer).purchase_days, 0)
        self.assertEqual(self._fit("fit").cut_customers, before + 1)

    def test_invoices_dated_ahead(self):
        buyer = self._create_customer("Early bird")
        self._buy(buyer, 200, 100, -40)
        self._count(buyer)
        model = self._fit()
        self.assertEqual(model.dropped, 1)
        self.assertEqual(model.customers, 400)
        self.assertTrue(self._care(buyer).expected_purchases)

    def test_changed_customers_the_same_day(self):  # CC-9
        self._fit()
        buyer = self.partners[3]
        before = self._care(buyer).read(["expected_purchases", "forecast_at"])[0]
        others = {care.id: care.forecast_at for care in self._cares() - self._care(buyer)}
        later = NOW + timedelta(hours=5)
        self._buy(buyer, 0)
        self._count(buyer, now=later)
        self.nights._look_at_fresh(self.company, self._scope(buyer), later)
        after = self._care(buyer)
        self.assertEqual(after.forecast_at, later)
        self.assertNotEqual(after.expected_purchases, before["expected_purchases"])
        self.assertEqual(
            {care.id: care.forecast_at for care in self._cares() - after}, others)

    def test_forecasts_are_kept_for_a_week(self):
        self._fit()
        # the customers were counted at NOW: the first night behind that looks once more
        made, calm, old = (NOW + timedelta(days=days) for days in (1, 4, 8))
        self.nights._run_steps(self.company, made, "forecast")
        self.nights._run_steps(self.company, calm, "forecast")
        self.assertEqual(set(self._cares().mapped("forecast_at")), {made})
        self.nights._run_steps(self.company, old, "forecast")
        self.assertEqual(set(self._cares().mapped("forecast_at")), {old})

    def test_chunks_tell_the_same(self):
        self._fit()
        names = ["p_alive", "expected_purchases", "ltv_predicted", "ltv_low", "ltv_high"]
        whole = self._cares().read(names)
        self._cares().write({"forecast_model_id": False})
        with patch("odoo.addons.customer_care.models.care_forecast.CHUNK", 37):
            self._fit("forecast")
        self.assertEqual(self._cares().read(names), whole)

    def test_a_refusal_takes_the_forecasts_away(self):
        first = self._fit()
        self.assertTrue(self._cares()[0].ltv_predicted)
        with patch("odoo.addons.customer_care.engine.backtest.LEAST_CUSTOMERS", 1000):
            second = self._fit()
        self.assertEqual((first.state, second.state), ("used", "refused"))
        self.assertFalse(self.models._current(self.company))
        self.assertEqual(set(self._cares().mapped("forecast_state")), {"history"})
        self.assertFalse(any(self._cares().mapped("ltv_predicted")))

    def test_a_failure_changes_nothing(self):
        good = self._fit()
        with patch.object(bgnbd, "fit", side_effect=ValueError("too odd")), \
                self.assertLogs("odoo.addons.customer_care.models.care_model_fit", "ERROR"):
            bad = self._fit()
        self.assertEqual((bad.state, bad.error), ("failed", "too odd"))
        self.assertIn("too odd", bad.verdict)
        self.assertEqual(self.models._current(self.company), good)
        self.assertEqual(set(self._cares().mapped("forecast_state")), {"forecast"})

    def test_a_night_killed_between_phases_goes_on(self):
        whole = self._fit("fit")
        position = self.models._fit_phase(self.company, NOW, 0)
        self.env.invalidate_all()
        while position is not None:
            position = self.models._fit_phase(self.company, NOW, position)
        again = self.models.search([("company_id", "=", self.company.id)], limit=1)
        self.assertNotEqual(again, whole)
        for name in ("r", "alpha", "a", "b", "p", "q", "gamma", "rmse", "gini", "coverage"):
            self.assertEqual(again[name], whole[name], name)

    def test_rows_read_a_few_at_a_time_make_the_same_card(self):  # P-11
        whole = self._fit("fit")
        with patch.object(care_model_backtest, "PORTION", 7):
            again = self._fit("fit")
        self.assertEqual(again.test_days, whole.test_days)
        for name in ("customers", "cut_customers", "r", "cut_a", "q", "cut_p", "rmse", "coverage"):
            self.assertEqual(again[name], whole[name], name)
        self.assertEqual(again.bins, whole.bins)

    def test_switched_off(self):
        self._fit()
        self.company.care_forecast = False
        self.assertFalse(self.models._current(self.company))
        self._fit("forecast")
        care = self._cares()[0]
        self.assertEqual(care.forecast_state, "history")
        self.assertIn("switched off", care.forecast_note)

    def test_dashboard(self):  # CC-22
        model = self._fit()
        tiles = self._tiles()
        total = sum(self._cares().mapped("ltv_predicted"))
        self.assertEqual(tiles["forecast"]["figure"], self._money(total))
        self.assertIn(f"money was missed by {model._tell_money_missed()} and purchases by "
                      f"{model.missed}", tiles["forecast"]["note"])
        opened = self.customers.search(tiles["forecast"]["action"]["domain"])
        self.assertEqual(opened, self._cares())
        self.assertEqual(tiles["value"]["chart"]["series"][0]["values"][0], 0)
        self.company.care_forecast = False
        self.assertIn("switched off", self._tiles()["forecast"]["few"])

    def _tiles(self):
        user = self.env["res.users"].sudo().search([("login", "=", "tile_reader")])
        user = user or new_test_user(
            self.env(su=True), "tile_reader", groups="customer_care.group_customer_care_user",
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        page = self.env["care.dashboard"].with_user(user).sudo(False).get_dashboard()
        return {tile["key"]: tile for tile in page["tiles"]}

    def _money(self, amount):
        return format_amount(self.env, amount, self.company.currency_id)


@tagged("post_install", "-at_install")
class TestForecastAccess(ForecastCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._sell([[300, 200, 100]] * 3)
        companies = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        cls.user = new_test_user(
            cls.env(su=True), "forecast_user",
            groups="customer_care.group_customer_care_user", **companies)
        cls.manager = new_test_user(
            cls.env(su=True), "forecast_manager",
            groups="customer_care.group_customer_care_manager", **companies)

    def test_only_administrators_fit(self):
        card = self.env["care.model"]
        with self.assertRaises(AccessError):
            card.with_user(self.user).sudo(False).action_fit_now()
        action = card.with_user(self.manager).sudo(False).action_fit_now()
        made = card.with_user(self.user).sudo(False).browse(action["res_id"])
        self.assertIn("Too little history: 3 customers", made.verdict)
        with self.assertRaises(AccessError):
            made.unlink()

    def test_cards_of_other_companies_stay_there(self):
        other = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        self.models._fit(other, NOW)
        cards = self.env["care.model"].with_user(self.user).sudo(False)
        self.assertFalse(cards.search([("company_id", "=", other.id)]))

    def test_settings_ask_for_another_fit(self):
        self.nights.search([("company_id", "=", self.company.id)]).unlink()
        self.company.care_horizon_days = 180
        rows = self.nights.search([("company_id", "=", self.company.id)])
        self.assertLessEqual({"fit", "forecast"}, set(rows.mapped("step")))
        rows.unlink()
        self.company.care_horizon_days = 180
        self.assertFalse(self.nights.search([("company_id", "=", self.company.id)]))

    def test_settings_tell_the_state(self):
        self._fit()
        with Form(self.env["res.config.settings"].with_user(self.env.ref("base.user_admin"))
                  .sudo().with_company(self.company)) as settings:
            self.assertIn("Too little history: 3 customers", settings.care_forecast_state)
