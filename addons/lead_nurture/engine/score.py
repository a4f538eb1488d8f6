"""The arithmetic of a score: points of a rule, caps of a group, total, band and grade.

All figures that people see are whole points. A rule is rounded once, by itself, so that the rows of
an explanation add up to the score exactly; a cap is a row of its own.
The same formulas stand in SQL for the whole base; the tests hold both against each other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, inf

COLD, WARM, HOT = "cold", "warm", "hot"
BANDS = (COLD, WARM, HOT)
MOST_HALVINGS = 100  # then nothing is left; a database refuses numbers that are smaller still


def round_half_up(value: float) -> int:
    """Nearest whole number, halves upwards (as floor(x + 0.5) in SQL).

    >>> [round_half_up(x) for x in (2.4, 2.5, -2.5, -2.6)]
    [2, 3, -2, -3]
    """
    return floor(value + 0.5)


def weight(age_days: float, half_life_days: float = 0) -> float:
    """What is left of one event after `age_days`: 0.5 ** (age / half-life), 1 without half-life.

    >>> weight(0, 30), weight(30, 30), weight(60, 30), weight(400)
    (1.0, 0.5, 0.25, 1.0)
    >>> weight(300, 0.25) == weight(400, 1e-310) == 0.5 ** 100
    True
    """
    if not half_life_days:
        return 1.0
    return 0.5 ** (min(age_days, MOST_HALVINGS * half_life_days) / half_life_days)


def rule_points(
    points: float, count: int, weight_sum: float, min_count: int = 1, max_count: int = 0
) -> int:
    """Points of one behaviour rule.

    `count` is how many events (or days) matched, `weight_sum` what is left of them after decay.
    Under `min_count` the rule gives nothing; it never gives more than `max_count` times its
    points (0: no limit).

    >>> rule_points(10, 3, 3.0)
    30
    >>> rule_points(10, 3, 3.0, max_count=2)
    20
    >>> rule_points(10, 3, 1.75, max_count=2), rule_points(10, 1, 1.0, min_count=2)
    (18, 0)
    """
    if count < max(min_count, 1):
        return 0
    capped = min(weight_sum, float(max_count)) if max_count else weight_sum
    return round_half_up(points * capped)


def band(total: int, warm_at: int, hot_at: int, hysteresis: int, before: str = COLD) -> str:
    """The band of a total. Going down needs `hysteresis` points more, so that nobody flickers.

    >>> band(70, 40, 70, 5), band(69, 40, 70, 5), band(39, 40, 70, 5)
    ('hot', 'warm', 'cold')
    >>> band(66, 40, 70, 5, before="hot"), band(64, 40, 70, 5, before="hot")
    ('hot', 'warm')
    >>> band(36, 40, 70, 5, before="hot"), band(36, 40, 70, 5, before="cold")
    ('warm', 'cold')
    """
    if total >= hot_at or (before == HOT and total >= hot_at - hysteresis):
        return HOT
    if total >= warm_at or (before in (WARM, HOT) and total >= warm_at - hysteresis):
        return WARM
    return COLD


def grade(fit: int, a_at: int, b_at: int, c_at: int) -> str:
    """The letter of the fit: A (best) to D.

    >>> [grade(x, 20, 10, 5) for x in (25, 10, 7, 0)]
    ['A', 'B', 'C', 'D']
    """
    for letter, limit in (("A", a_at), ("B", b_at), ("C", c_at)):
        if fit >= limit:
            return letter
    return "D"


@dataclass(frozen=True)
class Group:
    """Rules that share a cap. `kind` is "fit" or "engagement"; cap 0 means none."""

    key: int
    kind: str
    cap: int
    points: tuple[int, ...]


@dataclass(frozen=True)
class Sum:
    """A score and the corrections that caps made, so that points + corrections = total."""

    fit: int
    engagement: int
    total: int
    group_cut: dict[int, int]
    floor_raise: int
    total_cut: int


def add_up(groups: Sequence[Group], total_cap: int = 0) -> Sum:
    """Add the groups of one person: cap per group, never below 0, cap of the total.

    >>> both = [Group(1, "fit", 20, (15, 10)), Group(2, "engagement", 0, (30, -5))]
    >>> add_up(both, 100)
    Sum(fit=20, engagement=25, total=45, group_cut={1: -5}, floor_raise=0, total_cut=0)
    >>> add_up(both, 40).total_cut
    -5
    >>> add_up([Group(1, "engagement", 0, (-40,))])
    Sum(fit=0, engagement=-40, total=0, group_cut={}, floor_raise=40, total_cut=0)
    """
    kinds = {"fit": 0, "engagement": 0}
    cuts: dict[int, int] = {}
    for group in groups:
        raw = sum(group.points)
        kept = min(raw, group.cap) if group.cap else raw
        if kept != raw:
            cuts[group.key] = kept - raw
        kinds[group.kind] += kept
    raw_total = sum(kinds.values())
    floored = max(raw_total, 0)
    total = min(floored, total_cap) if total_cap else floored
    return Sum(
        kinds["fit"], kinds["engagement"], total, cuts, floored - raw_total, total - floored
    )


def overlapping(thresholds: Iterable[int]) -> bool:
    """Whether limits that must rise do not.

    >>> overlapping([10, 20, 30]), overlapping([10, 10]), overlapping([30, 20])
    (False, True, True)
    """
    limits = list(thresholds)
    return any(a >= b for a, b in pairwise(limits))


def most_of_rule(
    points: float, max_count: int = 0, days: int = 0, max_per_day: int = 0
) -> float:
    """The most that one behaviour rule can give; infinite where nothing limits it.

    `days` is the window, `max_per_day` how many events of one day count.

    >>> most_of_rule(10, max_count=3), most_of_rule(5, days=30, max_per_day=2), most_of_rule(7)
    (30, 300, inf)
    >>> most_of_rule(-10)
    0.0
    """
    if points <= 0:
        return 0.0
    if max_count:
        return points * max_count
    return points * days * max_per_day if days and max_per_day else inf


def reach(groups: Iterable[tuple[int, Sequence[float]]], total_cap: int = 0) -> float:
    """The highest score that anybody can get: what the rules of each (cap, most of each rule) give
    together, cut by the caps.

    >>> reach([(20, [15, 10]), (0, [30])]), reach([(0, [inf])], 100), reach([(5, [inf])])
    (50.0, 100, 5.0)
    """
    total = 0.0
    for cap, rules in groups:
        most = sum(rules)
        total += min(most, cap) if cap else most
    return min(total, total_cap) if total_cap else total
