"""When a customer will need a product again: by his own rhythm and by how much he took.

Units are days and pieces (the product's own unit). A purchase is a day; what was bought on one
day lasts until the next, so the days after a purchase are counted per piece bought on it.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

#: Two gaps: below that a mean of gaps says nothing about the customer.
MIN_PURCHASES = 3
#: How many gaps of the typical customer are mixed into the customer's own (KPI.md: k = 2).
WEIGHT = 2.0


@dataclass(frozen=True)
class Bought:
    """What one customer bought of one product.

    quantity: all pieces; last_quantity: those of the last purchase, still in use
    early, late: P25 and P75 of his days per piece, as shares of his mean days per piece
    """

    first: date
    last: date
    purchases: int
    quantity: float
    last_quantity: float
    early: float = 1.0
    late: float = 1.0


@dataclass(frozen=True)
class Pool:
    """The typical customer of one product: medians over those with two gaps or more."""

    gap: float
    unit: float
    early: float
    late: float


@dataclass(frozen=True)
class Window:
    """The day on which the product will be needed again, and the P25-P75 days around it."""

    on: date
    earliest: date
    latest: date


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which this share lies, between neighbours by a straight line.

    >>> quantile([10.0, 20.0, 40.0], 0.25), quantile([10.0, 20.0, 40.0], 0.5)
    (15.0, 20.0)
    >>> quantile([7.0], 0.75)
    7.0
    """
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def bought(days: Sequence[tuple[date, float]]) -> Bought | None:
    """Sum up (day, quantity) rows; days on which nothing was left after returns do not count.

    >>> bought([(date(2026, 1, 1), 1), (date(2026, 1, 31), 2), (date(2026, 4, 1), 1)])
    Bought(first=datetime.date(2026, 1, 1), last=datetime.date(2026, 4, 1), purchases=3, \
quantity=4, last_quantity=1, early=1.0, late=1.0)
    >>> bought([(date(2026, 1, 1), 0)]) is None
    True
    """
    kept = sorted((day, quantity) for day, quantity in days if quantity > 0)
    if not kept:
        return None
    first, (last, last_quantity) = kept[0][0], kept[-1]
    total = sum(quantity for _day, quantity in kept)
    early = late = 1.0
    if len(kept) >= MIN_PURCHASES:
        mean = (last - first).days / (total - last_quantity)
        lasted = [
            (after[0] - before[0]).days / before[1]
            for before, after in pairwise(kept)
        ]
        early = min(quantile(lasted, 0.25) / mean, 1.0)
        late = max(quantile(lasted, 0.75) / mean, 1.0)
    return Bought(first, last, len(kept), total, last_quantity, early, late)


def shrunk(own: float, gaps: int, typical: float | None, weight: float = WEIGHT) -> float:
    """(weight x typical + gaps x own) / (weight + gaps); the own one while nothing is typical.

    >>> shrunk(30.0, 2, 60.0)
    45.0
    >>> shrunk(30.0, 2, None)
    30.0
    """
    if typical is None:
        return own
    return (weight * typical + gaps * own) / (weight + gaps)


def expected_days(
    history: Bought, pool: Pool | None, by_quantity: bool = True, weight: float = WEIGHT,
) -> float | None:
    """Days that the last purchase lasts; None below two gaps.

    By quantity: days per piece (all days / all pieces but the last ones), shrunk, times the
    pieces of the last purchase. Else: mean days between two purchases, shrunk.

    >>> once_double = Bought(date(2026, 1, 1), date(2026, 3, 2), 3, 4, 2)  # 1, 1 and 2 pieces
    >>> expected_days(once_double, None), expected_days(once_double, None, by_quantity=False)
    (60.0, 30.0)
    >>> expected_days(once_double, Pool(gap=60, unit=60, early=1, late=1))
    90.0
    >>> expected_days(Bought(date(2026, 1, 1), date(2026, 3, 2), 2, 2, 1), None) is None
    True
    """
    if history.purchases < MIN_PURCHASES:
        return None
    gaps, days = history.purchases - 1, (history.last - history.first).days
    if not by_quantity:
        return shrunk(days / gaps, gaps, pool and pool.gap, weight)
    used = history.quantity - history.last_quantity
    return shrunk(days / used, gaps, pool and pool.unit, weight) * history.last_quantity


def expected(
    history: Bought, pool: Pool | None, by_quantity: bool = True, weight: float = WEIGHT,
) -> Window | None:
    """Last purchase + the days it lasts; the window by the shrunk quartiles.

    >>> expected(Bought(date(2026, 1, 1), date(2026, 3, 2), 3, 3, 1, 0.5, 1.5), None)
    Window(on=datetime.date(2026, 4, 1), earliest=datetime.date(2026, 3, 17), \
latest=datetime.date(2026, 4, 16))
    """
    days = expected_days(history, pool, by_quantity, weight)
    if days is None:
        return None
    gaps = history.purchases - 1
    early = shrunk(history.early, gaps, pool and pool.early, weight)
    late = shrunk(history.late, gaps, pool and pool.late, weight)
    on, earliest, latest = (
        history.last + timedelta(days=max(1, int(days * share + 0.5)))
        for share in (1.0, min(early, 1.0), max(late, 1.0))
    )
    return Window(on, earliest, latest)


def from_tomorrow(window: Window, today: date) -> Window:
    """Nothing is expected in the past: what is overdue is expected tomorrow.

    >>> overdue = Window(date(2026, 4, 1), date(2026, 3, 17), date(2026, 4, 16))
    >>> from_tomorrow(overdue, date(2026, 4, 10)).on
    datetime.date(2026, 4, 11)
    """
    tomorrow = today + timedelta(days=1)
    return Window(*(max(day, tomorrow) for day in (window.on, window.earliest, window.latest)))
