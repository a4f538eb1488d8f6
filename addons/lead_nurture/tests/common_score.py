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
