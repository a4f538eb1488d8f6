"""Which playbook applies, which steps a move has to satisfy, and which wishes exclude each other.

Stages are told by their place in the pipeline: a key that sorts, here (sequence, id).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Place = tuple[int, int]
# (name, operator, value) of conditions that must all hold.
Condition = tuple[str, str, float]


def specificity(*, has_team: bool, has_filter: bool, has_company: bool) -> int:
    """Return how closely a playbook is cut to a deal; the highest wins.

    A team says more than a filter, a filter more than a company: each outweighs all that follow.

    >>> specificity(has_team=True, has_filter=False, has_company=False)
    4
    >>> specificity(has_team=False, has_filter=True, has_company=True)
    3
    >>> specificity(has_team=False, has_filter=False, has_company=False)
    0
    """
    return 4 * has_team + 2 * has_filter + has_company


def steps_left(places: Iterable[Place], source: Place | None, target: Place) -> list[Place]:
    """Return the places that a move from `source` to `target` leaves behind, in order.

    A step is left behind when the deal stood in it or skipped it. Moving back or staying leaves
    none. A deal that comes from nowhere (it is created) leaves everything before its place.

    >>> pipeline = [(1, 10), (2, 11), (3, 12)]
    >>> steps_left(pipeline, (1, 10), (2, 11))
    [(1, 10)]
    >>> steps_left(pipeline, (1, 10), (9, 99))
    [(1, 10), (2, 11), (3, 12)]
    >>> steps_left(pipeline, (3, 12), (1, 10))
    []
    >>> steps_left(pipeline, None, (2, 11))
    [(1, 10)]
    """
    return sorted(
        place for place in places
        if place < target and (source is None or place >= source))


def contradiction(conditions: Sequence[Condition]) -> str | None:
    """Return the name whose bounds leave no value, or None.

    Only comparisons with numbers are looked at; whatever else there is cannot contradict here.

    >>> contradiction([("amount", ">", 10), ("amount", "<", 5)])
    'amount'
    >>> contradiction([("amount", ">=", 5), ("amount", "<=", 5)]) is None
    True
    >>> contradiction([("amount", ">", 5), ("amount", "<=", 5)])
    'amount'
    >>> contradiction([("amount", ">", 5), ("days", "<", 2)]) is None
    True
    """
    low: dict[str, tuple[float, bool]] = {}
    high: dict[str, tuple[float, bool]] = {}
    for name, operator, value in conditions:
        strict = operator in ("<", ">")
        if operator in (">", ">="):
            low[name] = max(low.get(name, (value, strict)), (value, strict))
        elif operator in ("<", "<="):
            # Of equal bounds the strict one is the tighter: it must win the minimum.
            kept, kept_strict = high.get(name, (value, strict))
            if (value, not strict) <= (kept, not kept_strict):
                high[name] = (value, strict)
    for name, (floor, floor_strict) in low.items():
        if name not in high:
            continue
        ceiling, ceiling_strict = high[name]
        if floor > ceiling or (floor == ceiling and (floor_strict or ceiling_strict)):
            return name
    return None
