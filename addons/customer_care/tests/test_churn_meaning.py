"""Churn: what a frozen month means, in SQL and in the engine."""
import random
from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo.addons.customer_care.engine import churn
from odoo.addons.customer_care.models.care_churn_period import Terms
from odoo.addons.customer_care.models.care_figures import Scope
from odoo.tests import tagged
from odoo.tools import SQL

from .common_churn import JANUARY, ChurnCommon

#: Columns of a frozen row that engine/churn.py tells.
TOLD = {
    "month": "month", "status_start": "status_start", "status_end": "status_end",
    "event": "event", "purchases": "purchases", "revenue": "revenue",
    "revenue_before": "before", "revenue_after": "after", "limit_days": "limit",
    "lost_on": "lost_on",
}


@tagged("post_install", "-at_install")
class TestMeaning(ChurnCommon):

    def test_sql_says_what_the_engine_says(self):  # CC-10
        """Random customers, random rules: every frozen row is what engine/churn.py tells."""
        draw = random.Random(11)
        self.env["care.status.rule"].sudo().create([
            {"name": "Big", "sequence": 15, "status": "loyal", "revenue_min": 2500,
             "company_id": self.company.id},
            {"name": "Old", "sequence": 16, "status": "churned", "silence_from": 400,
             "unit": "day", "company_id": self.company.id},
        ])
        partners = self.env["res.partner"].create([{"name": f"R{n}"} for n in range(150)])
        buys = {partner: sorted(draw.sample(range(1100), draw.choice((1, 2, 3, 5, 9, 30))))
                for partner in partners}
        lines = [
            (partner.id, date.fromordinal(date(2023, 1, 1).toordinal() + day),
             draw.choice((20.0, 100.0, 333.0)))
            for partner, days in buys.items() for day in days
        ]
        months = [churn.next_month(JANUARY, n) for n in range(14)]
        for mode in ("rhythm", "probability", "fixed"):
            seen = set()
            self.company.care_lapse_mode = mode
            definition = self.env["care.churn.definition"].sudo()._today(self.company, JANUARY)
            few = [20.0, 15.0, 30.0, 45.0, 60.0, 75.0, 99.0]
            terms = {month: Terms(draw.choice((0.0, 25.0, 61.5)), few) for month in months}
            found = self._read_months(partners, lines, definition, terms)
            for partner in partners:
                expected = self._tell_months(partner, lines, definition, terms)
                self.assertEqual(found.get(partner.id, []), expected, partner.name)
                seen |= {row["event"] for row in expected}
            self.assertGreaterEqual(seen, {"new", "retained", "lost", "reactivated"})

    def _read_months(self, partners, lines, definition, terms):
        stream = SQL("SELECT * FROM unnest(%s::int[], %s::date[], %s::numeric[])"
                     " t (partner_id, day, amount)", *map(list, zip(*lines, strict=True)))
        purchases = type(self.env["care.purchases"])
        with patch.object(purchases, "_query_purchase_days", lambda *a, **kw: stream), \
             patch.object(purchases, "_query_turnover",
                          lambda self, company, scope, since=None, until=None: SQL(
                              "SELECT * FROM (%s) s WHERE day < %s", stream, until)):
            rows = self.env.execute_query_dict(self.env["care.churn.history"]._query_months(
                self.company, Scope(ids=tuple(partners.ids)), definition, terms))
        found = {}
        for row in sorted(rows, key=lambda row: row["month"]):
            found.setdefault(row["partner_id"], []).append(self._rounded(
                {name: row[name] for name in TOLD}))
        return found

    def _tell_months(self, partner, lines, definition, terms):
        own = [(day, amount) for who, day, amount in lines if who == partner.id]
        rules = definition._to_rules()._to_engine()
        first = min(terms)
        story = churn.months_of(
            [day for day, _amount in own], own, rules,
            lambda month: definition._to_pace(terms[month].pool or None, terms[month].few),
            first, max(terms))
        return [self._rounded({name: getattr(month, told) for name, told in TOLD.items()})
                for month in story]

    def _rounded(self, row):
        return {name: round(float(value), 6) if isinstance(value, int | float) or hasattr(
            value, "as_tuple") else value for name, value in row.items()}


@tagged("post_install", "-at_install")
class TestProbability(ChurnCommon):

    def test_one_time_buyers_by_the_chance_of_buying_again(self):  # CC-10
        """The limits of the published model: 78 days after one purchase, with 365 to come."""
        model = self.env["care.model"].sudo().create({
            "company_id": self.company.id, "state": "used", "fitted_on": date(2025, 1, 1),
            "r": 0.243, "alpha": 4.414 * 7, "a": 0.793, "b": 2.426})
        self.company.write({"care_lapse_days": 365, "care_lapse_mode": "probability",
                            "care_forecast": True, "care_close_days": 0})
        once = self._buys("Once", date(2025, 1, 10))
        twice = self._buys("Twice", date(2025, 1, 10), date(2025, 2, 9))
        self.nights._run_steps(self.company.sudo(), datetime(2025, 2, 1, 1), "limits")
        self.assertEqual(self.company.care_silence_limits[0], 78)
        for month in (2, 3, 4, 5):
            self._night(date(2025, month, 1))
            evening = datetime(2025, month, 1, 12) - timedelta(days=1)
            self._count(once, twice, now=evening)
            for partner in (once, twice):
                self.assertEqual(self._story(partner)[-1].status_end, self._care(partner).status,
                                 (month, partner.name))
        self.assertEqual(self._story(once)[-1].lost_on, date(2025, 3, 30))
        self.assertFalse(self._story(twice)[-1].lost_on)
        self.assertIn("limit of 78 days", self._care(once).story)
        self.assertIn("limit of 169 days", self._care(twice).story)
        self.assertFalse(self.corrections.search([("company_id", "=", self.company.id)]))
        model.state = "refused"
        self.nights._run_steps(self.company.sudo(), datetime(2025, 5, 2, 1), "limits")
        self.assertFalse(self.company.care_silence_limits, "fixed days without a model")
        self.env.invalidate_all()
        self.assertIn("limit of 365 days", self._care(once).story)

    def test_fixed_days_for_everybody(self):  # CC-10
        self.company.write({"care_lapse_mode": "fixed", "care_lapse_days": 50})
        often = self._buys("Often", *(date(2025, 1, day) for day in (2, 4, 6, 8, 10)))
        self._night(date(2025, 2, 4))
        self.assertIn("takes everybody for lost after 50 days", self._care(often).story)
        self._night(date(2025, 3, 4))
        self.assertEqual(self._story(often).mapped("event"), ["new", "retained"])
        self._night(date(2025, 4, 4))
        self.assertEqual(self._story(often)[-1].lost_on, date(2025, 3, 2))
