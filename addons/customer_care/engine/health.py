"""Health of a customer: points for and against him, added up and kept between 0 and 100.

Each rule compares one fact with a number; all rules that fit add their points to the base. A fact
that is not known (None) fits no rule: not knowing is neither good nor bad.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LOWEST, HIGHEST = 0, 100
OPERATORS = ("ge", "gt", "le", "lt")


@dataclass(frozen=True)
class Rule:
    """`fact` `operator` `value` gives `points`; `key` tells rules apart."""

    key: int
    fact: str
    operator: str
    value: float
    points: int


@dataclass(frozen=True)
class Result:
    """The score, and the points of each rule that fitted."""

    score: int
    points: Mapping[int, int]


def fits(rule: Rule, value: float | None) -> bool:
    """Does the fact meet the rule?

    >>> rule = Rule(1, "silence", "gt", 2.0, -20)
    >>> fits(rule, 2.0), fits(rule, 2.1), fits(rule, None)
    (False, True, False)
    """
    if value is None:
        return False
    return {
        "ge": value >= rule.value,
        "gt": value > rule.value,
        "le": value <= rule.value,
        "lt": value < rule.value,
    }[rule.operator]


def judge(rules: Sequence[Rule], facts: Mapping[str, float | None], base: int) -> Result:
    """Base plus the points of all rules that fit, within 0 and 100.

    >>> rules = [Rule(1, "silence", "le", 1, 15), Rule(2, "overdue", "gt", 14, -30)]
    >>> judge(rules, {"silence": 0.5, "overdue": 20}, 50)
    Result(score=35, points={1: 15, 2: -30})
    >>> judge(rules, {"overdue": 20}, 10).score
    0
    """
    points = {rule.key: rule.points for rule in rules if fits(rule, facts.get(rule.fact))}
    return Result(max(LOWEST, min(HIGHEST, base + sum(points.values()))), points)


def level(score: int, good: int, risk: int) -> str:
    """good from `good` on, risk below `risk`, watch between.

    >>> level(70, 70, 40), level(69, 70, 40), level(40, 70, 40), level(39, 70, 40)
    ('good', 'watch', 'watch', 'risk')
    """
    return "good" if score >= good else "risk" if score < risk else "watch"
