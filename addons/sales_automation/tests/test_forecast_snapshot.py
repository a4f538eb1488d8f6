from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_forecast import MARCH, ForecastCase

MONDAY_2 = "2026-03-02 09:00:00"
MONDAY_9 = "2026-03-09 09:00:00"
APRIL = "2026-04-03 09:00:00"


@tagged("post_install", "-at_install")
class TestForecastSnapshot(ForecastCase):
    """What was said stays; later it is set against what came."""

    def _rows(self, *, company=None, **kw):
        domain = [("company_id", "=", (company or self.house).id)]
        return self.env["sales.forecast.snapshot"].search(
            domain + [(name, "=", value) for name, value in kw.items()])

    def _take(self):
        self.env["sales.forecast.snapshot"]._take(self.house)
        self.env.invalidate_all()

    def test_it_is_the_screen_and_is_replaced_on_the_same_day(self):  # SA-12
        with self.at(MONDAY_2):
            self._populate()
            self._adjust(self.max, -250, team_id=self.team_field.id)
            self._take()
            board = self._desk().get_forecast(*MARCH)
            first = self._rows()
            self._take()
            march = {"period_kind": "month", "date_start": "2026-03-01"}
            sums = {
                category: sum(rows.mapped("amount")) for category, rows
                in self._rows(level="person", **march).grouped("category").items()}
            said = self._rows(level="company", **march)
            field = self._rows(level="team", team_id=self.team_field.id, **march)
        self.assertFalse(first.exists(), "replaced")
        self.assertEqual(len(self._rows()), len(first))
        self.assertEqual(
            {name: sums[name] for name in ("closed", "commit", "best_case", "pipeline")},
            # The deal of 9 March is no slip yet.
            {"closed": 1000, "commit": 2500, "best_case": 300, "pipeline": 4070})
        self.assertEqual(said.amount, self._row(board)["forecast"])
        self.assertEqual((said.amount, field.amount), (3250, 1750))
        quarter = self._rows(level="company", period_kind="quarter", date_start="2026-04-01")
        self.assertEqual(quarter.amount, 0, "the deal of 7 in April is pipeline, not promised")

    def test_the_deals_that_are_kept_are_not_read(self):  # SA-12, P-11: may be all there are
        with self.at(MONDAY_2):
            self._populate()
            self.env.flush_all()
            deals, today = self.env["sales.forecast.snapshot.deal"], fields.Date.today()
            kept = self.env.execute_query(deals._query_take(self.house, today, today))
        self.assertEqual(kept, [])

    def test_once_a_week_and_never_invented(self):  # SA-12
        snapshots = self.env["sales.forecast.snapshot"]
        self.house.sales_snapshot_weekday = "2"  # Wednesday
        with self.at("2026-03-04 09:00:00"):
            self.assertTrue(snapshots._is_due(self.house))
            self._take()
        for day, due in (("04", False), ("06", False), ("10", False), ("11", True), ("13", True)):
            with self.at(f"2026-03-{day} 12:00:00"):
                self.assertEqual(snapshots._is_due(self.house), due, day)
        with self.at("2026-04-16 09:00:00"):
            self._run_cron("ir_cron_take_snapshots")
        self.assertEqual(
            sorted(set(self._rows().mapped(lambda row: str(row.taken_on)))),
            ["2026-03-04", "2026-04-16"])

    def test_only_managers_take_them_by_hand(self):  # ALL-4
        with self.assertRaises(AccessError):
            self.env["sales.forecast.snapshot"].with_user(self.lea).action_take_now()
        with self.at(MONDAY_2):
            self.env["sales.forecast.snapshot"].with_user(self.max).with_context(
                allowed_company_ids=self.house.ids).action_take_now()
        self.assertTrue(self._rows())

    def test_companies_stay_apart(self):  # ALL-4, SA-12
        other = self.env["res.company"].create({"name": "Other"})
        with self.at(MONDAY_2):
            self._populate()
            self._create_deal(company_id=other.id, team_id=False, user_id=False)
            self._take()
            self.env["sales.forecast.snapshot"]._take(other)
            theirs = self._rows(company=other, category="pipeline", period_kind="month")
            mine = self._rows(category="pipeline", period_kind="month", date_start="2026-03-01")
        self.assertEqual(theirs.mapped("amount"), [1000])
        self.assertEqual(sum(mine.mapped("amount")), 4070)
        visible = self.env["sales.forecast.snapshot"].with_user(self.max).with_context(
            allowed_company_ids=self.house.ids).search([])
        self.assertNotIn(other, visible.company_id)

    def test_a_person_reads_his_sums_not_the_words_on_him(self):  # ALL-4
        with self.at(MONDAY_2):
            self._populate()
            self._take()
        rows = self.env["sales.forecast.snapshot"].with_user(self.ines).search([])
        self.assertEqual(rows.user_id, self.ines)
        self.assertNotIn("forecast", rows.mapped("category"))

    def test_a_leader_compares_his_teams(self):  # SA-12: the company's word is not his
        leader = self._create_user(
            "leo", "sales_team.group_sale_salesman", company_id=self.house.id,
            company_ids=[fields.Command.set(self.house.ids)])
        self.team_field.user_id = leader
        with self.at(MONDAY_2):
            self._populate()
            self._take()
        with self.at(MONDAY_9):
            self._create_deal(user_id=self.finn.id, team_id=self.team_field.id,
                              stage_id=self.stage_offer.id, expected_revenue=90)
            boards = [self._desk(user).get_forecast(*MARCH) for user in (leader, self.finn)]
        for board in boards:
            self.assertEqual(self._row(board)["change"], 90)

    def test_what_changed_by_hand(self):  # SA-12
        with self.at(MONDAY_2):
            larger, smaller, won, lost, out, same, omitted = self._create_deals(7)
            passed = self._create_deal(date_deadline="2026-03-05")
            came = self._create_deal(date_deadline="2026-05-05", expected_revenue=60)
            self._take()
        with self.at(MONDAY_9):
            larger.expected_revenue = 1300
            smaller.expected_revenue = 900
            won.action_set_won()
            lost.action_set_lost(lost_reason_id=self.too_dear.id)
            out.date_deadline = "2026-04-05"
            omitted.forecast_category = "omitted"
            came.date_deadline = "2026-03-31"
            fresh = self._create_deal(expected_revenue=40)
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE crm_lead SET create_date = %s WHERE id = ANY(%s)",
                ("2026-03-01", (larger | came).ids))
            self.env.cr.execute(
                "UPDATE crm_lead SET create_date = %s WHERE id = %s", (MONDAY_9, fresh.id))
            self.env.invalidate_all()
            changes = self._desk().get_changes(*MARCH)
            told = {step["reason"]: (step["count"], step["amount"]) for step in changes["steps"]}
            slipped = self.env["crm.lead"].search(
                self._desk().open_changed(*MARCH, "overdue")["domain"])
            board = self._desk().get_forecast(*MARCH)
        self.assertEqual((changes["before"], changes["after"]), (8000, 3300))
        self.assertEqual(told, {
            "new": (1, 40), "moved_in": (1, 60), "up": (1, 300), "down": (1, -100),
            "won": (1, -1000), "lost": (1, -1000), "moved_out": (1, -1000),
            "overdue": (1, -1000), "omitted": (1, -1000)})
        self.assertEqual(slipped, passed)
        self.assertEqual(changes["after"], self._row(board)["open"], "what the screen says")
        self.assertEqual(same.expected_revenue, 1000)

    def _live_through_march(self):
        """Ines says 2,000 and wins 1,600; Finn says 1,000 and wins 1,500; Fay says nothing and
        wins nothing, Lea says 500."""
        field = {"team_id": self.team_field.id}
        with self.at(MONDAY_2):
            kept, slipped = self._create_deals(
                2, stage_id=self.stage_offer.id, expected_revenue=1000)
            finns = self._create_deal(
                user_id=self.finn.id, stage_id=self.stage_offer.id, **field)
            self._create_deal(
                user_id=self.lea.id, stage_id=self.stage_offer.id, expected_revenue=500, **field)
            self._take()
        with self.at("2026-03-16 09:00:00"):
            kept.expected_revenue = 1600
            (kept | finns).action_set_won()
            finns.expected_revenue = 1500
            slipped.date_deadline = "2026-04-20"
            self._take()
        return slipped

    def test_accuracy_by_hand(self):  # SA-12, KPI 3
        slipped = self._live_through_march()
        with self.at(APRIL):
            slipped.action_set_won()
            report = self.env["sales.forecast.accuracy"].with_user(self.max).with_context(
                allowed_company_ids=self.house.ids)
            domain = [("period_kind", "=", "month"), ("is_first", "=", True)]
            rows = {row.user_id: row for row in report.search(domain)}
            [team] = report._read_group(
                [*domain, ("team_id", "=", self.team_field.id)], [],
                ["accuracy:avg", "bias:avg", "said:sum", "won:sum"])
            [whole] = report._read_group(
                domain, [], ["accuracy:avg", "bias:avg", "slipped_count:sum"])
            later = report.search([("period_kind", "=", "month"), ("weeks_left", "=", 2),
                                   ("user_id", "=", self.ines.id)])
            action = rows[self.ines].action_open_slipped()
        ines, finn, lea = (rows[user] for user in (self.ines, self.finn, self.lea))
        self.assertEqual((ines.said, ines.won), (2000, 1600))
        self.assertAlmostEqual(ines.accuracy, 0.75)
        self.assertAlmostEqual(ines.bias, 0.25)
        self.assertAlmostEqual(finn.accuracy, 1 - 500 / 1500)
        self.assertEqual((lea.said, lea.won, lea.error), (500, 0, 500))
        self.assertEqual(team[2:], (1500, 1500))
        self.assertAlmostEqual(team[0], 1 - (500 + 500) / 1500, msg="not 100 %: WAPE")
        self.assertAlmostEqual(team[1], 0)
        self.assertAlmostEqual(whole[0], 1 - (400 + 500 + 500) / 3100)
        self.assertAlmostEqual(whole[1], (3500 - 3100) / 3100)
        self.assertEqual(whole[2], 2, "hers that moved to April, and Lea's whose date passed")
        self.assertEqual((ines.slipped_count, ines.slipped_amount), (1, 1000))
        self.assertEqual(self.env["crm.lead"].search(action["domain"]), slipped)
        self.assertEqual((later.said, later.slipped_count), (1600, 0))

    def test_a_deal_handed_over_is_who_promised_its(self):  # SA-9, SA-12
        with self.at(MONDAY_2):
            deal = self._create_deal(stage_id=self.stage_offer.id, expected_revenue=100)
            self._take()
        with self.at(MONDAY_9):
            deal.write({"user_id": self.finn.id, "team_id": self.team_field.id})
            deal.action_set_won()
        with self.at(APRIL):
            rows = self.env["sales.forecast.accuracy"].search([
                ("company_id", "=", self.house.id), ("period_kind", "=", "month"),
                ("date_start", "=", "2026-03-01")])
            told = {row.user_id: (row.said, row.won, row.accuracy) for row in rows if row.won}
        self.assertEqual(told, {self.ines: (100, 100, 1)})

    def test_merged_and_deleted_deals_stay_in_the_past(self):  # SA-12
        with self.at(MONDAY_2):
            kept, merged, deleted = self._create_deals(3, expected_revenue=100)
            self._take()
            march = {"period_kind": "month", "date_start": "2026-03-01"}
            before = self._rows(level="person", **march).mapped("amount")
        with self.at(MONDAY_9):
            deleted.name = "Mistake"
            (kept | merged).merge_opportunity()
            deleted.unlink()
            self.env.flush_all()
            self.env.invalidate_all()
            changes = self._desk().get_changes(*MARCH)
            steps = {step["reason"]: (step["count"], step["amount"]) for step in changes["steps"]}
            action = self._desk().open_changed(*MARCH, "gone")
            gone = self.env[action["res_model"]].with_user(self.max).search(action["domain"])
            others = self._desk(self.finn).get_changes(*MARCH)
        self.assertEqual((changes["before"], changes["after"]), (300, 100))
        self.assertEqual(steps, {"gone": (2, -200)})
        self.assertEqual(gone.mapped("name"), ["Grinder for two plants"] * 2)
        self.assertEqual(self._rows(level="person", **march).mapped("amount"), before)
        self.assertFalse(others["steps"])

    def test_a_won_deal_changed_later_is_what_it_was(self):  # SA-12
        """1,000 won in March; made 700 within March, 1,500 in April, 9,000 in May."""
        with self.at(MONDAY_2):
            deal = self._create_deal(stage_id=self.stage_offer.id)
            self._take()
        with self.at("2026-03-16 09:00:00"):
            deal.action_set_won()
        for moment, amount in (("2026-03-30 09:00:00", 700), (APRIL, 1500),
                               ("2026-04-20 09:00:00", 1600), ("2026-05-04 09:00:00", 9000)):
            with self.at(moment):
                deal.with_user(self.max).expected_revenue = amount
        with self.at("2026-05-05 09:00:00"):
            rows = self.env["sales.forecast.accuracy"].search([
                ("user_id", "=", self.ines.id), ("taken_on", "=", "2026-03-02"),
                ("company_id", "=", self.house.id), ("date_start", "<=", "2026-03-01")])
            self.assertEqual(
                {row.period_kind: (row.said, row.won) for row in rows},
                {"month": (1000, 700), "quarter": (1000, 700)})
            changes = self.env["sales.won.change"].search([("lead_id", "=", deal.id)])
            self.assertEqual(changes.mapped("amount"), [1600, 1500, 700])
            self.assertEqual(changes.changed_by_id, self.max)
        self.assertEqual(deal.expected_revenue, 9000, "the deal itself says what is agreed now")

    def test_nothing_won_is_no_accuracy(self):  # SA-12: empty, not 0
        self._live_through_march()
        with self.at(APRIL):
            [row] = self.env["sales.forecast.accuracy"]._read_group(
                [("user_id", "=", self.lea.id), ("is_first", "=", True),
                 ("period_kind", "=", "month")], [], ["accuracy:avg", "bias:avg"])
        self.assertEqual(row, (False, False))

    def test_a_running_period_is_not_judged(self):  # SA-12
        self._live_through_march()
        with self.at("2026-03-31 09:00:00"):
            self.assertFalse(self.env["sales.forecast.accuracy"].search(
                [("company_id", "=", self.house.id)]))

    def test_a_period_is_over_by_the_companys_clock(self):  # SA-12, KPI 3
        self.house.resource_calendar_id.tz = "America/Los_Angeles"
        self._live_through_march()
        for moment, is_judged in (("2026-04-01 06:59:00", False), ("2026-04-01 07:00:00", True)):
            with self.at(moment):  # April has begun in London
                judged = self.env["sales.forecast.accuracy"].search([
                    ("company_id", "=", self.house.id), ("period_kind", "=", "month")])
                self.assertEqual(bool(judged), is_judged, moment)
