"""Working hours between two moments, and the moment after so many of them."""
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import accumulate

HOUR = 3600.0


class WorkClock:
    """A clock that runs in working hours only.

    `spans` are the working times (begin, end), of which none overlaps another; all moments are of
    one time zone. Outside of them the clock stands still.

    >>> day = lambda d, h: datetime(2026, 6, d, h)
    >>> clock = WorkClock([(day(1, 8), day(1, 12)), (day(1, 13), day(1, 17)),
    ...                    (day(2, 8), day(2, 12))])
    >>> clock.hours(day(1, 11), day(1, 14)), clock.hours(day(1, 6), day(2, 9))
    (2.0, 9.0)
    >>> clock.hours(day(1, 14), day(1, 11))
    0.0
    >>> clock.after(day(1, 16), 2), clock.after(day(1, 6), 4)
    (datetime.datetime(2026, 6, 2, 9, 0), datetime.datetime(2026, 6, 1, 12, 0))
    >>> clock.after(day(1, 8), 13) is None
    True
    """

    def __init__(self, spans: Iterable[tuple[datetime, datetime]]):
        self._spans = sorted(span for span in spans if span[0] < span[1])
        self._begins = [begin for begin, _end in self._spans]
        lengths = ((end - begin).total_seconds() / HOUR for begin, end in self._spans)
        #: hours worked before each span, and after the last one
        self._before = list(accumulate(lengths, initial=0.0))

    def _reading(self, moment: datetime) -> float:
        """What the clock shows at a moment: hours since its first span."""
        place = bisect_right(self._begins, moment) - 1
        if place < 0:
            return 0.0
        begin, end = self._spans[place]
        return self._before[place] + (min(moment, end) - begin).total_seconds() / HOUR

    def hours(self, begin: datetime, end: datetime) -> float:
        """Working hours from `begin` to `end`; 0 when the end lies before."""
        return max(self._reading(end) - self._reading(begin), 0.0)

    def after(self, begin: datetime, hours: float) -> datetime | None:
        """The moment at which so many working hours have passed; None beyond the last span.

        It lies at the end of a span, not at the begin of the next: due "Friday 17:00".
        """
        target = self._reading(begin) + hours
        if hours <= 0:
            return begin
        place = bisect_left(self._before, target - 1e-9, lo=1) - 1
        if place >= len(self._spans):
            return None
        return self._begins[place] + timedelta(hours=target - self._before[place])
