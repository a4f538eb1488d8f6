from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common_figures import FiguresCase

BEGIN = fields.Datetime.to_datetime("2026-01-05 08:00:00")


@tagged("post_install", "-at_install")
class TestCycle(FiguresCase):
    """From the first touch to the first confirmed order: median, mean, p90 and n."""

    def _won_after(self, days, **kw):
        with self.at(BEGIN):
            deal = self._create_deal(**kw)
        self._win(deal, BEGIN + timedelta(days=days))
        return deal

    def _figures(self, deals, groupby=None):
        measures = ["won_count:sum", "cycle_median:avg", "cycle_days:avg", "cycle_p90:avg"]
        return self._group(
            "sales.cycle.report", [("lead_id", "in", deals.ids)], groupby, measures)[0]

    def test_median_mean_p90_n(self):  # SA-3: by hand
        # 2, 4, 6, 8, 100 days: median 6, mean 24, p90 = 8 + 0.6 * 92 (between 4th and 5th)
        deals = self.env["crm.lead"].union(
            *[self._won_after(days) for days in (2, 4, 6, 8, 100)])
        [row] = self._figures(deals).values()
        self.assertEqual(tuple(round(value, 6) for value in row), (5, 6.0, 24.0, 63.2))

    def test_a_total_is_no_mean_of_medians(self):  # SA-3
        ines = self.env["crm.lead"].union(*[self._won_after(days) for days in (1, 2, 9)])
        finn = self.env["crm.lead"].union(*[
            self._won_after(days, user_id=self.finn.id, team_id=self.team_field.id)
            for days in (20, 40)])
        rows = self._figures(ines | finn, "user_id")
        self.assertEqual({name: row[1] for name, row in rows.items()}, {"Ines": 2.0, "Finn": 30.0})
        [total] = self._figures(ines | finn).values()
        self.assertEqual(total[:2], (5, 9.0))
        self.assertOpensWhatItCounts(
            "sales.cycle.report", [("lead_id", "in", (ines | finn).ids)], "user_id", "won_count")

    def test_begins_with_the_first_touch_and_ends_with_the_first_order(self):  # SA-3
        deal = self._won_after(30)
        deal.sudo().write({
            "first_touch_at": BEGIN - timedelta(days=10), "first_touch_origin": "click"})
        row = self.env["sales.cycle.report"].search([("lead_id", "=", deal.id)])
        self.assertAlmostEqual(row.cycle_days, 40.0)
        self.assertEqual(row.touch_origin, "click")
        self._order(deal, BEGIN + timedelta(days=25), 100)
        self._order(deal, BEGIN + timedelta(days=20), 100)
        row.invalidate_recordset()
        self.assertAlmostEqual(row.cycle_days, 30.0)

    def test_sales_only_begins_with_the_acceptance(self):  # SA-3
        with self.at(BEGIN):
            deal, own, lead = self._create_deals(3)
            lead.type = "lead"
            handoff = self._hand_off(deal, self.finn)
        with self.at(BEGIN + timedelta(days=4)):
            handoff.with_user(self.finn).action_accept()
            lead.convert_opportunity(False)
        deals = deal | own | lead
        self._win(deals, BEGIN + timedelta(days=10))
        rows = self.env["sales.cycle.report"].search([("lead_id", "in", deals.ids)])
        self.assertEqual(
            {row.lead_id: (round(row.cycle_days, 3), round(row.sales_days, 3)) for row in rows},
            {deal: (10.0, 6.0), own: (10.0, 10.0), lead: (10.0, 6.0)})

    def test_only_won_deals(self):  # SA-3
        lost = self._create_deal()
        self._lose(lost, BEGIN)
        self.assertFalse(self.env["sales.cycle.report"].search_count(
            [("lead_id", "in", (lost | self._create_deal()).ids)]))

    def test_stage_median(self):  # SA-3: per stage
        deals = self.env["crm.lead"].union(*[self._won_after(days) for days in (1, 2, 12)])
        rows, _groups = self._group(
            "sales.stage.report", [("lead_id", "in", deals.ids)], "stage_id",
            ["days_median:avg", "days:avg", "stay_count:sum"])
        self.assertEqual(rows, {"Fresh": (2.0, 5.0, 3)})

    def test_category_of_the_biggest_line(self):  # SA-13
        category = self.env["product.category"].create({"name": "Machines"})
        machine = self.env["product.product"].create({"name": "M", "categ_id": category.id})
        deal = self._won_after(3)
        self._order(deal, BEGIN, 10)
        self._order(deal, BEGIN, 900, machine)
        row = self.env["sales.cycle.report"].search([("lead_id", "=", deal.id)])
        self.assertEqual(row.categ_id, category)
