"""How many mails a server may take in an hour and, while it warms up, in a day.

Places are given out by the clock hour (UTC). Within an hour they lie evenly apart, so that a
rate of 60 an hour is one a minute and not sixty at once.
"""
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# nobody is given a place further ahead than this
AHEAD = timedelta(days=366)


@dataclass(frozen=True)
class Limits:
    """What a server may take. 0 is no limit; without `warm_since` there is no warm-up.

    The warm-up begins with `warm_first` mails on its first day and grows by `warm_growth`
    percent a day (100 doubles it). From the day on that reaches `warm_full` it is over.
    """

    per_hour: int = 0
    warm_since: date | None = None
    warm_first: int = 0
    warm_growth: int = 100
    warm_full: int = 0

    def per_day(self, day: date) -> int | None:
        """Mails of this day (UTC), or None for any number.

        >>> plan = Limits(warm_since=date(2026, 3, 1), warm_first=50, warm_full=1000)
        >>> [plan.per_day(date(2026, 3, day)) for day in range(1, 7)]
        [50, 100, 200, 400, 800, None]
        >>> plan.per_day(date(2026, 2, 1)), Limits(per_hour=5).per_day(date(2026, 3, 1))
        (50, None)
        """
        if not self.warm_since or self.warm_first <= 0:
            return None
        mails = float(self.warm_first)
        for _day in range((day - self.warm_since).days):
            mails *= 1 + max(self.warm_growth, 0) / 100
            if self.warm_full and mails >= self.warm_full:
                return None
            if self.warm_growth <= 0:
                break
        return int(mails)

    def are_none(self) -> bool:
        """
        >>> Limits().are_none(), Limits(per_hour=1).are_none()
        (True, False)
        """
        return self.per_hour <= 0 and (not self.warm_since or self.warm_first <= 0)


class Places:
    """The places of one server: `taken` by hour as they stand, `added` by `take`.

    >>> places = Places(Limits(per_hour=2), {datetime(2026, 3, 1, 9): 1})
    >>> [places.take(datetime(2026, 3, 1, 9, 10)).strftime("%H:%M") for _ in range(4)]
    ['09:30', '10:00', '10:30', '11:00']
    """

    def __init__(self, limits: Limits, taken: Mapping[datetime, int]):
        self.limits = limits
        self.added: Counter[datetime] = Counter()
        self._hour = Counter(taken)
        self._day: Counter[date] = Counter()
        for hour, number in taken.items():
            self._day[hour.date()] += number
        # before this moment, counted from the first one asked for, every hour is full
        self._full_until: datetime | None = None

    def take(
        self,
        at: datetime,
        opens: Callable[[datetime], datetime | None] | None = None,
        last: datetime | None = None,
    ) -> datetime | None:
        """The first free place from `at` up to `last` to which `opens` agrees; None, and nothing
        is taken, when there is none. `opens` answers the first allowed moment from a given one
        on. Later calls must not ask for an earlier `at`."""
        last = min(last or at + AHEAD, at + AHEAD)
        self._full_until = self._full_until or at
        moment: datetime | None = max(at, self._full_until)
        while moment is not None and moment <= last:
            hour = moment.replace(minute=0, second=0, microsecond=0)
            later = self._free_from(hour, moment)
            if later >= hour + HOUR and hour <= self._full_until:
                self._full_until = later
            if later == moment:
                wanted = opens(moment) if opens else moment
                if wanted == moment:
                    return self._give(hour, moment)
                moment = wanted
            else:
                moment = later
        return None

    def _free_from(self, hour: datetime, moment: datetime) -> datetime:
        """`moment` if it has a place, else the next moment worth asking for."""
        per_day = self.limits.per_day(hour.date())
        if per_day is not None and self._day[hour.date()] >= per_day:
            return datetime.combine(hour.date() + DAY, time())
        if self.limits.per_hour <= 0:
            return moment
        if self._hour[hour] >= self.limits.per_hour:
            return hour + HOUR
        even = hour + HOUR * self._hour[hour] / self.limits.per_hour
        return max(moment, even.replace(microsecond=0))

    def _give(self, hour: datetime, moment: datetime) -> datetime:
        self._hour[hour] += 1
        self._day[hour.date()] += 1
        self.added[hour] += 1
        return moment
