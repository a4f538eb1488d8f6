"""The published figures of the CDNOW customers, found by the addon from their invoices (CC-9).

Fader, Hardie and Lee (2005): 2,357 customers won in the first quarter of 1997, weeks 1 to 39 to
learn from, weeks 40 to 78 to be held against. Their purchases become posted invoices, the
figures come from a full build, and cards and care records are read in their forms: they must show
what was published.
"""
from datetime import date, datetime
from importlib.util import find_spec
from math import log
from pathlib import Path

from odoo.addons.customer_care.engine import bgnbd
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import CareCommon
from .many import copy_invoices, create_partners

LAST = datetime(1998, 6, 30, 9, 0)
CUT = date(1997, 10, 1)  # the first day after week 39
WEEK = 7


def read_purchases() -> list[tuple[str, date, float]]:
    """(customer, day, dollars) of each line of the file, which ships with a test dependency."""
    folder = Path(find_spec("lifetimes").submodule_search_locations[0])
    lines = (folder / "datasets" / "CDNOW_sample.txt").read_text().split("\n")
    parts = [line.split() for line in lines if line.strip()]
    return [(who, date(int(day[:4]), int(day[4:6]), int(day[6:])), float(amount))
            for _whole_set, who, day, _pieces, amount in parts]


class CdnowCommon(CareCommon):
    """The company at a moment: it knows the purchases made before it."""

    known_at = LAST
    cut = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"care_horizon_days": 39 * WEEK, "care_discount": 0})
        # 1997 lies before the books of any test company; nothing of it is to be posted here.
        template = cls._create_posted(cls._create_customer("Template"), "1997-01-01", 1.0)
        purchases = [line for line in read_purchases() if line[1] <= cls.known_at.date()]
        names = sorted({who for who, _day, _amount in purchases})
        cls.ids = ids = dict(zip(names, create_partners(cls.env, names), strict=True))
        copy_invoices(cls.env, template, [(ids[who], day, amount)
                                          for who, day, amount in purchases])
        template.button_draft()
        with freeze_time(cls.known_at):
            build = cls.env["care.build"].sudo()._start()
            while build.state == "running":
                build._step()
            cls.model = cls.env["care.model"].sudo()._fit(cls.company, cls.known_at, cut=cls.cut)
            care, position = cls.env["care.forecast"].sudo(), 0
            while position is not None:
                position = care._refresh_chunk(cls.company, cls.known_at, position)
        cls.everybody = cls.customers.search([
            ("company_id", "=", cls.company.id), ("partner_id", "in", list(ids.values()))])
        cls.user = new_test_user(
            cls.env, "cdnow_user", groups="customer_care.group_customer_care_user",
            company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)])

    def _read(self, record):
        """As a user of customer care reads it: what the form of a record shows him."""
        view = f"customer_care.{record._table}_view_form"
        return Form(record.with_user(self.user), view)

    def assertClose(self, found, published, share=0.01):
        self.assertLess(abs(found - published), share * abs(published), f"{found}, {published}")


@tagged("post_install", "-at_install")
class TestCdnow(CdnowCommon):
    """Weeks 1 to 78: the card and its test."""

    cut = CUT

    def test_data(self):
        self.assertEqual(self.model.customers, 2357)
        self.assertEqual(self.model.cut_customers, 2357)
        self.assertEqual((self.model.first_day, self.model.last_day),
                         (date(1997, 1, 1), date(1998, 6, 30)))
        self.assertEqual(self.model.test_days, 39 * WEEK)

    def test_parameters(self):
        card = self._read(self.model)
        self.assertClose(card.cut_r, 0.243)
        self.assertClose(card.cut_alpha / WEEK, 4.414)
        self.assertClose(card.cut_a, 0.793)
        self.assertClose(card.cut_b, 2.426)
        repeats = sum(n - 1 for n in self._days_before_cut().values())
        # a density by the day is a seventh of one by the week, once for each repeat purchase
        self.assertClose(card.cut_log_likelihood + repeats * log(WEEK), -9582.4, 0.0001)

    def _days_before_cut(self):
        days = {}
        for who, day, _amount in read_purchases():
            if day < CUT:
                days.setdefault(who, set()).add(day)
        return {who: len(found) for who, found in days.items()}

    def test_holdout(self):
        card = self._read(self.model)
        self.assertEqual(card.actual_total, self._made_after_cut())
        self.assertLessEqual(card.rmse, 1.65)
        self.assertClose(card.naive_repeat_rmse, 1.97)
        self.assertLessEqual(abs(self.model.total_error), 0.20)
        self.assertEqual(card.missed, self.model._tell_missed(self.model.total_error))
        self.assertGreaterEqual(card.gini, 0.65)
        self.assertGreaterEqual(card.top_decile, 0.46)
        self.assertGreaterEqual(card.coverage, 0.80)
        self.assertEqual(card.state, "used")

    def _made_after_cut(self):
        return len({(who, day) for who, day, _amount in read_purchases() if day >= CUT})

    def test_every_customer_has_a_forecast(self):
        customers = self.everybody
        self.assertEqual(len(customers), 2357)
        self.assertEqual(set(customers.mapped("forecast_state")), {"forecast"})
        params, horizon = self.model._params(), self.model.horizon_days
        for one in customers:
            self.assertLessEqual(one.ltv_low, one.ltv_high, one.partner_id.name)
            self.assertGreater(one.expected_purchases, 0)
            x, t_x = one.purchase_days - 1, (one.last_purchase - one.first_purchase).days
            nothing = bgnbd.p_no_purchase(
                params, horizon, x, t_x, (LAST.date() - one.first_purchase).days)
            worth = one.ltv_predicted / one.expected_purchases
            if abs(nothing - 0.9) > 0.02:  # nine of ten such customers buy nothing: the high end
                self.assertEqual(one.ltv_high > worth / 2, nothing < 0.9, one.partner_id.name)

    def test_who_bought_most_and_lately_leads(self):
        best = self.everybody.sorted("expected_purchases")[-1]
        self.assertGreaterEqual(best.purchase_days, 20)
        self.assertLess(best.ltv_low, best.ltv_predicted)
        self.assertLess(best.ltv_predicted, best.ltv_high)


@tagged("post_install", "-at_install")
class TestCdnowCustomer(CdnowCommon):
    """Weeks 1 to 39: what the addon says of one customer, who is worked out in the literature."""

    known_at = datetime(1997, 9, 30, 9, 0)

    def test_the_published_customer(self):
        """Two repeat purchases, the last in week 30.43 of 38.86: 1.226 in the next 39 weeks."""
        care = self.customers.search([
            ("partner_id", "=", self.ids["0001"]), ("company_id", "=", self.company.id)])
        shown = self._read(care)
        self.assertEqual(
            (shown.purchase_days, (care.last_purchase - care.first_purchase).days,
             (self.known_at.date() - care.first_purchase).days), (3, 213, 272))
        self.assertClose(shown.expected_purchases, 1.226)
        # the money of it, by the card: (gamma p + n m p) / (n p + q - 1), n = 3 purchases
        card, mean = self.model, care.revenue_net / 3
        worth = (card.gamma * card.p + 3 * mean * card.p) / (3 * card.p + card.q - 1)
        self.assertClose(shown.ltv_predicted, shown.expected_purchases * worth, 0.001)
