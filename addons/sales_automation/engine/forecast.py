"""Periods, the roll-up of a forecast, coverage, and how right a forecast was.

Amounts are of one currency. A category counts together with the surer ones: Best Case means
closed + commit + best case. What cannot be said is None, never 0: coverage without a target,
accuracy of a period in which nothing was won.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

MONTHS = {"month": 1, "quarter": 3, "year": 12}
# From the surest: each is shown together with those before it.
LADDER = ("closed", "commit", "best_case", "pipeline")


@dataclass(frozen=True)
class Period:
    """A whole calendar month, quarter or year; both ends belong to it.

    >>> Period.of("quarter", date(2026, 5, 17))
    Period(kind='quarter', start=datetime.date(2026, 4, 1), end=datetime.date(2026, 6, 30))
    >>> Period.of("month", date(2026, 12, 31)).shift(1).start
    datetime.date(2027, 1, 1)
    >>> Period.of("quarter", date(2026, 1, 1)).shift(-1).end
    datetime.date(2025, 12, 31)
    """

    kind: str
    start: date
    end: date

    @classmethod
    def of(cls, kind: str, day: date) -> Period:
        months = MONTHS[kind]
        start = _month_start(day.year * 12 + (day.month - 1) // months * months)
        return cls(kind, start, _month_start(_ordinal(start) + months) - timedelta(days=1))

    def shift(self, steps: int) -> Period:
        return Period.of(self.kind, _month_start(_ordinal(self.start) + steps * MONTHS[self.kind]))


def _ordinal(day: date) -> int:
    return day.year * 12 + day.month - 1


def _month_start(ordinal: int) -> date:
    return date(ordinal // 12, ordinal % 12 + 1, 1)


def share(start: date, end: date, period: Period) -> float:
    """Part of a target from `start` to `end` that falls into the period, counted in whole months.

    >>> quarter = Period.of("quarter", date(2026, 1, 1))
    >>> share(date(2026, 2, 1), date(2026, 2, 28), quarter)
    1.0
    >>> share(date(2026, 1, 1), date(2026, 12, 31), quarter)
    0.25
    >>> share(date(2026, 4, 1), date(2026, 4, 30), quarter)
    0.0
    """
    first, last = _ordinal(start), _ordinal(end)
    common = min(last, _ordinal(period.end)) - max(first, _ordinal(period.start)) + 1
    return max(0, common) / (last - first + 1)


def spread(amount: float, parts: int, digits: int = 2) -> list[float]:
    """Even parts that add up to the amount to the last cent.

    >>> spread(100, 3)
    [33.33, 33.34, 33.33]
    >>> sum(spread(1_000_000, 12, 0))
    1000000.0
    """
    bounds = [round(amount * index / parts, digits) for index in range(parts + 1)]
    return [round(after - before, digits)
            for before, after in pairwise(bounds)]


def climb(amounts: Mapping[str, float]) -> dict[str, float]:
    """Each category together with the surer ones.

    >>> climb({"closed": 10, "commit": 5, "pipeline": 40})
    {'closed': 10, 'commit': 15, 'best_case': 15, 'pipeline': 55}
    """
    total, result = 0, {}
    for category in LADDER:
        total += amounts.get(category, 0)
        result[category] = total
    return result


@dataclass(frozen=True)
class Adjustment:
    """What somebody says instead of the sum: so much more or less, or this amount.

    `category` says what a difference is added to: "commit" to what the level below says (for a
    person: closed + commit), another category to its sum.
    """

    kind: str  # "delta", "absolute" or "none" (taken back)
    category: str
    amount: float


def call(rolled_up: float, ladder: Mapping[str, float], adjustment: Adjustment | None) -> float:
    """The forecast of one level.

    >>> ladder = {"closed": 10, "commit": 15, "best_case": 40, "pipeline": 90}
    >>> call(15, ladder, None)
    15
    >>> call(15, ladder, Adjustment("delta", "commit", -3))
    12
    >>> call(15, ladder, Adjustment("delta", "best_case", -3))
    37
    >>> call(15, ladder, Adjustment("absolute", "commit", 50))
    50
    >>> call(15, ladder, Adjustment("none", "commit", 0))
    15
    """
    if adjustment is None or adjustment.kind == "none":
        return rolled_up
    if adjustment.kind == "absolute":
        return adjustment.amount
    base = rolled_up if adjustment.category == "commit" else ladder[adjustment.category]
    return base + adjustment.amount


def coverage(open_amount: float, target: float | None, won: float) -> float | None:
    """Open pipeline closing in the period / (target - won in it); None when nothing is missing.

    >>> coverage(300, 200, 100)
    3.0
    >>> coverage(300, 200, 200) is None
    True
    >>> coverage(300, None, 0) is None
    True
    """
    if not target or won >= target:
        return None
    return open_amount / (target - won)


def accuracy(forecast: float, actual: float) -> float | None:
    """max(0, 1 - |F - A| / A); None when nothing was won.

    >>> accuracy(90, 100), accuracy(125, 100), accuracy(300, 100)
    (0.9, 0.75, 0.0)
    >>> accuracy(50, 0) is None
    True
    """
    if actual <= 0:
        return None
    return max(0.0, 1 - abs(forecast - actual) / actual)


def bias(forecast: float, actual: float) -> float | None:
    """(F - A) / A: above 0 more was promised than won; None when nothing was won.

    >>> bias(125, 100), bias(80, 100)
    (0.25, -0.2)
    >>> bias(50, 0) is None
    True
    """
    if actual <= 0:
        return None
    return (forecast - actual) / actual


def team_accuracy(pairs: Iterable[tuple[float, float]]) -> float | None:
    """Accuracy of many (forecast, actual) by WAPE: max(0, 1 - sum |F - A| / sum A).

    One who promised too much and one who promised too little do not make a right team.

    >>> team_accuracy([(150, 100), (50, 100)])
    0.5
    >>> team_accuracy([(10, 0), (0, 0)]) is None
    True
    """
    pairs = list(pairs)
    total = sum(actual for _forecast, actual in pairs)
    if total <= 0:
        return None
    return max(0.0, 1 - sum(abs(forecast - actual) for forecast, actual in pairs) / total)
