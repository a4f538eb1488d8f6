"""What one customer is expected to buy over a horizon, in purchases and in money of today.

Built on the BG/NBD model of purchases (bgnbd.py) and on the expected value of one purchase that
gamma_gamma.py gives. Times are days, money is any currency, rates are a year's.
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from . import bgnbd

#: Money is discounted from the middle of steps no longer than half a year.
STEP_DAYS = 183
YEAR_DAYS = 365.0
#: The range leaves a tenth of such customers below and a tenth above.
TAIL = 0.1
#: Nobody buys more often in a horizon; it ends the search for a quantile.
MOST_PURCHASES = 5000


@dataclass(frozen=True)
class Outlook:
    """A customer's horizon.

    alive: P(he still buys), None for who bought once, of whom the model always says 1
    purchases: expected number of purchase days
    value: expected money, discounted to today
    low, high: the same money at the 10 % and 90 % quantile of the number of purchases
    """

    alive: float | None
    purchases: float
    value: float
    low: float
    high: float


def outlook(
    params: bgnbd.Params, horizon: int, discount: float, x: int, t_x: int, T: int, worth: float,
) -> Outlook:
    """The horizon of a customer with x repeat purchases, one purchase being worth `worth`.

    >>> cdnow = bgnbd.Params(0.243, 4.414 * 7, 0.793, 2.426)
    >>> one = outlook(cdnow, 273, 0.0, 2, 213, 272, 30.0)
    >>> round(one.purchases, 2), round(one.value, 1), one.low, one.high
    (1.23, 36.8, 0.0, 90.0)
    >>> later = outlook(cdnow, 273, 0.10, 2, 213, 272, 30.0)
    >>> 0.95 < later.value / one.value < 0.97
    True
    """
    purchases, present = discounted(params, horizon, discount, x, t_x, T)
    few, many = purchase_range(params, horizon, x, t_x, T, purchases)
    factor = worth * (present / purchases if purchases else 1.0)
    return Outlook(
        bgnbd.p_alive(params, x, t_x, T) if x else None,
        purchases, worth * present, few * factor, many * factor,
    )


def discounted(
    params: bgnbd.Params, horizon: int, discount: float, x: int, t_x: int, T: int,
) -> tuple[float, float]:
    """Expected purchases of the horizon, and the same with each step's share discounted.

    A purchase in the step from a to b counts (1 + discount) ** -((a + b) / 2 / 365).
    """
    steps = ceil(horizon / STEP_DAYS) if discount else 1
    before = present = 0.0
    for step in range(1, steps + 1):
        end = horizon * step / steps
        until = bgnbd.expected_purchases(params, end, x, t_x, T)
        middle = end - horizon / steps / 2
        present += (until - before) * (1 + discount) ** (-middle / YEAR_DAYS)
        before = until
    return before, present


def purchase_range(
    params: bgnbd.Params, t: float, x: int, t_x: int, T: int, expected: float,
) -> tuple[int, int]:
    """The 10 % and the 90 % quantile of the number of purchases in t days.

    "None" has the model's own probability; one and more follow a shifted negative binomial with
    the model's shape r + x and the mean that is left. How often the range holds is measured by
    `coverage()` on what really happened.

    >>> cdnow = bgnbd.Params(0.243, 4.414 * 7, 0.793, 2.426)
    >>> purchase_range(cdnow, 273, 0, 0, 272, 0.2)
    (0, 1)
    """
    none = bgnbd.p_no_purchase(params, t, x, t_x, T)
    some = 1.0 - none
    if some <= TAIL or expected <= 0:
        return 0, 0
    shape = params.r + x
    more = max(expected / some - 1.0, 0.0)  # purchases behind the first one of the horizon
    chance = shape / (shape + more)
    mass, total, number = some * chance**shape, none, 0
    low = 0 if total >= TAIL else None
    while total < 1.0 - TAIL and number < MOST_PURCHASES:
        total += mass
        mass *= (shape + number) / (number + 1) * (1.0 - chance)
        number += 1
        if low is None and total >= TAIL:
            low = number
    return low or 0, number


def coverage(rows: Iterable[tuple[int, int, int, int]]) -> float | None:
    """Share of customers inside their range, from (low, high, actual, weight); None without any.

    >>> coverage([(0, 1, 0, 6), (0, 1, 2, 2), (1, 3, 3, 2)])
    0.8
    >>> coverage([]) is None
    True
    """
    inside = total = 0
    for low, high, actual, weight in rows:
        total += weight
        if low <= actual <= high:
            inside += weight
    return inside / total if total else None
