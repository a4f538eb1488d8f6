from unittest.mock import patch

from odoo.addons.lead_nurture.models import nurture_score_preview
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_score import ScoreCase


@tagged("post_install", "-at_install")
class TestScorePreview(ScoreCase):
    """Who changes band if I publish? Ten people, the first three of whom came."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.env["nurture.person"]
        for n in range(10):
            lead = cls._create_lead(name=f"P{n}", email=f"p{n}@many.test", sync=False,
                                    function="Director" if n < 5 else False)  # fmt: skip
            cls._sync()
            cls.people |= cls._person_of(lead)

    def setUp(self):
        super().setUp()
        self.model = self._create_model(
            [{"points": 64, "event_kind": "page_view"}],
            [{"points": 6, "domain": "[('function', '=', 'Director')]"}],
        )
        for person in self.people[:3]:
            self._record(person)
        self._drain()
        self.draft = self.env["nurture.score.model"].browse(self.model.action_edit()["res_id"])

    def _board(self, user=None):
        self.draft.invalidate_recordset()
        return self.draft.with_user(user or self.env.user).preview_board["preview"]

    def _rule(self, name):
        return self.draft.group_ids.rule_ids.filtered(lambda r: r.name == name)

    def test_the_figures_are_what_publishing_does(self):  # LN-14
        self._rule("Rule 0").points = 31
        self._rule("Fit 0").points = 30
        before = {s.person_id: (s.band, s.grade) for s in self.env["nurture.score"].search([])}
        self.draft.action_preview()
        board = self._board()
        self.assertEqual(board["bands"], {"cold": {"cold": 6, "warm": 2}, "hot": {"hot": 3}})
        self.assertEqual(board["grades"]["C"], {"A": 5})
        self.assertEqual((board["people"], board["up"], board["down"]), (11, 2, 0))
        told = self.env["nurture.score.preview.person"].search(
            [("preview_id.model_id", "=", self.draft.id)]
        )
        self.draft.action_publish()
        self._drain()
        after = {s.person_id: (s.band, s.grade) for s in self.env["nurture.score"].search([])}
        moved = {person for person in after if after[person] != before[person]}
        self.assertEqual(len(moved), 5)
        self.assertFalse(told.exists(), "the preview leaves with the draft it spoke of")

    def test_counting_writes_no_score_and_alarms_nobody(self):  # LN-14
        self._rule("Rule 0").points = 5
        before = self.env["nurture.score"].search_read([], order="id")
        tables = ("nurture.event", "nurture.score.history", "nurture.dirty")
        rows = [self.env[table].search_count([]) for table in tables]
        self.draft.action_preview()
        self.env.invalidate_all()
        self.assertEqual(self._board()["down"], 3)
        self.assertEqual(self.env["nurture.score"].search_read([], order="id"), before)
        self.assertEqual([self.env[table].search_count([]) for table in tables], rows)

    def test_a_figure_opens_its_people(self):  # LN-14
        self._rule("Rule 0").points = 31
        self.draft.action_preview()
        action = self.draft.action_open_preview_people(
            [["band_before", "=", "hot"], ["band", "=", "warm"]]
        )
        rows = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(rows.person_id, self.people[:3])
        self.assertEqual(rows.mapped("total_before"), [70, 70, 70])
        self.assertEqual(rows[0].action_open_person()["res_id"], rows[0].person_id.id)

    def test_each_rule_says_how_many_get_how_much(self):  # LN-14
        self._record(self.people[0], url="/b")
        self.draft.action_preview()
        self.draft.invalidate_recordset()
        rules = {rule["name"]: rule["given"] for group in self.draft.rule_board["groups"]
                 for rule in group["rules"]}  # fmt: skip
        self.assertEqual(rules["Rule 0"], [3, round(4 * 64 / 3, 1)])
        self.assertEqual(rules["Fit 0"], [5, 6.0])

    def test_a_changed_rule_makes_the_preview_old(self):  # LN-14
        self.draft.action_preview()
        self.assertFalse(self._board()["outdated"])
        self._rule("Rule 0").points = 5
        self.assertTrue(self._board()["outdated"])

    def test_many_people_are_counted_in_the_background(self):  # LN-14, P-11
        self._rule("Rule 0").points = 31
        with patch.object(nurture_score_preview, "AT_ONCE", 5):
            self.draft.action_preview()
        self.assertEqual((self._board()["state"], self._board()["progress"]), ("running", 0))
        preview = self.draft._previews()[self.draft.id]
        while preview.state == "running":
            preview._count_chunk(max(preview.last_person // 4, 1))
        self.assertEqual(self._board()["bands"], {"cold": {"cold": 8}, "hot": {"warm": 3}})

    def test_a_sample_says_that_it_is_one(self):  # LN-14
        with patch.object(nurture_score_preview, "SAMPLE", 4):
            self.draft.action_preview()
        board = self._board()
        self.assertEqual(board["every"], 3)
        self.assertLess(board["people"], 6)
        self.assertEqual(board["share"][0], 0)
        self.assertGreater(board["share"][1], 40, "few people say little")

    def test_a_first_model_is_compared_with_what_is_shown(self):  # LN-14
        self.model.action_close()
        self.assertFalse(self.draft.preview_board["compared"])
        self.draft.action_preview()
        self.assertEqual(self._board()["bands"], {"cold": {"cold": 8, "hot": 3}})

    def test_only_a_draft_with_rules_is_previewed(self):  # LN-14
        with self.assertRaises(UserError):
            self.model.action_preview()
        empty = self.env["nurture.score.model"].create({"name": "Empty"})
        with self.assertRaises(UserError):
            empty.action_preview()

    def test_each_reader_counts_the_people_of_his_companies(self):  # multi-company
        there = self._create_lead(name="F", email="f@filters.test", company_id=self.filters.id)
        self._record(self._person_of(there))
        self._drain()
        self._rule("Rule 0").points = 31
        self.draft.action_preview()
        self.assertEqual(self._board(self.mira)["bands"]["hot"], {"warm": 3})
        self.assertEqual(self._board(self.finn)["bands"], {"hot": {"warm": 1}})
        rows = self.env["nurture.score.preview.person"]
        self.assertEqual(rows.with_user(self.finn).search([]).person_id, self._person_of(there))

    # ------------------------------------------------------------
    # Trial
    # ------------------------------------------------------------

    def test_a_trial_stands_beside_the_score_shown(self):  # LN-14, LN-15
        self._rule("Rule 0").points = 20
        lead = self.people[0].lead_ids
        tried = self.draft.with_user(self.mira).explain_on("crm.lead", lead.id)
        self.assertEqual((tried["told"]["total"], tried["told"]["band"]), (26, "warm"),
                         "it was hot: it cools down slowly")
        self.assertEqual((tried["shown"]["total"], tried["shown"]["band"]), (70, "hot"))
        typed = self.draft.explain_on("crm.lead", lead.id, {"warm_at": 40, "total_cap": 25})
        self.assertEqual((typed["told"]["total"], typed["told"]["band"]), (25, "cold"))
        rows = [row["points"] for group in typed["told"]["groups"] for row in group["rows"]]
        self.assertEqual(sum(rows) + typed["told"]["corrections"][0]["points"], 25)

    def test_a_trial_asks_for_the_right_to_read(self):  # LN-15
        nobody = self._create_lead(name="X", email=False, sync=True)
        self.assertFalse(self.draft.explain_on("crm.lead", nobody.id)["person"])
        with self.assertRaises(UserError):
            self.draft.explain_on("res.users", self.mira.id)
        with self.assertRaises(UserError):
            self.draft.with_user(self.sven).explain_on("crm.lead", self.people[0].lead_ids.id)
        there = self._create_lead(name="F", email="f@filters.test", company_id=self.filters.id)
        with self.assertRaises(UserError):
            self.draft.with_user(self.mira).explain_on("crm.lead", there.id)
