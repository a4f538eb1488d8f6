"""How long agreements last: the Kaplan-Meier curve with Greenwood's variance.

Sources: Kaplan and Meier (1958), "Nonparametric estimation from incomplete observations";
Greenwood (1926); interval on the log(-log) scale after Kalbfleisch and Prentice (1980), so that
it never leaves 0 to 1. Units are days; a lifetime is the days from the first to the last, the
day after which is the first without. Whoever still runs counts up to today and is then left out,
not counted as lost.
"""
from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, log, sqrt

#: 95 % of a normal distribution.
Z = 1.959963984540054

EMPTY = "empty"
NONE_ENDED = "none_ended"
FEW = "few"
#: Below so many ends the curve is a handful of stories.
LEAST_ENDED = 10


@dataclass(frozen=True)
class Step:
    """One day on which somebody ended.

    survival: part that lasts longer than `day` days; low, high: its 95 % interval
    """

    day: int
    at_risk: int
    ended: int
    survival: float
    low: float
    high: float


@dataclass(frozen=True)
class Curve:
    """Steps in the order of days; before the first one everybody lasts.

    median: days that half of them do not outlast, None while more than half last
    longest: days of the longest lifetime seen, ended or not; the curve says nothing beyond
    reason: why it should not be relied on, "" when it may
    """

    steps: tuple[Step, ...]
    subjects: int
    ended: int
    longest: int
    dropped: int
    median: int | None
    reason: str

    def at(self, day: int) -> float | None:
        """The part that lasts longer than `day` days; None beyond what was seen."""
        found = self.band_at(day)
        return found and found[0]

    def band_at(self, day: int) -> tuple[float, float, float] | None:
        """The part and its interval; None beyond what was seen."""
        if day > self.longest or not self.subjects:
            return None
        known = bisect_right(self.steps, day, key=lambda step: step.day)
        if not known:
            return 1.0, 1.0, 1.0
        step = self.steps[known - 1]
        return step.survival, step.low, step.high


def kaplan_meier(rows: Iterable[tuple[int, bool, int]]) -> Curve:
    """S(t) = Π (1 - d/n) over the days up to t; rows are (days, ended, how many).

    d of n at risk ended on a day; who was left out on that day was still at risk on it.

    >>> curve = kaplan_meier([(10, True, 2), (10, False, 1), (20, True, 1)])
    >>> [(step.day, step.at_risk, step.ended, step.survival) for step in curve.steps]
    [(10, 4, 2, 0.5), (20, 1, 1, 0.0)]
    >>> curve.median, curve.reason, curve.at(9), curve.at(21)
    (10, 'few', 1.0, None)
    """
    ends: dict[int, int] = {}
    leaves: dict[int, int] = {}
    dropped = 0
    for days, ended, count in rows:
        if days < 0 or count <= 0:
            dropped += max(count, 1)
        else:
            of = ends if ended else leaves
            of[days] = of.get(days, 0) + count
    subjects, lost = sum(ends.values()) + sum(leaves.values()), sum(ends.values())
    steps = tuple(_steps(ends, leaves, subjects))
    return Curve(
        steps=steps,
        subjects=subjects,
        ended=lost,
        longest=max([*ends, *leaves], default=0),
        dropped=dropped,
        median=next((step.day for step in steps if step.survival <= 0.5), None),
        reason=_reason(subjects, lost),
    )


def _steps(ends: dict[int, int], leaves: dict[int, int], at_risk: int) -> Iterable[Step]:
    survival, variance = 1.0, 0.0
    for day in sorted({*ends, *leaves}):
        ended = ends.get(day, 0)
        if ended:
            survival *= 1 - ended / at_risk
            if at_risk > ended:
                variance += ended / (at_risk * (at_risk - ended))
            yield Step(day, at_risk, ended, survival, *interval(survival, variance))
        at_risk -= ended + leaves.get(day, 0)


def interval(survival: float, variance: float) -> tuple[float, float]:
    """S^exp(±z √V / ln S), V = Σ d / (n (n - d)); nothing to tell at 0 and 1.

    >>> [round(value, 3) for value in interval(0.5, 0.04)]
    [0.295, 0.675]
    >>> interval(0.0, 0.1), interval(1.0, 0.0)
    ((0.0, 0.0), (1.0, 1.0))
    """
    if survival <= 0.0 or survival >= 1.0:
        return survival, survival
    width = Z * sqrt(variance) / log(survival)
    low, high = sorted(survival ** exp(sign * width) for sign in (1, -1))
    return low, high


def _reason(subjects: int, ended: int) -> str:
    if not subjects:
        return EMPTY
    if not ended:
        return NONE_ENDED
    return FEW if ended < LEAST_ENDED else ""
