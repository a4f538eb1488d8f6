from odoo.tests import tagged

from .common import SalesDeskCase
from .test_clock import DAY_1, DAY_2, DAY_3


@tagged("post_install", "-at_install")
class TestReport(SalesDeskCase):
    """Figures that say how they were made: what does not count is not a zero."""

    def _rates(self, deals):
        [row] = self.env["sales.outcome.report"]._read_group(
            [("lead_id", "in", deals.ids)], [],
            ["win_rate:avg", "win_rate_broad:avg", "closed_share:avg", "won_count:sum",
             "lost_count:sum", "recycled_count:sum", "open_count:sum", "won_amount:sum"])
        return row

    def test_win_rates(self):  # SA-4 (first cut)
        deals = self._create_deals(8)
        deals[:3].write({"stage_id": self.stage_won.id})
        deals[3:4].action_set_lost(lost_reason_id=self.too_dear.id)
        deals[4:6].action_set_lost(lost_reason_id=self.not_now.id)
        narrow, broad, closed, won, lost, put_off, still_open, amount = self._rates(deals)
        self.assertEqual((won, lost, put_off, still_open), (3, 1, 2, 2))
        self.assertAlmostEqual(narrow, 3 / 4)
        self.assertAlmostEqual(broad, 3 / 6)
        self.assertAlmostEqual(closed, 6 / 8)
        self.assertEqual(amount, 3000.0)

    def test_nothing_closed_is_no_rate(self):  # SA-4
        self.assertIs(self._rates(self._create_deals(2))[0], False, "empty, not 0.0")

    def test_archiving_moves_no_figure(self):  # SA-2, SA-4
        with self.at(DAY_1):
            deal = self._create_deal()
        with self.at(DAY_2):
            deal.stage_id = self.stage_won
        with self.at(DAY_3):
            deal.action_archive()
        row = self.env["sales.outcome.report"].search([("lead_id", "=", deal.id)])
        self.assertEqual((str(row.closed_at), row.outcome), (DAY_2, "won"))

    def test_cycle_ends_with_the_first_order(self):  # SA-3 (first cut)
        deal = self._create_deal(partner_id=self.env["res.partner"].create({"name": "P"}).id)
        deal.stage_id = self.stage_won
        self.env["sale.order"].create({
            "partner_id": deal.partner_id.id, "opportunity_id": deal.id}).action_confirm()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = %s, won_at = %s WHERE id = %s",
            (DAY_1, DAY_3, deal.id))
        self.env.cr.execute(
            "UPDATE sale_order SET date_order = %s WHERE opportunity_id = %s", (DAY_2, deal.id))
        row = self.env["sales.outcome.report"].search([("lead_id", "=", deal.id)])
        self.assertAlmostEqual(row.cycle_days, 1.0)

    def test_stage_times(self):  # SA-1, SA-3: the moment of winning is no stay of 0 days
        with self.at(DAY_1):
            deal = self._create_deal()
        with self.at(DAY_2):
            deal.stage_id = self.stage_won
        rows = self.env["sales.stage.report"].search([("lead_id", "=", deal.id)])
        self.assertEqual(rows.mapped(lambda row: (row.stage_id, row.days)), [(self.stage_new, 1.0)])
        running = self.env["sales.stage.report"].search(
            [("lead_id", "=", self._create_deal().id)])
        self.assertTrue(running.is_current)
        self.assertLess(running.days, 1.0)

    def test_duration_in_words(self):  # SA-1
        with self.at(DAY_1):
            deal = self._create_deal()
        with self.at("2026-03-05 13:30:00"):
            self.assertEqual(deal.stage_history_ids.duration, "3 d 4 h")
            deal.stage_id = self.stage_won
            self.assertEqual(
                [stay.duration for stay in deal.stage_history_ids], [False, "3 d 4 h"])

    def test_digest(self):  # SA-21 (first cut)
        deal = self._create_deal(company_id=self.env.company.id)
        deal.stage_id = self.stage_won
        self._hand_off(self._create_deal(), self.finn).with_user(self.finn).action_accept()
        digest = self.env["digest.digest"].create({"name": "Weekly", "kpi_sales_won": True})
        self.assertGreaterEqual(digest.with_user(self.max).kpi_sales_won_value, 0)
        digest.invalidate_recordset()
        wide = digest.with_context(
            start_datetime=self.env.cr.now().replace(year=2000),
            end_datetime=self.env.cr.now().replace(year=2100))
        self.assertGreaterEqual(wide.kpi_sales_won_value, 1)
        self.assertGreaterEqual(wide.kpi_sales_handoff_value, 1)
