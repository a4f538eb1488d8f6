"""Where a customer stands in his life with the company, by ordered rules.

This module is the meaning of the rules; the database judges a million customers by the same
rules translated to SQL, and the tests hold both against each other.

Rules are read from the top, the first that fits decides. Nothing to buy from yet is a fact and
no judgement: who has no purchase fits the "prospect" rule and no other.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from math import floor

from .rhythm import Pace, expected_gap

STATUSES = (
    "prospect", "new", "active", "loyal", "reactivated", "at_risk", "lapsed", "churned",
)
PROSPECT = "prospect"
#: Own gaps of silence after which a customer is lost, where no rule says otherwise.
LOST_FACTOR = 3.0
#: Longer than any silence or relationship that a rule may ask for (days).
FOREVER = 10**6


@dataclass(frozen=True)
class Figures:
    """What is known of one customer (purchases are days, revenue is net and untaxed)."""

    purchases: int
    revenue: float
    first: date | None = None
    previous: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Case:
    """The numbers a rule looks at; days, except `gap` = days that make one own gap.

    silence: since the last purchase; age: since the first; comeback: the silence that the last
    purchase ended (0 for a first purchase)
    """

    purchases: int
    revenue: float
    gap: float
    silence: int
    age: int
    comeback: int


@dataclass(frozen=True)
class Rule:
    """One line of the rules; 0 means "no condition". Silence and comeback are more than `_from`
    and at most `_to`, in own gaps (unit "gap") or in days (unit "day")."""

    status: str
    purchases_min: int = 0
    purchases_max: int = 0
    revenue_min: float = 0.0
    age_max: int = 0
    silence_from: float = 0.0
    silence_to: float = 0.0
    comeback_from: float = 0.0
    unit: str = "gap"


@dataclass(frozen=True)
class Problem:
    """Why a list of rules cannot be used: a case nobody covers, or a rule that never decides."""

    uncovered: Case | None = None
    idle: int | None = None


def case_of(figures: Figures, pace: Pace, today: date) -> Case:
    """Figures seen from a day.

    >>> pace = Pace(pool=None, weight=2.0, assumed=120.0)
    >>> buyer = Figures(3, 90.0, date(2026, 1, 1), date(2026, 1, 31), date(2026, 3, 2))
    >>> case_of(buyer, pace, date(2026, 5, 1))
    Case(purchases=3, revenue=90.0, gap=30.0, silence=60, age=120, comeback=30)
    """
    gap = expected_gap(figures.first, figures.last, figures.purchases, pace)
    if not figures.purchases:
        return Case(0, figures.revenue, gap, 0, 0, 0)
    before = figures.previous or figures.last
    return Case(
        figures.purchases,
        figures.revenue,
        gap,
        (today - figures.last).days,
        (today - figures.first).days,
        (figures.last - before).days,
    )


def fits(rule: Rule, case: Case) -> bool:
    """Does the case meet every condition of the rule?

    >>> case = Case(purchases=4, revenue=0, gap=30, silence=61, age=400, comeback=20)
    >>> fits(Rule("at_risk", silence_from=2), case)
    True
    >>> fits(Rule("at_risk", silence_from=2, silence_to=2.01), case)
    False
    >>> fits(Rule("prospect"), case)
    False
    """
    if rule.status == PROSPECT or not case.purchases:
        return rule.status == PROSPECT and not case.purchases
    unit = case.gap if rule.unit == "gap" else 1
    return (
        (not rule.purchases_min or case.purchases >= rule.purchases_min)
        and (not rule.purchases_max or case.purchases <= rule.purchases_max)
        and (not rule.revenue_min or case.revenue >= rule.revenue_min)
        and (not rule.age_max or case.age <= rule.age_max)
        and (not rule.silence_from or case.silence > rule.silence_from * unit)
        and (not rule.silence_to or case.silence <= rule.silence_to * unit)
        and (not rule.comeback_from or case.comeback > rule.comeback_from * unit)
    )


def judge(rules: Sequence[Rule], case: Case) -> int | None:
    """Position of the rule that decides, None when none fits.

    >>> rules = [Rule("prospect"), Rule("at_risk", silence_from=2), Rule("active")]
    >>> judge(rules, Case(0, 0.0, 30.0, 0, 0, 0))
    0
    >>> judge(rules, Case(1, 9.0, 30.0, 60, 60, 0))
    2
    """
    return next((i for i, rule in enumerate(rules) if fits(rule, case)), None)


def lost_factor(rules: Sequence[Rule]) -> float:
    """Own gaps of silence at which the rules call a customer churned.

    >>> lost_factor([Rule("lapsed", silence_from=2.5), Rule("churned", silence_from=4)])
    4
    >>> lost_factor([Rule("churned", silence_from=365, unit="day")])
    3.0
    """
    factors = [
        rule.silence_from
        for rule in rules
        if rule.status == "churned" and rule.unit == "gap" and rule.silence_from
    ]
    return min(factors, default=LOST_FACTOR)


def problems(rules: Sequence[Rule]) -> list[Problem]:
    """What is wrong with a list of rules; empty when every customer gets exactly one status and
    every rule may decide. Cases on both sides of every border are tried in every combination.

    >>> problems([Rule("prospect"), Rule("at_risk", silence_from=2), Rule("active")])
    []
    >>> [p.idle for p in problems([Rule("prospect"), Rule("active"), Rule("loyal")])]
    [2]
    >>> problems([Rule("prospect"), Rule("loyal", purchases_min=5)])[0].uncovered.purchases
    1
    """
    idle = set(range(len(rules)))
    uncovered = None
    for case in cases(rules):
        position = judge(rules, case)
        idle.discard(position)
        if position is None and uncovered is None:
            uncovered = case
    found = [Problem(uncovered=uncovered)] if uncovered else []
    return found + [Problem(idle=position) for position in sorted(idle)]


def cases(rules: Sequence[Rule]) -> Iterator[Case]:
    """A case on each side of every border that the rules draw, in every possible combination.

    >>> len(list(cases([Rule("prospect"), Rule("at_risk", silence_from=2), Rule("active")])))
    36
    """
    yield Case(0, 0.0, 1.0, 0, 0, 0)
    asked = {border for rule in rules for border in (rule.purchases_min, rule.purchases_max)}
    purchases = _around({1, 2} | asked)
    paid = {rule.revenue_min for rule in rules if rule.revenue_min}
    revenues = sorted({0.0} | paid | {revenue - 0.01 for revenue in paid})
    for count, revenue, gap in product(purchases, revenues, _gaps(rules)):
        silences = _borders(rules, gap, "silence_from", "silence_to")
        comebacks = [0] if count == 1 else _borders(rules, gap, "comeback_from")[1:]
        for silence, comeback in product(silences, comebacks):
            for age in _ages(rules, count, silence + comeback):
                yield Case(count, revenue, gap, silence, age, comeback)


def _around(borders: set[int]) -> list[int]:
    """Counts from 1 on both sides of each border (0 = no border).

    >>> _around({0, 1, 5})
    [1, 2, 4, 5, 6]
    """
    near = {border + step for border in borders if border for step in (-1, 0, 1)}
    return sorted(count for count in near if count >= 1)


def _gaps(rules: Sequence[Rule]) -> list[float]:
    """Own gaps for which borders in days lie before and behind borders in gaps."""
    borders = {"gap": {1.0}, "day": {30.0}}
    for rule in rules:
        borders[rule.unit] |= {rule.silence_from, rule.silence_to, rule.comeback_from}
    crossings = {days / gaps for days in borders["day"] for gaps in borders["gap"] if days and gaps}
    if borders["day"] == {30.0}:  # all in one unit: the length of a gap changes nothing
        return [30.0]
    return sorted({c * side for c in crossings for side in (0.5, 0.95, 1.05, 2.0)})


def _borders(rules: Sequence[Rule], gap: float, *names: str) -> list[int]:
    """0, 1, forever and the whole days on both sides of each border."""
    days = {
        floor(getattr(rule, name) * (gap if rule.unit == "gap" else 1))
        for rule in rules
        for name in names
        if getattr(rule, name)
    }
    return sorted({0, 1, FOREVER} | days | {day + 1 for day in days})


def _ages(rules: Sequence[Rule], count: int, least: int) -> list[int]:
    """Days since the first purchase that are possible with that silence and that comeback."""
    if count <= 2:  # the first purchase is the last or the one before it
        return [least]
    borders = {rule.age_max + step for rule in rules if rule.age_max for step in (0, 1)}
    return sorted({least + 1, FOREVER * 3} | {age for age in borders if age > least})
