"""A clock of a test's own, that neither lets its crowd run away from it nor runs away itself."""

import threading
from datetime import datetime, timedelta

from odoo import fields
from odoo.modules.registry import Registry
from odoo.tools import SQL

#: so much passes at a time, and so often (real seconds)
STEP = timedelta(seconds=12)
EVERY_S = 0.1
#: time waits for lanes that are later than this
LATE = timedelta(minutes=1)


class PacedClock:
    """Runs 120 times as fast as the sun, but stands while lanes are behind, or a limit is reached:
    what happens between two points of its time is the same on a slow machine."""

    def __init__(self) -> None:
        self._now = fields.Datetime.now().replace(microsecond=0)
        self._limit: datetime | None = None
        self._stop = threading.Event()

    def now(self) -> datetime:
        return self._now

    def run_at_most(self, span: timedelta | None) -> None:
        """From here time passes so far and no further; None: as far as it likes."""
        self._limit = span and self._now + span

    def start(self, dbname: str) -> None:
        threading.Thread(target=self._run, args=(dbname,), daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self, dbname: str) -> None:
        with Registry(dbname).cursor() as cr:
            while not self._stop.wait(EVERY_S):
                cr.execute(_query_late(self._now - LATE))
                [late] = cr.fetchone()
                cr.rollback()
                if not late and (self._limit is None or self._now < self._limit):
                    self._now += STEP


def _query_late(before: datetime) -> SQL:
    return SQL(
        """SELECT EXISTS (SELECT 1 FROM nurture_enrolment
                           WHERE state = 'active' AND ended_at IS NULL AND run_at < %s)""",
        before,
    )
