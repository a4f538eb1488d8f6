"""When there is no forecast, and the sentence that stands for it (CC-9)."""
from random import Random

from odoo.tests import tagged

from .common_forecast import DAYS, ForecastCommon, live


@tagged("post_install", "-at_install")
class TestRefusals(ForecastCommon):
    """A sentence instead of a number."""

    def test_nobody(self):
        self.template.button_draft()
        self.assertRefused(self._fit(), "Too little history: 0 customers have bought, 100")

    def test_one_customer(self):
        self._sell([[300, 200, 100]])
        self.assertRefused(self._fit(), "Too little history: 1 customers have bought, 100")

    def test_ten_customers(self):
        self._sell([[300, 200, 100]] * 10)
        self.assertRefused(self._fit(), "Too little history: 10 customers have bought, 100")

    def test_all_bought_once(self):
        self._sell([[day] for day in range(60, 260)])
        self.assertRefused(self._fit(), "Too little history: 0 customers have bought again, 50")

    def test_thirty_one_bought_again(self):
        self._sell([[day + 30, day] for day in range(31)] + [[day] for day in range(40, 140)])
        self.assertRefused(self._fit(), "31 customers have bought again, 50 are needed.")

    def test_history_of_two_months(self):
        self._sell([[60 - n % 10, n % 50] for n in range(150)])
        self.assertRefused(self._fit(), "Too little history: the oldest purchase was on")

    def test_nobody_had_bought_again_before_the_test(self):
        self._sell([[300 + n % 20, n % 90] for n in range(150)])
        self.assertRefused(self._fit(), "Cannot be tested: before")

    def test_nobody_has_bought_since(self):
        self._sell([[600 + n % 20, 500 + n % 90] for n in range(150)])
        self.assertRefused(self._fit(), "Cannot be tested: nobody has bought since")

    def test_a_simple_guess_is_as_good(self):
        # everybody buys every 30 days, to the day: a simple guess cannot be beaten
        self._sell([list(range(n % 30, 700, 30)) for n in range(120)])
        model = self._fit()
        self.assertEqual(model.reason, "not_better", model.verdict)
        self.assertRefused(model, "”) was as close: off by")

    def test_identical_amounts(self):
        chance = Random(7)
        self._sell([live(chance, DAYS, chance.gammavariate(1.2, 1 / 60), chance.betavariate(1, 6))
                    for _n in range(400)])
        model = self._fit()
        self.assertEqual((model.state, model.money_reason), ("used", "same_value"))
        self.assertIn("follow no pattern that could be learned", model.meaning)
        customer = self.customers.search([("forecast_model_id", "=", model.id)], limit=1)
        # a purchase is worth 100: the forecast differs from the number by the discount alone
        worth = customer.ltv_predicted / customer.expected_purchases
        self.assertTrue(94 < worth < 98, worth)

    def test_heavy_tail(self):
        chance = Random(7)
        self._sell(
            [live(chance, DAYS, chance.gammavariate(1.2, 1 / 60), chance.betavariate(1, 6))
             for _n in range(400)],
            amount=lambda chance: round(chance.paretovariate(0.6), 2))
        model = self._fit()
        self.assertEqual(model.state, "used")
        self.assertTrue(model.money_hidden)
        self.assertIn("and not for how much", model.meaning)
        customer = self.customers.search([("forecast_model_id", "=", model.id)], limit=1)
        self.assertTrue(customer.expected_purchases)
        self.assertFalse(customer.ltv_predicted or customer.forecast_range)
        self.assertIn("For how much could not be told", customer.forecast_note)
        columns = self._columns()
        self.assertNotIn('"ltv_predicted"', columns, "no column of nothing")
        self.assertIn('"expected_purchases"', columns)
        model.money_hidden = False
        self.assertIn('"ltv_predicted"', self._columns())
        self.company.care_forecast = False
        self.assertNotIn('"expected_purchases"', self._columns())

    def _columns(self):
        customers = self.customers.with_context(allowed_company_ids=self.company.ids)
        return customers.get_view(view_type="list")["arch"]
