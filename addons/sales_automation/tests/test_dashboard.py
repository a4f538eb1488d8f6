from datetime import datetime

from odoo.addons.sales_automation.models.amounts import tell_amount
from odoo.exceptions import AccessError
from odoo.tests import tagged, warmup

from .common_figures import FiguresCase

NOW = "2026-03-20 10:00:00"
PAGES = ("leader", "velocity", "funnel", "cohort")


@tagged("post_install", "-at_install")
class TestDashboard(FiguresCase):
    """Each figure of a page is the figure of the records that it opens."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls._create_team("Case", cls.lea, cls.ines)

    def _page(self, page="leader", period="quarter", user=None, team=None, **kw):
        with self.at(NOW):
            return {
                tile["key"]: tile for tile in
                self.env["sales.dashboard"].with_user(user or self.max).get_dashboard(
                    period, (team or self.team).id, page, **kw)["tiles"]}

    def _behind(self, action):
        """The records that a figure opens."""
        with self.at(NOW):
            return self.env[action["res_model"]].with_user(self.max).with_context(
                **action["context"]).search(action["domain"])

    def _texts(self, tile):
        return [[cell["text"] for cell in row] for row in tile["table"]["rows"]]

    def test_the_case_on_the_dashboard(self):  # SA-4, SA-21: as in the sheet of the win-rate case
        self._win_rate_case(team_id=self.team.id)
        tiles = self._page()
        rate = tiles["win_rate"]
        self.assertTrue(rate["few"], "8 decided deals are too few for a rate")
        self.assertIn("4 won of 8 decided", rate["note"])
        self.assertEqual(len(self._behind(rate["action"])), 8)
        won = tiles["won"]
        self.assertEqual(won["note"], "Deals won: 4")
        self.assertEqual(sum(self._behind(won["action"]).mapped("won_amount")), 7000.0)
        self.assertEqual(won["chart"]["series"][0]["values"], [3000.0, 4000.0])
        self.assertEqual(len(self._behind(tiles["pipeline"]["action"])), 88)

    def test_pages_without_a_deal_have_nothing_to_draw(self):  # SA-21
        for page in PAGES:
            for key, tile in self._page(page).items():
                for part in ("table", "chart", "progress", "trend"):
                    self.assertIn(type(tile.get(part, False)), (bool, dict), (page, key, part))

    def test_round_amounts_of_every_currency(self):  # SA-21
        dong = self.env["res.currency"].with_context(active_test=False).search(
            [("name", "=", "VND")])
        euro = self.env.ref("base.EUR")
        amounts = ((8393400000, dong), (1200, euro), (1200.5, euro), (0, dong))
        told = [tell_amount(self.env, *amount).replace("\xa0", " ") for amount in amounts]
        self.assertEqual(told, ["8,393,400,000 ₫", "1,200 €", "1,200.5 €", "0 ₫"])

    def test_a_page_leads_to_its_pivot(self):  # SA-4, SA-13: the screen alone is in the menu
        self._win_rate_case(team_id=self.team.id)
        menus = self.env["ir.ui.menu"].search([]).mapped("action")
        for page in ("funnel", "cohort"):
            with self.at(NOW):
                action = self.env["sales.dashboard"].with_user(self.max).get_dashboard(
                    "quarter", self.team.id, page)["table_action"]
            self.assertNotIn(self.env["ir.actions.act_window"].browse(action["id"]), menus)
            self.assertEqual(len(self._behind(action).lead_id), 100, page)

    def test_months_end_where_the_company_is(self):  # SA-21: as in the forecast
        self.env.company.resource_calendar_id.tz = "Asia/Tokyo"
        self.max.tz = "America/New_York"
        deals = self._create_deals(2, team_id=self.team.id)
        self._win(deals[0], "2026-02-28 14:59:00")
        self._win(deals[1], "2026-02-28 15:00:00")
        won = self._page(period="month")["won"]
        self.assertEqual(won["note"], "Deals won: 1")
        self.assertEqual(self._behind(won["action"]).lead_id, deals[1])
        quarter = self._page()["won"]
        self.assertEqual(
            [row[0] for row in self._texts(quarter)], ["February 2026", "March 2026"])
        for row in quarter["table"]["rows"]:
            self.assertEqual(len(self._behind(row[1]["action"])), 1)
        self.assertEqual(won["action"]["context"]["tz"], "Asia/Tokyo")

    def test_won_against_target(self):  # SA-11, SA-21: a month and a third of a quarter
        self._win_rate_case(team_id=self.team.id)
        self.assertIn("No target for this period", self._page()["won"]["progress"]["text"])
        self.env["sales.target"].create({
            "user_id": self.ines.id, "period_kind": "quarter", "date_start": "2026-01-01",
            "amount": 3000.0})
        self.assertEqual(
            self._page(user=self.ines)["won"]["progress"]["share"], 100, "his own is reached")
        self.assertEqual(self._page()["won"]["progress"]["share"], 100, "no team's: its people's")
        self.env["sales.target"].create([
            {"team_id": self.team.id, "period_kind": "month", "date_start": start,
             "amount": amount} for start, amount in (
                 ("2026-01-01", 4000.0), ("2026-03-01", 10000.0), ("2026-04-01", 9.0))])
        money = self.env["sales.dashboard"]._money
        self.assertEqual(self._page()["won"]["progress"], {
            "share": 50,
            "text": f"50% of the target of {money(14000)}; {money(7000)} to go."})
        self.assertEqual(self._page(period="month")["won"]["progress"]["share"], 40)

    def test_deals_at_risk(self):  # SA-17, SA-21
        with self.at("2026-01-05 09:00:00"):
            small, big, fresh = deals = self._create_deals(3, team_id=self.team.id)
            big.expected_revenue = 9000.0
            (small | big).date_deadline = "2026-02-01"
        with self.at(NOW):
            self.env["mail.activity"].search([("res_id", "in", deals.ids)]).unlink()
            risky = deals.filtered(lambda deal: deal.health_level == "risk")
        self.assertIn(big, risky)
        tile = self._page()["risks"]
        self.assertEqual(tile["figure"], str(len(risky)))
        self.assertEqual(self._behind(tile["action"]), risky)
        self.assertEqual(tile["table"]["rows"][0][0]["action"]["res_id"], big.id)
        self.assertTrue(tile["table"]["rows"][0][3]["text"])
        self.assertTrue(fresh)

    def test_enough_is_a_figure(self):  # SA-21
        deals = self._create_deals(20, team_id=self.team.id)
        self._win(deals[:5], "2026-03-10 08:00:00")
        self._lose(deals[5:12], "2026-03-10 08:00:00")
        tiles = self._page()
        self.assertEqual((tiles["win_rate"]["figure"], tiles["win_rate"]["few"]), ("42%", False))
        self.assertIn("n = 12", tiles["win_rate"]["note"])
        self.assertEqual(self._texts(tiles["losses"]), [
            ["Too expensive", "7", self.env["sales.dashboard"]._money(7000)]])

    def test_why_and_to_whom_deals_were_lost(self):  # SA-13
        deals = self._create_deals(5, team_id=self.team.id)
        self._lose(deals, "2026-03-10 08:00:00")
        grind, mill = self.env["sales.competitor"].create(
            [{"name": "Story Grinders"}, {"name": "Story Mills"}])
        self.assertEqual(self._page()["losses"]["second"]["note"],
                         "A competitor is named in 0 of 5.")
        deals[0].lost_competitor_id = mill
        deals[1:3].lost_competitor_id = grind
        whom = self._page()["losses"]["second"]
        money = self.env["sales.dashboard"]._money
        self.assertEqual(whom["note"], "A competitor is named in 3 of 5.")
        self.assertEqual(self._texts(whom), [
            ["Story Grinders", "2", money(2000)], ["Story Mills", "1", money(1000)]])
        opened = self._behind(whom["table"]["rows"][0][1]["action"])
        self.assertEqual(opened.lead_id, deals[1:3])

    def test_periods_begin_at_midnight_of_the_company(self):  # SA-21
        self.env.company.resource_calendar_id.tz = "Asia/Tokyo"
        with self.at(NOW):
            scope = self.env["sales.dashboard"].with_user(self.max)._get_scope(
                "month", False, "user_id")
        self.assertEqual(scope.start, datetime(2026, 2, 28, 15))
        self.assertEqual(scope.end, datetime(2026, 3, 31, 15))
        self.assertEqual(scope.before, datetime(2026, 1, 31, 15))

    def test_velocity_by_hand(self):  # SA-13
        # 5 of 10 won in 10 days, worth 2,000 each; 8 open: 8 * 0.5 * 2,000 / 10 = 800 a day
        with self.at("2026-02-01 08:00:00"):
            deals = self._create_deals(18, team_id=self.team.id, expected_revenue=2000.0)
        self._win(deals[:5], "2026-02-11 08:00:00")
        self._lose(deals[5:10], "2026-02-20 08:00:00")
        tiles = self._page("velocity")
        money = self.env["sales.dashboard"]._money
        self.assertEqual(tiles["velocity"]["figure"], f"{money(800)} a day")
        self.assertEqual(
            [row[1] for row in self._texts(tiles["velocity"])],
            ["8", "50%", money(2000), "10 days"])
        self.assertEqual(
            [row[2] for row in self._texts(tiles["velocity"])],
            [f"+ {money(80)}"] * 3 + [f"+ {money(88.89)}"])
        self.assertEqual(
            self._texts(tiles["velocity_by"]),
            [["Ines", "8", "50%", money(2000), "10 days", "10", money(800)]])
        for row in tiles["velocity"]["table"]["rows"]:
            self.assertTrue(self._behind(row[1]["action"]))

    def test_too_few_for_a_velocity(self):  # SA-13
        self._create_deal(team_id=self.team.id)
        tile = self._page("velocity")["velocity"]
        self.assertIn("Too few to tell", tile["few"])
        self.assertEqual([row[2] for row in self._texts(tile)], ["–"] * 4)

    def test_cohorts_say_how_ripe_they_are(self):  # SA-4
        self._win_rate_case(team_id=self.team.id)
        tile = self._page("cohort")["cohorts"]
        self.assertEqual(
            self._texts(tile),
            [["January 2026", "100", "4", "4", "2", "2", "88", "4%", "too few",
              "young: 12% closed"]])
        self.assertEqual(len(self._behind(tile["table"]["rows"][0][1]["action"])), 100)

    def test_funnel_opens(self):  # SA-13
        self._win_rate_case(team_id=self.team.id)
        tile = self._page("funnel")["funnel_steps"]
        rows = {row[0]["text"]: row for row in tile["table"]["rows"]}
        self.assertEqual(rows["Fresh"][1]["text"], "98", "spam is left out")
        self.assertEqual(rows["Sold"][1]["text"], "4")
        for name in ("Fresh", "Sold"):
            self.assertEqual(
                len(self._behind(rows[name][1]["action"])), int(rows[name][1]["text"]))
        self.assertEqual(rows["Fresh"][6]["text"], "Too expensive (4)")

    def test_attention(self):  # SA-5, SA-21
        with self.at(NOW):
            late, planned, handed = deals = self._create_deals(3, team_id=self.team.id)
            late.date_deadline = "2026-03-19"
            handed.write({"date_deadline": "2026-03-19", "forecast_category": "omitted"})
            planned.activity_schedule(
                "mail.mail_activity_data_call", user_id=self.ines.id, date_deadline="2026-03-25")
            self._hand_off(handed, self.finn)
            self.env["mail.activity"].search([("res_id", "in", (late | handed).ids)]).unlink()
        tile = self._page()["attention"]
        self.assertEqual(tile["figure"], "33%")
        for label, cell in tile["table"]["rows"]:
            if cell["action"]:
                self.assertEqual(len(self._behind(cell["action"])), int(cell["text"]), label)
        counts = {label["text"]: cell["text"] for label, cell in tile["table"]["rows"]}
        self.assertEqual(counts["No next step, or overdue"], "2")
        self.assertEqual(counts["Closing date passed"], "1")
        self.assertEqual(counts["Hand-offs waiting"], "1")
        self.assertEqual(len(deals), 3)

    def test_activities_per_person(self):  # SA-13, SA-21
        with self.at("2026-03-05 09:00:00"):
            deal = self._create_deal(team_id=self.team.id)
            for xmlid in ("mail.mail_activity_data_call", "mail.mail_activity_data_todo"):
                deal.activity_schedule(xmlid, user_id=self.ines.id).action_feedback()
        tile = self._page()["activities"]
        [row] = tile["table"]["rows"]
        self.assertEqual([cell["text"] for cell in row], ["Ines", "1", "0", "1", "2"])
        self.assertEqual(len(self._behind(row[4]["action"])), 2)

    def test_each_sees_his_own(self):  # ALL-4
        self._win_rate_case(team_id=self.team.id)
        own = self._page(user=self.ines)["won"]["note"]
        self.assertEqual(own, "Deals won: 4")
        self.assertEqual(self._page(user=self.fay)["won"]["note"], "Deals won: 0")
        clerk = self._create_user("clara", "base.group_user")
        with self.assertRaises(AccessError):
            self._page(user=clerk)

    def test_a_leader_sees_his_teams(self):  # ALL-4, SA-21: without "all documents"
        self._win_rate_case(team_id=self.team.id)
        self.assertEqual(self._page(user=self.finn)["won"]["note"], "Deals won: 0")
        self.team.user_id = self.finn
        self.env["sales.target"].create({
            "team_id": self.team.id, "period_kind": "quarter", "date_start": "2026-01-01",
            "amount": 14000.0})
        tiles = self._page(user=self.finn)
        self.assertEqual(tiles["won"]["note"], "Deals won: 4")
        self.assertEqual(tiles["won"]["progress"]["share"], 50)
        deal = self.env["sales.outcome.report"].with_user(self.finn).search(
            [("outcome", "=", "won"), ("team_id", "=", self.team.id)], limit=1)
        self.assertTrue(deal.lead_id.name, "what he is shown he may open")

    def test_pages_of_an_empty_team(self):  # SA-21: nothing is no error
        empty = self._create_team("Empty", self.lea, self.fay)
        for page in PAGES:
            for period in ("month", "last_month", "quarter", "last_quarter", "year", "last_12"):
                for tile in self._page(page, period, team=empty).values():
                    self.assertTrue(
                        tile.get("few") or tile.get("figure") or tile.get("empty")
                        or tile.get("table"), tile)

    @warmup
    def test_costs_the_same_for_more_deals_and_people(self):  # P-6
        costs = []
        for count in (10, 100):
            deals = self._create_deals(count, team_id=self.team.id)
            for deal, user in zip(deals, [self.ines, self.finn, self.fay, self.lea] * 25,
                                  strict=False):
                deal.with_context(tracking_disable=True).user_id = user
            deals.write({"team_id": self.team.id})
            self.env.flush_all()
            for page in PAGES:
                self._page(page)
            before = self.env.cr.sql_log_count
            for page in PAGES:
                self._page(page)
            costs.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(costs[1], costs[0] + 3)
