"""The health of a deal: rules that hold give or take points; the points add up to a level.

Facts come in as numbers by name (days, counts, per cent); a fact that is unknown is None and
makes no rule hold. The score is the plain sum of the points of the rules that hold: nothing is
scaled or cut, so that the reasons always explain it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# How a fact is compared with the rule's threshold.
OVER, FROM, WITHIN = ">", ">=", "<="


@dataclass(frozen=True)
class Kind:
    """What a rule looks at: the fact, how it is compared, and what its threshold is counted in."""

    fact: str
    compare: str
    unit: str


KINDS: dict[str, Kind] = {
    "no_contact": Kind("unheard_days", OVER, "days"),
    "unanswered": Kind("unanswered_days", OVER, "days"),
    "answered": Kind("reply_days", WITHIN, "days"),
    "no_step": Kind("missing_step", FROM, "none"),
    "overdue_step": Kind("overdue_days", OVER, "days"),
    "meeting_ahead": Kind("meeting_ahead", FROM, "none"),
    "long_stage": Kind("stage_ratio", OVER, "times"),
    "late_close": Kind("late_days", OVER, "days"),
    "slipped": Kind("slip_count", FROM, "times"),
    "quote_silent": Kind("quote_days", OVER, "days"),
    "quote_expired": Kind("expired_days", OVER, "days"),
    "few_contacts": Kind("contact_count", WITHIN, "people"),
    "amount_down": Kind("amount_drop", FROM, "percent"),
    "probability_down": Kind("probability_drop", FROM, "percent"),
}


@dataclass(frozen=True)
class Rule:
    """Points for a kind of fact beyond a threshold; negative points are trouble.

    A rule of one company judges its deals only (the fact "company_id").
    """

    kind: str
    threshold: float
    points: int
    company: int | None = None


@dataclass(frozen=True)
class Reason:
    """A kind of which rules hold, with the fact that made them hold and their points."""

    kind: str
    value: float
    points: int


def holds(rule: Rule, facts: Mapping[str, float | None]) -> bool:
    """Return whether the rule holds; kinds without a unit ask whether the fact is there at all.

    >>> holds(Rule("no_contact", 14, -15), {"unheard_days": 14.5})
    True
    >>> holds(Rule("no_contact", 14, -15), {"unheard_days": 14.0})
    False
    >>> holds(Rule("slipped", 2, -15), {"slip_count": 2})
    True
    >>> holds(Rule("answered", 7, 10), {"reply_days": None})
    False
    >>> holds(Rule("no_step", 0, -15), {"missing_step": 1})
    True
    >>> holds(Rule("no_step", 0, -15, company=2), {"missing_step": 1, "company_id": 1})
    False
    """
    if rule.company and facts.get("company_id") != rule.company:
        return False
    kind = KINDS[rule.kind]
    value = facts.get(kind.fact)
    if value is None:
        return False
    if kind.compare == OVER:
        return value > rule.threshold
    if kind.compare == FROM:
        return value >= rule.threshold
    return value <= rule.threshold


def judge(
    rules: Iterable[Rule], facts: Mapping[str, float | None]
) -> tuple[int, list[Reason]]:
    """Return the sum of points and the reasons, worst first, good ones last.

    Several rules of one kind (silent for 14 days, for 30) are one reason with their points
    added.

    >>> judge([Rule("slipped", 2, -15), Rule("slipped", 4, -5)], {"slip_count": 4})[1]
    [Reason(kind='slipped', value=4.0, points=-20)]
    >>> rules = [Rule("answered", 7, 10), Rule("no_step", 0, -15), Rule("slipped", 2, -15)]
    >>> score, reasons = judge(rules, {"reply_days": 2.0, "missing_step": 1.0, "slip_count": 1})
    >>> score, [(reason.kind, reason.points) for reason in reasons]
    (-5, [('no_step', -15), ('answered', 10)])
    """
    points: dict[str, int] = {}
    for rule in rules:
        if holds(rule, facts):
            points[rule.kind] = points.get(rule.kind, 0) + rule.points
    reasons = [
        Reason(kind, float(facts[KINDS[kind].fact] or 0), total) for kind, total in points.items()
    ]
    return sum(points.values()), sorted(reasons, key=lambda reason: reason.points)


def level(score: int, watch: int, risk: int) -> str:
    """Return good, watch or risk: at a limit the worse level begins.

    >>> [level(score, watch=-15, risk=-40) for score in (10, -14, -15, -39, -40)]
    ['good', 'good', 'watch', 'watch', 'risk']
    """
    if score <= risk:
        return "risk"
    return "watch" if score <= watch else "good"
