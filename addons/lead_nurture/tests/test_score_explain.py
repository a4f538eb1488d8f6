from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import EVERYBODY
from .common_score import ScoreCase


@tagged("post_install", "-at_install")
class TestScoreExplain(ScoreCase):
    def test_caps_are_rows_of_the_explanation(self):  # LN-12, LN-15
        self._record(self.ann), self._record(self.ann, kind="call")
        model = self._create_model(
            [{"points": 40, "event_kind": "page_view"}, {"points": 30, "event_kind": "call"}],
            fit=[{"points": 20, "domain": EVERYBODY}, {"points": 15, "domain": EVERYBODY}],
            cap=60, fit_cap=30, total_cap=80,
        )  # fmt: skip
        self._drain()
        self.assertScore(self.ann, 80, model=model)
        told = self._score_of(self.ann)._explain()
        self.assertEqual([group["points"] for group in told["groups"]], [60, 30])
        self.assertEqual([row["points"] for row in told["corrections"]], [-10])
        marks = [(mark["label"], mark["at"]) for mark in told["marks"]]
        self.assertEqual(marks, [("Warm", 30), ("Hot", 60)], "as the reader calls them")

    def test_a_score_is_never_below_nothing(self):  # LN-15
        self._record(self.ann, kind="unsubscribe")
        model = self._create_model([{"points": -40, "event_kind": "unsubscribe"}])
        self._drain()
        self.assertScore(self.ann, 0, "cold", model=model)

    def test_an_explanation_that_is_behind_says_so(self):  # LN-15
        model = self._create_model(fit=[{"points": 10, "domain": EVERYBODY}])
        self._drain()
        model.group_ids.rule_ids.points = 12
        told = self._score_of(self.ann)._explain()
        self.assertEqual((told["total"], told["outdated"]), (12, 10))

    @mute_logger("odoo.sql_db", "odoo.addons.lead_nurture.models.nurture_score", "odoo.domains")
    def test_a_rule_that_broke_later_stops_its_model_only(self):  # LN-43: a module went away
        good = self._create_model([{"points": 7, "event_kind": "page_view"}], sequence=1)
        bad = self._create_model(fit=[{"points": 5, "domain": EVERYBODY}], sequence=2)
        self._drain()
        rule = bad.group_ids.rule_ids
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE nurture_score_rule SET domain = '[(''gone'', ''='', 1)]' WHERE id = %s",
            [rule.id],
        )
        rule.invalidate_recordset()
        self._record(self.ann)
        self._drain()
        self.assertScore(self.ann, 7, model=good)
        self.assertIn("gone", bad.error)
        told = self._score_of(self.ann, bad)._explain()
        self.assertEqual((told["total"], told["groups"]), (5, []))
        rule.domain = EVERYBODY
        self._drain()
        self.assertFalse(bad.error)
        self.assertScore(self.ann, 5, model=bad)
