import random
from datetime import timedelta

from freezegun import freeze_time

from .common import NOW, NurtureCase


class ScoreCase(NurtureCase):
    """Stories at a fixed hour: `self._move(days)` lets time pass."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._create_lead()
        cls.ann = cls._person_of(cls.lead)

    def setUp(self):
        super().setUp()
        self.clock = freeze_time(NOW)
        self.frozen = self.clock.start()
        self.addCleanup(self.clock.stop)

    def _move(self, days):
        """Time passes and the nightly pass runs."""
        self.frozen.tick(timedelta(days=days))
        self.env["nurture.score.model"]._cron_request_passes()
        self._drain()

    def _bands_told(self, person):
        events = self.env["nurture.event"].search(
            [("person_id", "=", person.id), ("source", "=", "score")], order="id"
        )
        return [(event.kind, event.topic) for event in events]


class StoryCase(ScoreCase):
    """People about whom random, but repeatable, things happen."""

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
