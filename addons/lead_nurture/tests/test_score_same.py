import random
from datetime import timedelta

from odoo.tests import tagged

from .common import NOW
from .common_score import ScoreCase


@tagged("post_install", "-at_install")
class TestScoreSame(ScoreCase):
    def _random_story(self, seed):
        """A model with every kind of rule and thirty people with random events."""
        dice = random.Random(seed)
        rules = [
            {"points": 3, "event_kind": "page_view", "max_count": 4},
            {"points": 7.5, "event_kind": "visit", "half_life_days": 9},
            {"points": 12, "event_kind": "visit", "count_by": "day", "min_count": 2,
             "max_count": 3, "window_days": 30, "half_life_days": 14},
            {"points": 2, "event_kind": "mail_click", "max_per_day": 2, "half_life_days": 5},
            {"points": 20, "event_kind": "visit", "url_pattern": "/pricing", "max_count": 1},
            {"points": -15, "event_kind": "unsubscribe", "window_days": 60},
            {"points": 5, "event_kind": "contact", "include_suspect": True},
        ]  # fmt: skip
        fit = [
            {"points": 9, "domain": "[('function', 'ilike', 'director')]"},
            {"points": -4, "domain": "[('country_id.code', '=', 'VN')]"},
        ]
        model = self._create_model(rules, fit, cap=70, fit_cap=8, total_cap=75, hot_at=60)
        leads = self.env["crm.lead"].create(
            [
                {
                    "name": f"L{n}",
                    "email_from": f"p{n % 25}@random.test",
                    "company_id": self.pumps.id,
                    "function": dice.choice(["Director", False]),
                    "country_id": dice.choice([self.env.ref("base.vn").id, False]),
                }
                for n in range(30)
            ]
        )
        self._sync()
        people = leads.mapped("nurture_person_id")
        self.assertEqual(len(people), 25)
        return dice, model, people

    def _random_events(self, dice, people, number):
        kinds = ["page_view", "mail_click", "call", "unsubscribe", "mail_open", "mail_reply"]
        self.env["nurture.event"]._insert_events(
            [
                {
                    "person_id": dice.choice(people.ids),
                    "kind": dice.choice(kinds),
                    "occurred_at": NOW - timedelta(minutes=dice.randrange(60 * 24 * 90)),
                    "dedup_key": f"random:{dice.random()}",
                    "actor": dice.choice(["human", "human", "suspect", "machine"]),
                    "url": dice.choice([None, "/pricing", "/pumps"]),
                }
                for _n in range(number)
            ]
        )

    def _scores(self, model):
        rows = self.env["nurture.score"].search_read(
            [("model_id", "=", model.id)], ["person_id", "fit", "engagement", "total", "grade"]
        )
        return {row["person_id"][0]: {**row, "id": 0} for row in rows}

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
