"""Costs of retention, and who stayed as the test tells it."""
from datetime import datetime
from unittest.mock import patch

from .common import CareCommon

NIGHT = datetime(2026, 5, 12, 1, 0, 0)


class CostCommon(CareCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.costs = cls.env["care.retention.cost"].sudo()
        cls.periods = cls.env["care.cost.period"].sudo()
        cls.churns = cls.env["care.churn.period"].sudo()
        cls.category = cls.env["care.retention.category"].sudo().create({"name": "Test staff"})
        cls.company.care_cost_close_days = 10

    def setUp(self):
        super().setUp()
        #: {(grain, start): (active at the start, retained)}
        self.retention = {}
        # how it comes to be printed who stayed is another story: here it is told
        found = patch.object(
            type(self.churns), "_deciding", autospec=True,
            side_effect=lambda churns, company, grain, start: self._told(grain, start))
        found.start()
        self.addCleanup(found.stop)

    def _told(self, grain, start):
        """Who stayed, printed as the test tells it; nobody where it tells nothing."""
        place = {"company_id": self.company.id, "span": grain, "date_from": start,
                 "kind": "purchases", "state": "printed"}
        active, retained = self.retention.get((grain, start), (0, 0))
        return self.churns.search([(name, "=", value) for name, value in place.items()]) or \
            self.churns.create(place | {
                "last_month": start, "active_start": active, "retained": retained})

    @classmethod
    def _create_cost(cls, start, end=None, amount=100, percent=100, **values):
        return cls.costs.create({
            "name": "Test cost", "company_id": cls.company.id, "category_id": cls.category.id,
            "date_from": start, "date_to": end or start, "amount": amount, "percent": percent,
            **values})

    def _lines(self):
        self.env.flush_all()
        return self.env["care.cost.report"].sudo().with_company(self.company).with_context(
            allowed_company_ids=self.company.ids).search(
                [("company_id", "=", self.company.id)], order="day, id")

    def _night(self, now=NIGHT):
        self.env["care.night"].sudo()._run_steps(self.company, now, "cost")

    def _period(self, grain, start):
        return self.periods.search([
            ("company_id", "=", self.company.id), ("grain", "=", grain),
            ("date_from", "=", start)])
