from unittest.mock import patch

from odoo import fields
from odoo.addons.sales_automation.models.amounts import tell_amount
from odoo.tests import tagged

from .test_forecast import MARCH, NOW, ForecastCase

MONDAY = "2026-03-02 09:00:00"


class TwoCompaniesCase(ForecastCase):
    """House, and Abroad, where four francs are one of ours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        franc = cls.env["res.currency"].create({
            "name": "XFF", "symbol": "F",
            "rate_ids": [fields.Command.create({
                "name": "2020-01-01", "rate": 4.0, "company_id": False})]})
        cls.abroad = cls.env["res.company"].create({"name": "Abroad", "currency_id": franc.id})
        cls.abroad.resource_calendar_id.tz = "UTC"
        cls.both = cls.house | cls.abroad
        cls.env.user.company_ids |= cls.abroad
        cls.max.company_ids |= cls.abroad
        cls.bea = cls._create_user(
            "bea", "sales_team.group_sale_salesman", company_id=cls.abroad.id,
            company_ids=[fields.Command.set(cls.both.ids)])

    def _create_theirs(self, amount=1000, **kw):
        """A deal of somebody abroad."""
        return self._create_deal(**{
            "company_id": self.abroad.id, "user_id": self.bea.id, "team_id": False,
            "stage_id": self.stage_offer.id, "expected_revenue": amount, **kw})

    def _get_commit(self, companies):
        return self._row(self._desk(companies=companies).get_forecast(*MARCH))["ladder"]["commit"]


@tagged("post_install", "-at_install")
class TestForecastCompanies(TwoCompaniesCase):
    """Each deal counts in one company, and each word and target there where it was given."""

    def test_a_deal_without_company_is_its_salespersons(self):  # SA-11, SA-20
        with self.at(NOW):
            self._create_theirs(company_id=False)
            self.env["sales.forecast.snapshot"]._take(self.abroad)
            kept = self.env["sales.forecast.snapshot"].search([
                ("company_id", "=", self.abroad.id), ("level", "=", "person"),
                ("category", "=", "commit"), ("period_kind", "=", "month")])
            sums = [self._get_commit(companies) for companies in (
                self.house, self.abroad, self.both, self.abroad | self.house)]
            opened = [self.env["crm.lead"].search_count(
                self._desk(companies=companies).open_deals(*MARCH, "commit")["domain"])
                for companies in (self.house, self.abroad)]
        self.assertEqual(sums, [0, 1000, 250, 1000])
        self.assertEqual(opened, [0, 1])
        self.assertEqual(kept.amount, 1000)

    def test_a_deal_of_one_who_left_stays_there(self):  # SA-11: archived people have a company
        with self.at(NOW):
            self._create_theirs(company_id=False)
            self.env.flush_all()
            self.env.cr.execute(  # with her deals
                "UPDATE res_users SET active = FALSE WHERE id = %s", [self.bea.id])
            self.env.invalidate_all()
            self.assertEqual([self._get_commit(one) for one in self.both], [0, 1000])

    def test_a_deal_of_nobody_is_the_first_companys(self):  # SA-11
        first = self.env["res.company"].search([], order="id", limit=1)
        self.max.company_ids |= first
        with self.at(NOW):
            before = self._get_commit(first)
            self._create_theirs(company_id=False, user_id=False)
            self.assertEqual(self._get_commit(first), before + 1000)
            self.assertEqual(self._get_commit(self.both), 0)

    def _read_both(self, model, domain, measures):
        return self.env[model].with_user(self.max).with_context(
            allowed_company_ids=self.both.ids)._read_group(domain, [], measures)[0]

    def test_figures_add_one_currency(self):  # SA-20: 100 here, 400 francs there, once without
        with self.at(NOW):  # a company of its own, by way of its salesperson
            deals = self._create_deal(expected_revenue=100)
            deals |= self._create_theirs(400) | self._create_theirs(400, company_id=False)
            self.env.flush_all()
            for model, once in (("sales.stage.report", []), ("sales.discipline.report", []),
                                ("sales.outcome.report", []),
                                ("sales.funnel.report", [("is_furthest", "=", True)])):
                domain = [("lead_id", "in", deals.ids), *once]
                self.assertEqual(self._read_both(model, domain, ["amount:sum"]), (300,), model)
                alone = self.env[model].with_user(self.max).with_context(
                    allowed_company_ids=self.house.ids)
                self.assertEqual(alone.search(domain).lead_id, deals[0], model)

    def test_the_biggest_deals_are_those_worth_most(self):  # SA-20, SA-21
        team = self._create_team("Risky", self.lea, self.ines)
        with self.at(NOW):
            self._create_deal(name="Ours", expected_revenue=300, team_id=team.id)
            self._create_theirs(400, name="Theirs", team_id=team.id)
            self.env.flush_all()
            with patch.object(
                    type(self.env["crm.lead"]), "_deal_health",
                    lambda leads, now: {
                        lead.id: {"level": "risk", "reasons": []} for lead in leads}):
                tiles = self.env["sales.dashboard"].with_user(self.max).with_context(
                    allowed_company_ids=self.both.ids).get_dashboard("quarter", team.id)["tiles"]
        [risks] = [tile for tile in tiles if tile["key"] == "risks"]
        told = [[cell["text"].replace("\xa0", " ") for cell in row[:2]]
                for row in risks["table"]["rows"]]
        own = self.house.currency_id
        self.assertEqual(told, [[name, tell_amount(self.env, amount, own).replace("\xa0", " ")]
                                for name, amount in (("Ours", 300), ("Theirs", 100))])

    def test_accuracy_of_both_at_the_rate_of_then(self):  # SA-12, SA-20
        """Said 100 and 400 francs, won 100 and 800 francs: at 4 to one, whatever comes later."""
        with self.at(MONDAY):
            ours = self._create_deal(expected_revenue=100, stage_id=self.stage_offer.id)
            theirs = self._create_theirs(400)
            for company in self.both:
                self.env["sales.forecast.snapshot"]._take(company)
        with self.at("2026-03-16 09:00:00"):
            theirs.expected_revenue = 800
            (ours | theirs).action_set_won()
            self.env["res.currency.rate"].create({
                "currency_id": self.abroad.currency_id.id, "name": "2026-04-01", "rate": 1.0,
                "company_id": False})
        with self.at("2026-04-10 09:00:00"):
            told = self._read_both(
                "sales.forecast.accuracy",
                [("period_kind", "=", "month"), ("is_first", "=", True),
                 ("user_id", "in", (self.ines | self.bea).ids)],
                ["said:sum", "won:sum", "accuracy:avg"])
        self.assertEqual(told[:2], (200, 300))
        self.assertAlmostEqual(told[2], 1 - 100 / 300)

    def _forget_rates(self):
        self.abroad.currency_id.rate_ids.unlink()
        self.house.currency_id.rate_ids.unlink()

    def test_amounts_without_a_rate_are_not_added(self):  # SA-20: nor one to one, without a word
        self._forget_rates()
        with self.at(NOW):
            deals = self._create_deal(expected_revenue=100) | self._create_theirs(4000)
            domain = [("lead_id", "in", deals.ids)]
            for model in ("sales.outcome.report", "sales.discipline.report", "sales.stage.report"):
                with self.subTest(model):
                    self.assertEqual(
                        self._read_both(model, domain, ["__count", "amount:sum"]), (2, False))
                    theirs = [*domain, ("company_id", "=", self.abroad.id)]
                    self.assertEqual(
                        self._read_both(model, theirs, ["__count", "amount:sum"]), (1, 4000))
            row = self.env["sales.outcome.report"].with_user(self.max).with_context(
                allowed_company_ids=self.both.ids).search(theirs)
        self.assertEqual((row.amount, row.currency_id), (4000, self.abroad.currency_id))

    def test_only_the_figures_without_a_rate_say_so(self):  # SA-20, SA-21
        self._forget_rates()
        with self.at(NOW):
            deals = self._create_deals(12, expected_revenue=100)
            (deals[:6] | self._create_theirs(4000)).action_set_won()
            deals[6:11].action_set_lost(lost_reason_id=self.too_dear.id)
            self._create_theirs(5000)
            pages = self.env["sales.dashboard"].with_user(self.max).with_context(
                allowed_company_ids=self.both.ids)
            tiles = {tile["key"]: tile for page in ("leader", "velocity", "funnel", "cohort")
                     for tile in pages.get_dashboard("month", False, page)["tiles"]}
        for key in ("won", "pipeline", "velocity"):
            self.assertIn("no rate for the currency of Abroad", tiles[key]["few"], key)
            self.assertFalse(tiles[key]["figure"], key)
        self.assertTrue(tiles["win_rate"]["figure"])
        self.assertNotIn("By value", tiles["win_rate"]["note"])
        money = [row[2]["text"] for row in tiles["losses"]["table"]["rows"]
                 if row[0]["text"] == "Too expensive"]
        self.assertEqual(money, [tell_amount(self.env, 500, self.house.currency_id)])

    def test_words_of_both_are_added(self):  # SA-11, SA-20: 60 of 100 here, 900 of 1,000 there
        with self.at(NOW):
            self._create_deal(stage_id=self.stage_offer.id, expected_revenue=100)
            self._create_theirs(4000)
            word = {"period_kind": "month", "date_start": "2026-03-01", "reason": "I know"}
            self._adjust(self.max, 60, kind="absolute")
            self.env["sales.forecast.adjustment"].with_user(self.max).with_context(
                allowed_company_ids=self.abroad.ids).create({
                    **word, "kind": "absolute", "amount": 3600})
            boards = [self._desk(companies=companies).get_forecast(*MARCH) for companies in (
                self.house, self.abroad, self.both, self.abroad | self.house)]
        tops = [self._row(board) for board in boards]
        self.assertEqual([top["forecast"] for top in tops], [60, 3600, 960, 3840])
        self.assertEqual([top["can_adjust"] for top in tops], [True, True, False, False])
        self.assertEqual(sorted(word["amount"] for word in tops[2]["words"]), [60, 900])
        persons = {row["user_id"]: row["can_adjust"] for row in boards[2]["rows"]
                   if row["level"] == "person"}
        self.assertEqual(persons, {self.ines.id: True, self.bea.id: False})

    def test_one_person_in_both(self):  # SA-11, SA-20: each company has its own word and target
        everywhere = self._create_team("Everywhere", self.lea, self.bea)
        place = {"team_id": everywhere.id, "user_id": self.bea.id}
        with self.at(NOW):
            self._create_theirs(400, company_id=self.house.id, team_id=everywhere.id)
            self._create_theirs(400, team_id=everywhere.id)
            self._adjust(self.max, 50, **place)
            targets = {"date_start": "2026-03-01", "company_id": self.house.id}
            self.env["sales.target"].create([
                {**targets, "team_id": everywhere.id, "amount": 1000},
                {**targets, "user_id": self.bea.id, "amount": 300},
                {**targets, "user_id": self.bea.id, "amount": 800,
                 "company_id": self.abroad.id}])
            board = self._desk(companies=self.both).get_forecast(*MARCH)
        bea, team = self._row(board, self.bea, everywhere), self._row(board, team=everywhere)
        self.assertEqual((bea["ladder"]["commit"], bea["forecast"], bea["target"]), (500, 550, 500))
        self.assertEqual((team["forecast"], team["target"], team["members_target"]),
                         (550, 1200, 500))
        self.assertEqual(self._row(board)["target"], 1200)
        self.assertEqual([row["name"] for row in board["rows"]], ["Together", "Everywhere", "Bea"])

    def test_what_changed_in_both(self):  # SA-12, SA-20: each amount at its company's rate
        with self.at(MONDAY):
            moved = self._create_theirs(400)
            for company in self.both:
                self.env["sales.forecast.snapshot"]._take(company)
        with self.at("2026-03-09 09:00:00"):
            moved.write({"company_id": self.house.id, "user_id": self.max.id})
            self._create_theirs(80, company_id=False)
            self.env.flush_all()
            changes = self._desk(companies=self.both).get_changes(*MARCH)
            board = self._desk(companies=self.both).get_forecast(*MARCH)
        self.assertEqual((changes["before"], changes["after"]), (100, 420))
        self.assertEqual(self._row(board)["open"], 420)
