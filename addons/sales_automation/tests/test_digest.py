from datetime import datetime, timedelta

from odoo.tests import tagged

from .common_figures import MARCH, FiguresCase

WINDOW = {"start_datetime": datetime(2026, 2, 1), "end_datetime": datetime(2026, 4, 1)}


@tagged("post_install", "-at_install")
class TestDigest(FiguresCase):
    """The digest says what the reports say, and to whom it may."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A company of its own: nothing else counts in its digest.
        cls.company = cls.env["res.company"].create({"name": "Mail-order"})
        cls.boss = cls._create_user(
            "boris", "sales_team.group_sale_manager", company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)])
        cls.digest = cls.env["digest.digest"].create({
            "name": "Weekly", "company_id": cls.company.id, "user_ids": [(6, 0, cls.boss.ids)],
            **{f"kpi_sales_{name}": True for name in (
                "won", "won_amount", "win_rate", "new", "no_step", "overdue", "forecast")}})

    def _deals(self, **kw):
        return self._win_rate_case(
            company_id=self.company.id, user_id=False, team_id=False, **kw)

    def _values(self, user=None, **window):
        digest = self.digest.with_user(user or self.boss).with_company(self.company).with_context(
            **{**WINDOW, **window})
        digest.invalidate_recordset()
        return digest

    def test_totals_are_those_of_the_report(self):  # SA-4, SA-21: the win-rate case
        deals = self._deals()
        digest = self._values()
        domain = [("lead_id", "in", deals.ids), ("closed_at", ">=", "2026-02-01 00:00:00"),
                  ("closed_at", "<", "2026-04-01 00:00:00")]
        [row] = self._group(
            "sales.outcome.report", domain, None,
            ["won_count:sum", "won_amount:sum", "win_rate:avg"], self.boss)[0].values()
        self.assertEqual(row, (4, 7000.0, 0.5))
        self.assertEqual(digest.kpi_sales_won_value, 4)
        self.assertEqual(digest.kpi_sales_won_amount_value, 7000.0)
        self.assertEqual(digest.kpi_sales_win_rate_value, 50.0)
        self.assertEqual(digest.kpi_sales_new_value, 0)
        january = self._values(start_datetime=datetime(2026, 1, 1))
        self.assertEqual(january.kpi_sales_new_value, 100)

    def _create_homeless(self, user):
        """A deal without a company, of a salesperson; core would give it his."""
        deal = self._create_deal(company_id=False, user_id=False, team_id=False)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET user_id = %s WHERE id = %s", [user.id, deal.id])
        self.env.invalidate_all()
        self.assertFalse(deal.company_id)
        return deal

    def test_next_steps_of_another_companys_deals(self):  # SA-5, SA-20, SA-21
        self._create_deal(company_id=self.company.id, user_id=False, team_id=False)
        before = self._values().kpi_sales_no_step_value
        planned = self._create_homeless(self.ines)
        planned.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.ines.id, date_deadline="2099-03-20")
        self.assertTrue(planned.has_next_action)
        self.assertEqual(self._values().kpi_sales_no_step_value, before)

    def test_deals_without_a_company_count(self):  # SA-20, SA-21: in their salesperson's company
        deal = self._create_homeless(self.boss)
        self._win(deal, MARCH)
        digest = self._values()
        self.assertGreaterEqual(digest.kpi_sales_won_amount_value, 1000.0)
        self.assertGreaterEqual(digest.kpi_sales_won_value, 1)

    def test_a_lead_in_a_won_stage_is_no_deal(self):  # SA-21: as in the reports
        before = self._values().kpi_sales_won_value
        lead = self._create_deal(type="lead")
        self._win(lead, MARCH)
        self.assertEqual(lead.sales_outcome, "won")
        self.assertEqual(self._values().kpi_sales_won_value, before)

    def test_next_steps_and_promises(self):  # SA-5, SA-11, SA-21
        with self.at("2026-03-10 09:00:00"):
            before = self._values().kpi_sales_forecast_value
            deals = self._create_deals(
                4, company_id=self.company.id, user_id=False, team_id=False)
            deals[:2].write({"date_deadline": "2026-03-31", "forecast_category_manual": "commit"})
            deals[2].write({"date_deadline": "2026-04-01", "forecast_category_manual": "commit"})
            deals[3].write({"stage_id": self.stage_won.id})
            deals[0].activity_schedule(
                "mail.mail_activity_data_call", user_id=self.boss.id, date_deadline="2026-03-20")
            digest = self._values()
            self.assertEqual(digest.kpi_sales_forecast_value - before, 3000.0)
            open_deals = self.env["crm.lead"].with_user(self.boss).search(
                [("type", "=", "opportunity"), ("sales_outcome", "=", "open")])
            missing = open_deals.filtered(lambda deal: not deal.has_next_action)
            self.assertIn(deals[1], missing)
            self.assertAlmostEqual(
                digest.kpi_sales_no_step_value, 100 * len(missing) / len(open_deals))

    def test_missed_hand_offs(self):  # SA-8, SA-21
        with self.at("2026-03-02 09:00:00"):
            handoff = self._hand_off(self._create_deal(company_id=False), self.finn)
            before = self._values().kpi_sales_overdue_value
        self.assertTrue(handoff)
        with self.at("2026-03-04 09:00:00"):
            self._run_cron("ir_cron_expire_handoffs")
            self.env.invalidate_all()
            handoff = handoff.exists()
            self.assertTrue(handoff.escalated_at)
            self.assertEqual(self._values().kpi_sales_overdue_value, before + 1)

    def test_only_for_people_in_sales(self):  # ALL-4
        clerk = self._create_user(
            "cora", "base.group_user", company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)])
        shown = self.digest._compute_kpis(self.company, clerk)
        self.assertFalse([kpi for kpi in shown if kpi["kpi_name"].startswith("kpi_sales")])
        names = {kpi["kpi_name"] for kpi in self.digest._compute_kpis(self.company, self.boss)}
        self.assertLessEqual({"kpi_sales_won_amount", "kpi_sales_win_rate"}, names)

    def test_nothing_decided_is_no_zero(self):  # SA-4, SA-21
        def shown():
            return next(
                kpi for kpi in self.digest._compute_kpis(self.company, self.boss)
                if kpi["kpi_name"] == "kpi_sales_win_rate")["kpi_col1"]["value"]

        self.assertEqual(shown(), "–")
        deal = self._create_deal(company_id=self.company.id, user_id=False, team_id=False)
        self._lose(deal, datetime.now() - timedelta(hours=2))
        self.assertEqual(shown(), "0.00", "all lost is a rate")

    def test_the_mail_links_to_the_screens(self):  # SA-21
        actions = self.digest._compute_kpis_actions(self.company, self.boss)
        for name in ("won_amount", "win_rate", "new", "no_step", "overdue", "forecast"):
            xmlid = actions[f"kpi_sales_{name}"].split("?")[0]
            self.assertTrue(self.env.ref(xmlid))
