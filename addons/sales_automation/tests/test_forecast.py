from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import SalesDeskCase

NOW = "2026-03-10 09:00:00"
MARCH = ("month", "2026-03-01")


class ForecastCase(SalesDeskCase):
    """A company of its own, so that no other deal is in the sums."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.house = cls.env["res.company"].create({"name": "House"})
        cls.house.resource_calendar_id.tz = "UTC"
        cls.house.currency_id = cls.env.company.currency_id
        people = cls.ines | cls.finn | cls.fay | cls.lea | cls.max
        people.write({"company_ids": [fields.Command.link(cls.house.id)],
                      "company_id": cls.house.id})
        (cls.team_inside | cls.team_field).company_id = cls.house
        cls.env.user.company_ids |= cls.house
        cls.stage_offer.forecast_category = "commit"

    def _desk(self, user=None, companies=None):
        return self.env["sales.forecast"].with_user(user or self.max).with_context(
            allowed_company_ids=(companies or self.house).ids)

    def _create_deals(self, count, **kw):
        return super()._create_deals(count, **{
            "company_id": self.house.id, "date_deadline": "2026-03-20", **kw})

    def _populate(self):
        """Ines: 1,000 won, 500 commit, 4,000 pipeline. Finn: 2,000 commit, 300 best case."""
        won = self._create_deal(expected_revenue=1000)
        won.action_set_won()
        self._create_deal(expected_revenue=500, stage_id=self.stage_offer.id)
        self._create_deal(expected_revenue=4000)
        field = {"user_id": self.finn.id, "team_id": self.team_field.id}
        self._create_deal(expected_revenue=2000, stage_id=self.stage_offer.id, **field)
        self._create_deal(expected_revenue=300, forecast_category="best_case", **field)
        # Counted nowhere: next month, passed, without a date, left out, lost.
        self._create_deal(expected_revenue=7, date_deadline="2026-04-01")
        self._create_deal(expected_revenue=70, date_deadline="2026-03-09")
        self._create_deal(expected_revenue=700, date_deadline=False)
        self._create_deal(expected_revenue=7000, forecast_category="omitted")
        self._create_deal(expected_revenue=9).action_set_lost(lost_reason_id=self.too_dear.id)

    def _row(self, board, user=None, team=None):
        [row] = [
            row for row in board["rows"]
            if (row["level"], row["team_id"], row["user_id"]) == (
                ("person", team.id, user.id) if user
                else ("team", team.id, None) if team else ("company", None, None))]
        return row

    def _adjust(self, user, amount, kind="delta", **kw):
        subject = {"period_kind": "month", "date_start": "2026-03-15", "reason": "I know",
                   "company_id": self.house.id, "kind": kind, "amount": amount, **kw}
        return self.env["sales.forecast.adjustment"].with_user(user).with_context(
            allowed_company_ids=self.house.ids).create(subject)


@tagged("post_install", "-at_install")
class TestForecast(ForecastCase):
    """What March will bring, told by everybody who has a word in it."""

    def test_sums_by_hand(self):  # SA-11
        with self.at(NOW):
            self._populate()
            board = self._desk().get_forecast(*MARCH)
        top = self._row(board)
        self.assertEqual(top["ladder"], {
            "closed": 1000, "commit": 3500, "best_case": 3800, "pipeline": 7800})
        ines = self._row(board, self.ines, self.team_inside)
        self.assertEqual(ines["ladder"], {
            "closed": 1000, "commit": 1500, "best_case": 1500, "pipeline": 5500})
        self.assertEqual(ines["weighted"], 1000 + (500 + 4000) * 0.2)
        self.assertEqual(self._row(board, team=self.team_field)["ladder"]["commit"], 2000)
        self.assertEqual(top["forecast"], 3500)
        self.assertEqual(board["apart"], {
            "overdue": {"count": 1, "amount": 70}, "undated": {"count": 1, "amount": 700},
            "omitted": {"count": 1, "amount": 7000}})

    def test_every_figure_opens_its_deals(self):  # SA-11: screen = drill-down = pivot
        with self.at(NOW):
            self._populate()
            board = self._desk().get_forecast(*MARCH)
            leads = self.env["crm.lead"].with_user(self.max).with_context(
                allowed_company_ids=self.house.ids, active_test=False)
            for row in board["rows"]:
                for column in ("closed", "commit", "best_case", "pipeline"):
                    action = self._desk().open_deals(
                        *MARCH, column, row["team_id"], row["user_id"], row["level"])
                    [[total]] = leads._read_group(action["domain"], [], ["expected_revenue:sum"])
                    self.assertEqual(total or 0, row["ladder"][column], (row["name"], column))
            for name, figure in board["apart"].items():
                action = self._desk().open_deals(*MARCH, name)
                deals = leads.search(action["domain"])
                self.assertEqual(
                    (len(deals), sum(deals.mapped("expected_revenue"))),
                    (figure["count"], figure["amount"]))

    def test_roll_up_by_hand(self):  # SA-11
        ines = {"user_id": self.ines.id, "team_id": self.team_inside.id}
        with self.at(NOW):
            self._populate()
            self._adjust(self.ines, 900, **ines)
            self._adjust(self.max, 2000, kind="absolute", **ines)
            self._adjust(self.max, -250, team_id=self.team_field.id)
            board = self._desk().get_forecast(*MARCH)
            hers = self._desk(self.ines).get_forecast(*MARCH)
        row = self._row(board, self.ines, self.team_inside)
        self.assertEqual((row["rolled_up"], row["said"], row["forecast"]), (1500, 2400, 2000))
        self.assertEqual([word["by"] for word in row["words"]], ["Max"])
        self.assertEqual(self._row(board, team=self.team_inside)["forecast"], 2000)
        self.assertEqual(self._row(board, team=self.team_field)["forecast"], 1750)
        self.assertEqual(self._row(board)["forecast"], 3750)
        own = self._row(hers, self.ines, self.team_inside)
        self.assertEqual(own["forecast"], 2400, "her own word; her manager's is his")
        with self.at(NOW):
            self._adjust(self.max, 0, kind="none", **ines)
            self._adjust(self.max, 100, category="best_case", team_id=self.team_field.id)
            board = self._desk().get_forecast(*MARCH)
        self.assertEqual(self._row(board, self.ines, self.team_inside)["forecast"], 2400)
        self.assertEqual(self._row(board, team=self.team_field)["forecast"], 2400)
        self.assertEqual(self.env["sales.forecast.adjustment"].search_count(
            [("company_id", "=", self.house.id)]), 5, "every word stays")

    def test_who_may_speak_and_for_whom(self):  # ALL-4
        leader = self._create_user(
            "leo", "sales_team.group_sale_salesman", company_id=self.house.id,
            company_ids=[fields.Command.set(self.house.ids)])
        self.team_field.user_id = leader
        finn = {"user_id": self.finn.id, "team_id": self.team_field.id}
        word = self._adjust(leader, 5, **finn)
        self._adjust(self.finn, 5, **finn)
        self.assertFalse(word.is_own)
        for user, subject in (
                (self.fay, finn), (self.finn, {"team_id": self.team_field.id}),
                (leader, {"team_id": self.team_inside.id}), (leader, {})):
            with self.assertRaises(AccessError):
                self._adjust(user, 1, **subject)
        with self.assertRaises(AccessError):
            word.with_user(leader).amount = 7
        with self.assertRaises(AccessError):
            word.with_user(self.finn).read(["amount"])

    def test_nobody_raises_the_sum_of_a_team_that_is_not_his(self):  # ALL-4, SA-11
        subject = {"user_id": self.finn.id, "team_id": self.team_inside.id}
        with self.at(NOW):
            for team_id in (self.team_inside.id, False):
                with self.assertRaises(ValidationError) as caught:
                    self._adjust(self.finn, 9999, **{**subject, "team_id": team_id})
                self.assertIn("where you sell", str(caught.exception))
            board = self._desk().get_forecast(*MARCH)
            self.assertEqual(self._row(board)["forecast"], 0)
            self._create_deal(user_id=self.finn.id, team_id=self.team_inside.id)
            self._adjust(self.finn, 5, **subject)
            self._adjust(self.finn, 5, **{**subject, "team_id": self.team_field.id})

    def test_each_sees_what_he_answers_for(self):  # SA-11, ALL-4
        leader = self._create_user(
            "leo", "sales_team.group_sale_salesman", company_id=self.house.id,
            company_ids=[fields.Command.set(self.house.ids)])
        self.team_field.user_id = leader
        with self.at(NOW):
            self._populate()
            sums = {
                user.login: self._row(self._desk(user).get_forecast(*MARCH))["ladder"]["pipeline"]
                for user in (self.ines, self.finn, self.fay, leader, self.lea, self.max)}
            deals = self.env["crm.lead"].with_user(leader).search(
                self._desk(leader).open_deals(*MARCH, "pipeline")["domain"])
        self.assertEqual(list(sums.values()), [5500, 2300, 0, 2300, 7800, 7800])
        self.assertEqual(sum(deals.mapped("expected_revenue")), 2300)
        self.assertFalse(deals.has_access("write"))

    def test_targets_gap_and_coverage(self):  # SA-11, KPI 3
        targets = self.env["sales.target"]
        common = {"company_id": self.house.id, "date_start": "2026-03-01"}
        with self.at(NOW):
            self._populate()
            board = self._desk().get_forecast(*MARCH)
            self.assertIsNone(self._row(board)["target"])
            targets.create([
                {**common, "user_id": self.ines.id, "amount": 800},
                {**common, "user_id": self.finn.id, "amount": 12000, "period_kind": "quarter"},
                {**common, "team_id": self.team_field.id, "amount": 4600}])
            board = self._desk().get_forecast(*MARCH)
        ines = self._row(board, self.ines, self.team_inside)
        self.assertEqual((ines["target"], ines["coverage"], ines["is_reached"]), (800, None, True))
        finn = self._row(board, self.finn, self.team_field)
        self.assertEqual(finn["target"], 4000, "a third of his quarter")
        field = self._row(board, team=self.team_field)
        self.assertEqual((field["target"], field["members_target"]), (4600, 4000))
        self.assertEqual((field["coverage"], field["gap"]), (2300 / 4600, 2600))
        self.assertEqual(self._row(board)["target"], 5400)

    def test_a_target_stands_in_the_persons_own_team(self):  # SA-11: wherever his deals are
        with self.at(NOW):
            self._create_deal(user_id=self.finn.id, team_id=self.team_inside.id)
            self.env["sales.target"].create({
                "company_id": self.house.id, "date_start": "2026-03-01", "amount": 50,
                "user_id": self.finn.id})
            board = self._desk().get_forecast(*MARCH)
        self.assertEqual(self._row(board, self.finn, self.team_field)["target"], 50)
        self.assertIsNone(self._row(board, self.finn, self.team_inside)["target"])
        self.assertEqual(self._row(board)["target"], 50)

    def test_two_companies_in_the_viewers_currency(self):  # SA-20
        foreign = self.env["res.currency"].create({
            "name": "XFF", "symbol": "F",
            "rate_ids": [fields.Command.create({
                "name": "2020-01-01", "rate": 4.0, "company_id": False})]})
        abroad = self.env["res.company"].create({"name": "Abroad", "currency_id": foreign.id})
        self.max.company_ids |= abroad
        with self.at(NOW):
            self._populate()
            self._create_deal(company_id=abroad.id, expected_revenue=400, user_id=self.max.id,
                              team_id=False, forecast_category="commit")
            board = self._desk(companies=self.house | abroad).get_forecast(*MARCH)
        self.assertEqual(self._row(board)["ladder"]["commit"], 3500 + 400 / 4)
        self.assertTrue(board["is_converted"])
        self.assertFalse(board["without_rate"])

    def test_a_missing_rate_is_said(self):  # SA-20: core adds one to one, without a word
        bare = self.env["res.currency"].create({"name": "XBB", "symbol": "B"})
        abroad = self.env["res.company"].create({"name": "Abroad", "currency_id": bare.id})
        self.max.company_ids |= abroad
        self.assertEqual(
            self._desk(companies=self.house | abroad).get_forecast(*MARCH)["without_rate"],
            ["Abroad"])

    def test_bad_input(self):  # SA-11
        with self.assertRaisesRegex(UserError, "a month or of a quarter"):
            self._desk().get_forecast("week", "2026-03-01")
        with self.assertRaisesRegex(UserError, "no such figure"):
            self._desk().open_deals(*MARCH, "salary")

    def test_queries_do_not_grow_with_people(self):  # P-8
        def populate(count, offset):
            for number in range(count):
                person = self._create_user(
                    f"p{offset + number}", "sales_team.group_sale_salesman",
                    company_id=self.house.id,
                    company_ids=[fields.Command.set(self.house.ids)])
                self._create_deal(user_id=person.id, team_id=self.team_field.id)
                self.env["sales.target"].create({
                    "user_id": person.id, "company_id": self.house.id, "amount": 10,
                    "date_start": "2026-03-01"})

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            board = self._desk().get_forecast(*MARCH)
            return self.env.cr.sql_log_count - before, len(board["rows"])
        with self.at(NOW):
            populate(5, 0)
            count()
            few, rows = count()
            populate(20, 5)
            count()  # new people empty the caches of rules
            many, more = count()
        self.assertEqual(more, rows + 20)
        self.assertLessEqual(many, few)
