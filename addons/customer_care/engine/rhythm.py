"""A customer's own rhythm: how many days usually lie between two purchases.

Units are days. A purchase is a day: several documents of one day are one purchase.
"""
from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date

#: Two repeat purchases: below that a mean of gaps says nothing about the customer.
MIN_PURCHASES = 3
#: Days between the first and the second purchase at which another gap of `Pace.few` begins.
STEPS = (30, 60, 120, 240, 480)


@dataclass(frozen=True)
class Pace:
    """What a company knows about rhythms in general.

    pool: typical gap of its repeating customers, None while nobody has bought twice
    weight: how many gaps of the pool are mixed into a customer's own ones
    assumed: gap given to customers without a rhythm of their own
    own_from: purchases from which a customer has a rhythm of his own
    few: in place of `assumed`, the gap after one purchase, then after two by the days between them
        (one more than STEPS); empty where nothing is known
    """

    pool: float | None
    weight: float
    assumed: float
    own_from: int = MIN_PURCHASES
    few: tuple[float, ...] = ()


def own_gap(first: date | None, last: date | None, purchases: int) -> float | None:
    """Mean days between purchases = (last - first) / (purchases - 1); None below two purchases.

    >>> own_gap(date(2026, 1, 1), date(2026, 3, 2), 3)
    30.0
    >>> own_gap(date(2026, 1, 1), date(2026, 1, 1), 1) is None
    True
    """
    if purchases < 2:
        return None
    return (last - first).days / (purchases - 1)


def expected_gap(first: date | None, last: date | None, purchases: int, pace: Pace) -> float:
    """The gap that silence is measured against.

    From two repeat purchases on it is the own mean, shrunk towards the pool:
    (weight * pool + sum of own gaps) / (weight + number of own gaps). Few own gaps lean on the
    pool, many hardly feel it. Below two repeat purchases it is the company's assumed gap.

    >>> pace = Pace(pool=60.0, weight=2.0, assumed=120.0)
    >>> expected_gap(date(2026, 1, 1), date(2026, 3, 2), 3, pace)  # own gaps: 2 of 30 days
    45.0
    >>> expected_gap(date(2026, 1, 1), date(2026, 3, 2), 2, pace)
    120.0
    >>> expected_gap(date(2026, 1, 1), date(2026, 3, 2), 3, Pace(None, 2.0, 120.0))
    30.0
    >>> expected_gap(date(2026, 1, 1), date(2026, 3, 2), 3, Pace(60.0, 2.0, 120.0, own_from=5))
    120.0
    >>> few = (50, 60, 70, 80, 90, 100, 110)  # the second purchase came after 60 days
    >>> expected_gap(date(2026, 1, 1), date(2026, 3, 2), 2, Pace(None, 2.0, 120.0, few=few))
    80
    """
    if purchases < pace.own_from:
        if not pace.few or not purchases:
            return pace.assumed
        return pace.few[0 if purchases == 1 else 1 + bisect_right(STEPS, (last - first).days)]
    gaps, days = purchases - 1, (last - first).days
    if pace.pool is None:
        return days / gaps
    return (pace.weight * pace.pool + days) / (pace.weight + gaps)
