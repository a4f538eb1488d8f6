from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common_figures import JANUARY, MARCH, FiguresCase

COUNTS = ["won_count:sum", "lost_count:sum", "derail_count:sum", "recycled_count:sum"]
RATES = ["win_rate:avg", "win_rate_broad:avg", "win_rate_value:avg"]


@tagged("post_install", "-at_install")
class TestWinRate(FiguresCase):
    """The sheet in the docstring of sales.outcome.report, and what does not count."""

    def _rounded(self, values):
        return tuple(round(value, 3) if value is not False else None for value in values)

    def test_by_close_date(self):  # SA-4: the win-rate case
        deals = self._win_rate_case()
        domain = [("lead_id", "in", deals.ids), ("outcome", "!=", "open")]
        rows, _groups = self._group("sales.outcome.report", domain, "closed_at:month", COUNTS)
        self.assertEqual(list(rows.values()), [(3, 4, 2, 0), (1, 0, 0, 2)])
        rates, _groups = self._group("sales.outcome.report", domain, "closed_at:month", RATES)
        self.assertEqual(
            [self._rounded(row) for row in rates.values()],
            [(0.429, 0.333, 0.429), (1.0, 0.333, 1.0)])

    def test_by_cohort(self):  # SA-4: the win-rate case
        deals = self._win_rate_case()
        domain = [("lead_id", "in", deals.ids)]
        measures = [*COUNTS, "open_count:sum", "deal_count:sum"]
        rows, _groups = self._group("sales.outcome.report", domain, "created_at:month", measures)
        self.assertEqual(list(rows.values()), [(4, 4, 2, 2, 88, 100)])
        [rates] = self._group(
            "sales.outcome.report", domain, "created_at:month",
            [*RATES, "cohort_rate:avg", "cohort_rate_broad:avg", "closed_share:avg",
             "won_amount:sum"])[0].values()
        self.assertEqual(
            self._rounded(rates), (0.5, 0.333, 0.636, 0.042, 0.04, 0.12, 7000.0))

    def test_total_is_drill_down(self):  # SA-4
        deals = self._win_rate_case()
        domain = [("lead_id", "in", deals.ids)]
        for groupby in ("closed_at:month", "created_at:month", "user_id", "outcome"):
            for measure in ("won_count", "deal_count", "won_amount", "decided_amount"):
                self.assertOpensWhatItCounts("sales.outcome.report", domain, groupby, measure)

    def test_list_says_what_the_pivot_says(self):  # SA-4: the same through the list's own read
        deals = self._win_rate_case()
        report = self.env["sales.outcome.report"].with_user(self.max)
        found = report.web_read_group(
            [("lead_id", "in", deals.ids)], ["outcome"], ["won_count:sum", "win_rate:avg"])
        self.assertEqual(
            {group["outcome"]: group["__count"] for group in found["groups"]},
            {"won": 4, "lost": 4, "recycled": 2, "derail": 2, "open": 88})

    def test_what_is_not_counted(self):  # SA-4: leads, paused deals, merged ones
        with self.at(JANUARY):
            lead, lost_lead = self._create_deals(2, type="lead")
            paused, head, tail = self._create_deals(3)
        self._lose(lost_lead, MARCH)
        paused.action_archive()
        (head | tail).merge_opportunity()
        known = lead | lost_lead | paused | (head | tail).exists()
        rows = self.env["sales.outcome.report"].search([("lead_id", "in", known.ids)])
        self.assertEqual(rows.lead_id, (head | tail).exists())
        self.assertEqual((lost_lead.sales_outcome, paused.sales_outcome), ("lost", "open"))

    def test_reason_declared_no_deal_later(self):  # SA-4: holds for the past, too
        deal = self._create_deal()
        self._lose(deal, MARCH)
        row = self.env["sales.outcome.report"].search([("lead_id", "=", deal.id)])
        self.assertEqual((row.outcome, row.lost_count), ("lost", 1))
        self.too_dear.is_derail = True
        row.invalidate_recordset()
        self.assertEqual((row.outcome, row.lost_count, row.derail_count), ("derail", 0, 1))

    def test_reason_is_one_or_the_other(self):  # SA-4
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.spam.is_recycle = True
            self.env.flush_all()

    def test_loss_reasons(self):  # SA-13: by reason and by the stage in which it was lost
        deals = self._create_deals(3, stage_id=self.stage_offer.id)
        fresh = self._create_deal(expected_revenue=500.0)
        self._lose(deals, MARCH)
        self._lose(fresh, MARCH, self.spam)
        domain = [
            ("outcome", "in", ("lost", "recycled", "derail")),
            ("lead_id", "in", (deals | fresh).ids)]
        rows, _groups = self._group(
            "sales.outcome.report", domain, "stage_id", ["deal_count:sum", "amount:sum"])
        self.assertEqual(rows, {"Offer": (3, 3000.0), "Fresh": (1, 500.0)})
        self.assertOpensWhatItCounts("sales.outcome.report", domain, "lost_reason_id", "amount")

    def _mark_lost_to(self, competitor, deals, reason):
        self.env["crm.lead.lost"].with_user(self.ines).create({
            "lead_ids": [(6, 0, deals.ids)], "lost_reason_id": reason.id,
            "competitor_id": competitor.id}).action_lost_reason_apply()

    def test_losses_by_competitor(self):  # SA-13
        deals = self._create_deals(3, expected_revenue=400.0)
        theirs = self.env["sales.competitor"].with_user(self.ines).create({"name": "Mill & Co"})
        with self.at(MARCH):
            self._mark_lost_to(theirs, deals[:2], self.too_dear)
            self._lose(deals[2], MARCH)
        counted, _groups = self._group(
            "sales.outcome.report", [("lead_id", "in", deals.ids)], "lost_competitor_id",
            ["lost_count:sum", "amount:sum"])
        self.assertEqual(counted, {"Mill & Co": (2, 800.0), False: (1, 400.0)})
        deals[0].action_restore()
        self.assertFalse(deals[0].lost_competitor_id, "a reopened deal is lost to nobody")
        self.assertEqual(deals[1].lost_competitor_id, theirs)
        self._mark_lost_to(theirs, deals[0], self.not_now)
        self.assertEqual((deals[0].sales_outcome, deals[0].lost_competitor_id), (
            "recycled", theirs))
        deals[0].action_restore()
        self.assertFalse(deals[0].lost_competitor_id, "nor is one that comes back")

    def test_money_of_two_companies(self):  # SA-4: one currency, at today's rate
        home = self.env.company
        dollar = self.env["res.currency"].with_context(active_test=False).search(
            [("id", "!=", home.currency_id.id)], limit=1)
        dollar.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", dollar.id)]).unlink()
        self.env["res.currency.rate"].create({
            "currency_id": dollar.id, "rate": 4.0, "name": "2020-01-01",
            "company_id": home.id})
        abroad = self.env["res.company"].create({"name": "Abroad", "currency_id": dollar.id})
        self.max.company_ids += abroad
        here = self._create_deal(company_id=home.id)
        there = self._create_deal(
            company_id=abroad.id, user_id=False, team_id=False, expected_revenue=400.0)
        self._win(here | there, MARCH)
        report = self.env["sales.outcome.report"].with_user(self.max).with_context(
            allowed_company_ids=(home | abroad).ids)
        domain = [("lead_id", "in", (here | there).ids)]
        [[amount]] = report._read_group(domain, [], ["won_amount:sum"])
        self.assertAlmostEqual(amount, 1000.0 + 400.0 / 4)
        alone = report.with_context(allowed_company_ids=home.ids)
        self.assertEqual(alone.search(domain).lead_id, here)

    def test_many_deals_cost_one_statement(self):  # P-6
        report = self.env["sales.outcome.report"]
        for count in (10, 100):
            deals = self._create_deals(count)
            self.env.flush_all()
            report._read_group([("lead_id", "in", deals.ids)], ["user_id"], RATES)
            with self.assertQueryCount(1):
                report._read_group([("lead_id", "in", deals.ids)], ["user_id"], RATES)
