"""Are these more complaints than the product usually has?

Complaints that come by chance, one not caused by another, follow a Poisson law: knowing how many a
product usually has in some days, the law says how often chance alone brings so many. What chance
brings less than once in a thousand windows is a cluster.
"""
from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma, log

#: Chance below which so many complaints are a cluster.
RARE = 0.001
#: Days of own history below which nothing is usual yet.
LEAST_DAYS = 28
#: Units under which rates are not compared: a single complaint would move one by more than 33 per
#: 1,000, and chance would lead every list.
LEAST_SOLD = 30
#: What is mixed into an own history without a single complaint: half a complaint.
HALF = 0.5


@dataclass(frozen=True)
class Usual:
    """What a product had before the window.

    count: its complaints and defects in `days` days
    growth: how many times faster it sells now than then; 1 when that is not known
    sold: units sold in these days; None when that is not known
    """

    count: int
    days: int
    growth: float = 1.0
    sold: float | None = None


@dataclass(frozen=True)
class Verdict:
    """is_cluster; expected: usual complaints in such a window, None when nothing is usual yet;
    chance: probability of so many by chance, None likewise."""

    is_cluster: bool
    expected: float | None
    chance: float | None


def rate(count: float, sold: float | None) -> float | None:
    """Complaints per 1,000 units sold and kept; None when none were.

    >>> rate(12, 1000), rate(12, 950.0), rate(3, 0), rate(3, None), rate(0, 50)
    (12.0, 12.631578947368421, None, None, 0.0)
    """
    if not sold or sold <= 0:
        return None
    return 1000 * count / sold


def comparable_rate(count: float, sold: float | None) -> float | None:
    """The rate of a product among others; None where too few were sold to compare it.

    >>> comparable_rate(1, 3), comparable_rate(1, 29.5), comparable_rate(3, 30)
    (None, None, 100.0)
    """
    return rate(count, sold) if sold and sold >= LEAST_SOLD else None


def tail(count: int, mean: float) -> float:
    """P(X >= count) of a Poisson law: the chance of so many or more.

    >>> round(tail(1, 1.0), 6), round(tail(3, 0.5), 6)  # 1 - 1/e; 1 - 1.625 e^-0.5
    (0.632121, 0.014388)
    >>> tail(0, 5.0), tail(4, 0.0)
    (1.0, 0.0)
    >>> f"{tail(12, 0.4):.1e}"
    '2.4e-14'
    """
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    if count <= mean:
        below = sum(exp(i * log(mean) - mean - lgamma(i + 1)) for i in range(count))
        return max(0.0, 1.0 - below)
    # The far end is summed by itself: 1 - (nearly 1) would leave nothing but rounding.
    term = exp(count * log(mean) - mean - lgamma(count + 1))
    total, i = term, count
    while term > total * 1e-16:
        i += 1
        term *= mean / i
        total += term
    return min(1.0, total)


def expected(usual: Usual, window: int) -> float | None:
    """Usual complaints in a window of days; None while the product is too new to have a usual.

    (complaints before, at least half a one) * window / days before * growth; growth below 1 is
    left out: goods sold earlier are still in use.

    >>> round(expected(Usual(21, 358), 7), 3), round(expected(Usual(21, 358, 2.0), 7), 3)
    (0.411, 0.821)
    >>> round(expected(Usual(0, 358), 7), 4), expected(Usual(0, 20), 7)
    (0.0098, None)
    """
    if usual.days < LEAST_DAYS:
        return None
    return max(usual.count, HALF) * window / usual.days * max(1.0, usual.growth)


def usual_rate(usual: Usual, window: int) -> float | None:
    """Usual complaints in a window of days per 1,000 units: beside the rate of such a window.

    Complaints before * window / days before / units sold in these days * 1,000; None while the
    product is too new to have a usual, or no sold unit is known.

    >>> round(usual_rate(Usual(24, 365, sold=1000), 7), 4), usual_rate(Usual(0, 365, sold=50), 7)
    (0.4603, 0.0)
    >>> usual_rate(Usual(24, 365), 7), usual_rate(Usual(2, 20, sold=1000), 7)
    (None, None)
    """
    if usual.days < LEAST_DAYS:
        return None
    return rate(usual.count * window / usual.days, usual.sold)


def judge(count: int, window: int, usual: Usual, least: int) -> Verdict:
    """A cluster is `least` complaints or more in the window, and more than chance brings.

    A product in its first month has nothing to compare with: the count alone decides.

    >>> judge(12, 7, Usual(21, 358), least=5).is_cluster
    True
    >>> judge(4, 7, Usual(0, 358), least=5).is_cluster  # rare, but too few to speak of
    False
    >>> judge(8, 7, Usual(260, 358), least=5).is_cluster  # five a week are usual there
    False
    >>> judge(5, 7, Usual(0, 10), least=5)
    Verdict(is_cluster=True, expected=None, chance=None)
    """
    mean = expected(usual, window)
    if mean is None:
        return Verdict(count >= least, None, None)
    chance = tail(count, mean)
    return Verdict(count >= least and chance < RARE, mean, chance)
