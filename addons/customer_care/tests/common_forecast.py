"""Customers as the forecast's model thinks of them."""
from random import Random

from odoo.addons.customer_care.models.care_figures import Scope

from .common import NOW, CareCommon, days_ago
from .many import copy_invoices, create_partners

DAYS = 730


def live(chance: Random, days: int, rate: float, leaves: float) -> list[int]:
    """Days ago on which a customer bought: the first, and more until he leaves."""
    first = day = chance.randint(90, days)
    bought = [first]
    while chance.random() > leaves:
        day -= max(round(chance.expovariate(rate)), 1)
        if day < 0:
            break
        bought.append(day)
    return bought


class ForecastCommon(CareCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls._create_posted(cls._create_customer("Template"), days_ago(1), 1.0)
        cls.models = cls.env["care.model"].sudo()
        cls.nights = cls.env["care.night"].sudo()

    @classmethod
    def _sell(cls, lives, amount=lambda chance: 100.0, seed=1):
        """Customers with these purchases (days ago), counted; their partners."""
        chance = Random(seed)
        partners = cls.env["res.partner"].browse(
            create_partners(cls.env, [f"Buyer {n}" for n in range(len(lives))]))
        copy_invoices(cls.env, cls.template, [
            (partner.id, days_ago(day), amount(chance))
            for partner, days in zip(partners, lives, strict=True) for day in days])
        cls.figures._refresh(cls.company, cls._scope(partners), NOW)
        return partners

    @classmethod
    def _scope(cls, partners):
        return Scope(ids=tuple(partners.ids))

    @classmethod
    def _grow(cls, count=400, seed=7):
        """Customers as the model thinks of them: each with a rate of his own, leaving by chance."""
        chance = Random(seed)
        return cls._sell(
            [live(chance, DAYS, chance.gammavariate(1.2, 1 / 60), chance.betavariate(1, 6))
             for _n in range(count)],
            amount=lambda chance: round(chance.gammavariate(4, 25), 2))

    def _fit(self, *steps):
        self.nights._run_steps(self.company, NOW, *(steps or ("fit", "forecast", "value")))
        return self.models.search([("company_id", "=", self.company.id)], limit=1)

    def assertRefused(self, model, sentence):
        """The card says why, and every customer shows his revenue and the same sentence."""
        self.assertEqual(model.state, "refused", model.verdict)
        self.assertIn(sentence, model.verdict)
        self.assertIn("Shown: revenue so far.", model.verdict)
        for customer in self.customers.search(
                [("company_id", "=", self.company.id), ("purchase_days", ">", 0)]):
            self.assertEqual(customer.forecast_state, "history")
            self.assertEqual(customer.forecast_note, model.verdict)
            self.assertFalse(customer.ltv_predicted or customer.p_alive or customer.forecast_range)
