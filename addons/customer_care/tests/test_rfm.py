"""RFM scores, named segments and the grid (CC-12)."""
from odoo.addons.customer_care.engine import rfm
from odoo.addons.customer_care.models.care_purchases import Scope
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import NOW, TODAY, CareCommon


@tagged("post_install", "-at_install")
class TestRfm(CareCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segments = cls.env["care.rfm.segment"].sudo()
        cls.borders = cls.env["care.rfm.border"].sudo()
        cls.segments._restore_map()  # whatever the database's admin made of it

    def _segment(self, preset):
        return self.segments.search([("preset", "=", preset)])

    def _night(self, *keys, now=NOW):
        self.env["care.night"].sudo()._run_steps(self.company, now, *keys or ("rfm",))

    def _cast(self):
        """One buyer per story; six purchases make F5, two make F2."""
        stories = {
            "champion": (5, 40, 80, 120, 160, 200), "new": (10,), "lost": (500,),
            "at risk": (300, 400, 410, 420), "two": (45, 60),
        }
        people = {}
        for name, days in stories.items():
            people[name] = self._create_customer(name)
            self._buy(people[name], *days)
        self._count(*people.values())
        return people

    def test_scores_and_segments_by_hand(self):  # CC-12
        people = self._cast()
        self._night()
        found = {}
        for name, partner in people.items():
            care = self._care(partner)
            found[name] = (care.rfm_recency, care.rfm_frequency, care.rfm_segment_id.preset)
        self.assertEqual(found, {
            "champion": (5, 5, "champions"), "new": (5, 1, "new"), "lost": (1, 1, "lost"),
            "at risk": (2, 4, "at_risk"), "two": (4, 2, "potential"),
        })
        # fifths of 100 100 200 400 600: borders 100 100 200 400, hand-counted
        self.assertEqual(self._care(people["champion"]).rfm_monetary, 5)
        self.assertEqual(self._care(people["at risk"]).rfm_monetary, 4)
        self.assertEqual(self._care(people["two"]).rfm_monetary, 3)
        self.assertEqual(
            self._care(people["new"]).rfm_monetary, self._care(people["lost"]).rfm_monetary)

    def test_sql_scores_as_the_engine(self):  # CC-12
        for number, days in enumerate([(1,), (30, 31), (90, 95, 99), (180,), (365, 400)]):
            self._buy(self._create_customer(f"Buyer {number}"), *days, amount=10 * number + 5)
        partners = self.env["res.partner"].search([("name", "like", "Buyer %")])
        self._count(*partners)
        self._night()
        borders = self.borders._current(self.company)._to_engine()
        for care in self.customers.search([("company_id", "=", self.company.id)]):
            silence = (TODAY - care.last_purchase).days
            self.assertEqual(
                (care.rfm_recency, care.rfm_frequency, care.rfm_monetary),
                (rfm.recency_score(silence, borders.recency),
                 rfm.score(care.purchase_days, borders.frequency),
                 rfm.score(care.revenue_net, borders.monetary)), care.partner_id.name)

    def test_equal_customers_have_equal_scores(self):  # CC-12
        twins = [self._create_customer(f"Twin {i}") for i in range(7)]
        for twin in twins:
            self._buy(twin, 50, 100, amount=70)
        self._buy(self._create_customer("Other"), 20, amount=900)
        self._count(*twins)
        self._night()
        codes = {self._care(twin).rfm_code for twin in twins}
        self.assertEqual(len(codes), 1, codes)

    def test_a_prospect_has_no_segment(self):  # CC-12
        buyer = self._create_customer()
        invoice = self._create_posted(buyer, TODAY)
        self._credit(invoice, TODAY)
        self._count(buyer)
        self._night()
        self.assertFalse(self._care(buyer).rfm_segment_id)
        self.assertFalse(self._care(buyer).rfm_code)

    def test_the_night_writes_changed_rows_only(self):  # CC-12
        people = self._cast()
        self._night()
        again = self.env["care.rfm"].sudo()._rescore(self.company, self._scope(people), NOW)
        self.assertEqual(again, 0)

    def _scope(self, people):
        return Scope(ids=tuple(partner.id for partner in people.values()))

    def test_a_new_invoice_moves_the_customer_by_day(self):  # CC-12
        people = self._cast()
        self._night()
        self._create_posted(people["lost"], TODAY)
        self._count(people["lost"])
        self.env["care.night"].sudo()._look_at_fresh(self.company, self._scope(people), NOW)
        self.assertEqual(self._care(people["lost"]).rfm_segment_id.preset, "potential")

    def test_too_few_customers_measure_anew_every_night(self):  # CC-12
        people = self._cast()
        self._night()
        border = self.borders._current(self.company)
        self.assertIn("too few customers: 5, 50 are needed", border.basis)
        self._buy(people["two"], 1, amount=5000)
        self._count(people["two"])
        self._night()
        self.assertEqual(self.borders._current(self.company), border)
        self.assertEqual(border.m4, 600)

    @freeze_time(NOW)
    def test_borders_are_frozen_until_somebody_takes_new_ones(self):  # CC-12
        people = self._cast()
        self._night()
        border = self.borders._current(self.company)
        border.write({"customers": 60})  # as if enough
        self._buy(people["two"], 1, amount=5000)
        self._count(people["two"])
        self._night()
        self.assertEqual(border.m4, 400)
        draft = self.borders.browse(
            self.borders.with_company(self.company).action_recalibrate()["res_id"])
        self.assertEqual((draft.state, draft.m4, draft.r1), ("draft", 600, 30))
        draft.r1 = 3
        # The champion of five days ago and the new one of ten days ago.
        self.assertIn("2 of 5 customers", draft.effect)
        self.assertEqual(self._care(people["champion"]).rfm_segment_id.preset, "champions")
        draft.action_take()
        self.assertEqual((border.state, draft.state), ("replaced", "current"))
        self.assertEqual(draft.user_id, self.env.user)
        self._night()
        self.assertEqual(self._care(people["champion"]).rfm_segment_id.preset, "loyal")

    def test_frozen_borders_cannot_be_edited_or_thrown_away(self):  # CC-12
        self._cast()
        self._night()
        manager = new_test_user(
            self.env(su=True), "rfm_manager", groups="customer_care.group_customer_care_manager",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        border = self.borders._current(self.company).with_user(manager)
        with self.assertRaises(UserError):
            border.r1 = 5
        with self.assertRaises(UserError):
            border.unlink()
        with self.assertRaises(AccessError):
            border.sudo(False).state = "draft"
        with self.assertRaises(AccessError):
            border.sudo(False).create({"company_id": self.company.id, "state": "replaced"})
        draft = border.browse(border.action_recalibrate()["res_id"])
        with self.assertRaises(ValidationError):
            draft.r1 = 100
        draft.r1 = 20
        draft.action_take()
        self.assertEqual(self.borders._current(self.company), draft)

    def test_every_cell_keeps_one_segment(self):  # CC-12
        champions, loyal = self._segment("champions"), self._segment("loyal")
        champions.cells = "55 54 45"
        self.assertEqual(loyal.cells, "44 35 34")
        with self.assertRaises(ValidationError):
            champions.cells = "55"
        with self.assertRaises(ValidationError):
            champions.cells = "55 54 45 66"
        with self.assertRaises(ValidationError):
            champions.active = False
        with self.assertRaises(UserError):
            champions.unlink()
        cells = self.env["care.rfm.cell"].sudo().search([])
        self.assertEqual(len(cells), 25)
        self.assertEqual(len(cells.segment_id), 11)

    def test_own_segments_and_the_way_back(self):  # CC-12
        own = self.segments.create({"name": "Whales", "cells": "55"})
        champions = self._segment("champions")
        champions.write({"name": "Stars", "color": 2})
        self.assertEqual(champions.cells, "54")
        manager = new_test_user(
            self.env(su=True), "rfm_manager", groups="customer_care.group_customer_care_manager",
            company_ids=[(6, 0, self.env["res.company"].sudo().search([]).ids)])
        self.segments.with_user(manager).sudo(False).action_restore_presets()
        self.assertEqual((champions.name, champions.cells), ("Champions", "55 54"))
        self.assertFalse(own.cells)
        with self.assertRaises(AccessError):
            self.segments.with_user(new_test_user(
                self.env(su=True), "rfm_user", groups="customer_care.group_customer_care_user",
            )).sudo(False).action_restore_presets()

    def test_grid_counts_shares_and_opens_its_customers(self):  # CC-12
        people = self._cast()
        self._night()
        grid = self.env["care.rfm"].with_company(self.company).sudo().get_grid(self.company.id)
        cells = {cell["place"]: cell for row in grid["rows"] for cell in row["cells"]}
        self.assertEqual(len(cells), 25)
        self.assertEqual(grid["total_count"], 5)
        self.assertEqual(cells["55"]["count"], 1)
        # 600 of 600 + 100 + 100 + 400 + 200
        self.assertEqual(cells["55"]["money_share_text"], "43 %")
        self.assertEqual(cells["33"]["count"], 0)
        opened = self.customers.search(cells["55"]["action"]["domain"])
        self.assertEqual(opened.partner_id, people["champion"])
        segments = {s["name"]: s["count"] for s in grid["segments"]}
        self.assertEqual(sum(segments.values()), 5)
        self.assertEqual([row["score"] for row in grid["rows"]], [5, 4, 3, 2, 1])
        self.assertEqual(grid["rows"][0]["text"], "0–30 days")
        self.assertEqual(grid["columns"][3]["text"], "4–5")

    def test_grid_of_a_company_one_does_not_work_in(self):  # CC-12
        other = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        user = new_test_user(
            self.env(su=True), "rfm_user", groups="customer_care.group_customer_care_user",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        grid = self.env["care.rfm"].with_user(user).sudo(False)
        self.assertEqual(grid.get_grid()["company"]["id"], self.company.id)
        with self.assertRaises(AccessError):
            grid.get_grid(other.id)

    def test_nothing_of_nothing_has_no_share(self):  # CC-12
        grid = self.env["care.rfm"].with_company(self.company).sudo().get_grid(self.company.id)
        self.assertEqual(grid["total_count"], 0)
        self.assertEqual(grid["rows"][0]["cells"][0]["share_text"], "n/a")

    def test_tile_shows_the_grid(self):  # CC-12
        user = new_test_user(
            self.env(su=True), "rfm_user", groups="customer_care.group_customer_care_user",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        board = self.env["care.dashboard"].with_user(user).sudo(False)
        scope = board._get_scope("last_12")
        self.assertIn("few", board._dashboard_rfm(scope))
        people = self._cast()
        self._night()
        tile = board._dashboard_rfm(scope)
        best = tile["heat"]["rows"][0]["cells"][4]
        self.assertEqual(best["text"], "1")
        self.assertEqual(
            self.customers.search(best["action"]["domain"]).partner_id, people["champion"])

    def test_matrix(self):  # ALL-4
        allowed = {
            "care.rfm.segment": ("r", "r", "crwu"), "care.rfm.cell": ("", "r", "r"),
            "care.rfm.border": ("", "r", "crwu"), "care.tag": ("", "", "r"),
            "care.health.rule": ("", "r", "crwu"), "care.health.override": ("", "cr", "cr"),
            "care.status.preset": ("", "", "crwu"),
        }
        groups = ("base.group_user", "customer_care.group_customer_care_user",
                  "customer_care.group_customer_care_manager")
        people = [new_test_user(self.env(su=True), f"matrix_{i}", groups=group)
                  for i, group in enumerate(groups)]
        letters = {"c": "create", "r": "read", "w": "write", "u": "unlink"}
        for model, rights in allowed.items():
            for person, expected in zip(people, rights, strict=True):
                records = self.env[model].with_user(person).sudo(False)
                found = "".join(
                    letter for letter, name in letters.items() if records.has_access(name))
                self.assertEqual(found, expected, f"{person.login} on {model}")

    def test_borders_of_another_company_are_not_seen(self):  # ALL-4
        other = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        self.borders.create({"company_id": other.id})
        user = new_test_user(
            self.env(su=True), "rfm_user", groups="customer_care.group_customer_care_user",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        seen = self.borders.with_user(user).sudo(False).search([])
        self.assertNotIn(other, seen.company_id)
