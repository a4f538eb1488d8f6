from odoo.tests import tagged

from .common_score import StoryCase


@tagged("post_install", "-at_install")
class TestScoreSame(StoryCase):
    def test_incremental_full_and_explained_agree_for_everybody(self):  # LN-15, LN-19
        dice, model, people = self._random_story("agree")
        self._drain()
        for _round in range(6):
            self._random_events(dice, people, 40)
            dice.choice(people).lead_ids[0].function = dice.choice(["Director", "Clerk"])
            self._drain()
        incremental = self._scores(model)
        self.assertGreater(len({row["total"] for row in incremental.values()}), 8)
        for score in self.env["nurture.score"].search([("model_id", "=", model.id)]):
            self.assertAddsUp(score)
        self.env["nurture.score"].search([]).unlink()
        model._request_pass(silent=True)
        self._drain()
        self.assertEqual(self._scores(model), incremental)

    def test_the_night_agrees_with_a_fresh_start_after_days_of_decay(self):  # LN-12, LN-19
        dice, model, people = self._random_story("decay")
        self._random_events(dice, people, 200)
        self._drain()
        for _night in range(5):
            self._move(3)
        nightly = self._scores(model)
        for score in self.env["nurture.score"].search([("model_id", "=", model.id)]):
            self.assertAddsUp(score)
        self.env["nurture.score"].search([]).unlink()
        model._request_pass(silent=True)
        self._drain()
        self.assertEqual(self._scores(model), nightly)

    def test_a_pass_in_small_chunks_agrees(self):  # LN-19
        dice, model, people = self._random_story("chunks")
        self._random_events(dice, people, 100)
        self._drain()
        whole = self._scores(model)
        self.env["nurture.score"].search([]).unlink()
        model._request_pass(silent=True)
        while self.env["nurture.score"]._score_pass_chunk(4):
            pass
        self.assertEqual(self._scores(model), whole)
        self.assertTrue(model.last_pass_at)

    def test_a_night_without_change_writes_nothing(self):  # LN-19
        self._random_story("still")
        self._drain()
        before = {s.id: s.computed_at for s in self.env["nurture.score"].search([])}
        self._move(1)
        after = {s.id: s.computed_at for s in self.env["nurture.score"].search([])}
        self.assertEqual(after, before)
