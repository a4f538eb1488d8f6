from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common_score import ScoreCase


@tagged("post_install", "-at_install")
class TestScoreHistory(ScoreCase):
    def _moves(self):
        rows = self.env["nurture.score.history"].search([], order="id")
        return [(row.total_before, row.total, row.band_before, row.band) for row in rows]

    def test_a_first_calculation_is_no_move(self):  # LN-15
        self._record(self.ann)
        self._create_model([{"points": 64, "event_kind": "page_view"}])
        self._drain()
        self.assertEqual(self._moves(), [])

    def test_moves_are_kept_and_the_chart_tells_them(self):  # LN-15
        model = self._create_model(
            [{"points": 64, "event_kind": "page_view", "half_life_days": 10}]
        )
        self._drain()
        self._record(self.ann)
        self._drain()
        self._move(1)  # 60: not ten points yet
        self._move(2)  # 52: hot became warm
        self._move(1)  # 49
        self._move(2)  # 42: ten points since the last row, in the same band
        self.assertEqual(
            self._moves(),
            [(0, 64, "cold", "hot"), (60, 52, "hot", "warm"), (49, 42, "warm", "warm")],
        )
        told = self._score_of(self.ann)._explain_fully()
        self.assertEqual([row["total"] for row in told["history"]], [64, 52, 42])
        self.assertEqual(told["history"][0]["version"], model.version)

    def test_a_grade_that_changes_is_a_move(self):  # LN-13, LN-15
        self._create_model(fit=[{"points": 6, "domain": "[('function', '!=', False)]"}])
        self._drain()
        self.lead.function = "Director"
        self._drain()
        self.assertEqual(self.env["nurture.score.history"].search([]).grade, "C")

    def test_a_night_of_slow_decay_writes_no_history(self):  # LN-15: no million rows a night
        self._record(self.ann)
        self._create_model([{"points": 20, "event_kind": "page_view", "half_life_days": 60}])
        self._drain()
        self._move(1)
        self._move(1)
        self.assertEqual(self._score_of(self.ann).total, 20)
        self.assertEqual(self._moves(), [])

    def test_old_rows_go(self):  # LN-15
        self._create_model([{"points": 64, "event_kind": "page_view"}])
        self._drain()
        self._record(self.ann)
        self._drain()
        history = self.env["nurture.score.history"]
        self.assertEqual(history._gc_history(), (0, 0))
        self.frozen.tick(timedelta(days=731))
        self.env["ir.config_parameter"].set_param("lead_nurture.history_days", "0")
        self.assertEqual(history._gc_history(), (0, 0), "0 keeps all")
        self.env["ir.config_parameter"].set_param("lead_nurture.history_days", "730")
        self.assertEqual(history._gc_history()[0], 1)
        self.assertFalse(history.search([]))

    def test_a_second_active_model_is_seen_too(self):  # LN-14, LN-15
        self._record(self.ann)
        self._create_model([{"points": 5, "event_kind": "page_view"}], sequence=1)
        self._create_model([{"points": 7, "event_kind": "page_view"}], sequence=2, name="Other")
        self._drain()
        told = self.lead.nurture_explanation
        self.assertEqual(told["total"], 5)
        self.assertEqual([(o["model"], o["total"]) for o in told["others"]], [("Other", 7)])

    def test_history_obeys_the_company(self):  # multi-company
        self._create_model([{"points": 64, "event_kind": "page_view"}])
        self._drain()
        self._record(self.ann)
        self._drain()
        history = self.env["nurture.score.history"]
        self.assertTrue(history.with_user(self.mira).search([]))
        self.assertFalse(history.with_user(self.finn).search([]))
        self.assertEqual(history.search([]).at, fields.Datetime.now())
