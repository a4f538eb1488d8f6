"""Churn month by month: what a customer was when a calendar month began and when it ended.

This module is the meaning of the frozen months; the database prints a million customers by the
same definition in SQL, and a randomised test holds both against each other.

Active is everybody who has bought and whom the status rules do not call churned. A month looks at
two moments, its first instant and the first instant of the next month, and knows only what was
bought before each: the status there is that of the day that has just ended. Lost is who was active
at the first and not at the second; whoever was lost and buys again is reactivated in the month of
that purchase, and the month of the loss stays as it is. Money is untaxed company currency by each
document's own date; spans are half-open.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import floor

from .bgnbd import Params, p_no_purchase
from .lifecycle import Figures, Rule, case_of, judge, lost_factor
from .rhythm import MIN_PURCHASES, STEPS, Pace, expected_gap

#: Months of revenue before a moment that stand for "what this customer is worth a year".
YEAR = 12
NEW, RETAINED, LOST, REACTIVATED = "new", "retained", "lost", "reactivated"
#: Printed as gone, yet active now without having bought: a document came to light late.
RESTORED = "restored"
#: Active when the month began, and nothing that he ever bought stands any more.
WITHDRAWN = "withdrawn"
#: More purchases than anybody makes: nobody's own rhythm counts.
NEVER = 10**9
#: Chance of buying nothing from which a customer without a rhythm counts as lost.
UNLIKELY = 0.7
#: Days of silence in which nobody is lost by probability, and the most that are looked at.
SOONEST, LATEST = 30, 3650
#: Counted nowhere: neither active at the start nor a buyer in the month.
NOTHING = ""


@dataclass(frozen=True)
class Month:
    """One customer in one calendar month.

    before, after: revenue of the twelve months up to its start and up to its end
    limit: days of silence after which he is lost, seen from its end (None: no rule says so)
    lost_on: the day on which the silence became longer than that
    """

    month: date
    status_start: str | None
    status_end: str
    purchases: int
    revenue: float
    before: float
    after: float
    event: str
    limit: float | None
    lost_on: date | None


def is_active(status: str | None) -> bool:
    """
    >>> [is_active(status) for status in ("lapsed", "churned", "prospect", None)]
    [True, False, False, False]
    """
    return status not in (None, "prospect", "churned")


def event_of(start: str | None, end: str, purchases: int, first_here: bool) -> str:
    """What happened between two moments; first_here: his first purchase lies between them.

    >>> event_of("lapsed", "churned", 0, False)
    'lost'
    >>> event_of("churned", "reactivated", 1, False)
    'reactivated'
    >>> event_of("churned", "churned", 1, False)  # came back and was lost again: still a comeback
    'reactivated'
    >>> event_of(None, "new", 1, True)
    'new'
    >>> event_of("new", "prospect", 0, False)
    'withdrawn'
    """
    if is_active(start):
        if is_active(end):
            return RETAINED
        return LOST if end == "churned" else WITHDRAWN
    if purchases:
        return NEW if first_here else REACTIVATED
    return RESTORED if is_active(end) else NOTHING


def limit_of(rules: Iterable[Rule], gap: float) -> float | None:
    """Days of silence at which the first of the rules calls a customer lost.

    >>> limit_of([Rule("churned", silence_from=3), Rule("active")], 20.0)
    60.0
    >>> limit_of([Rule("churned", silence_from=90, unit="day")], 20.0)
    90
    >>> limit_of([Rule("active")], 20.0) is None
    True
    """
    return min(
        (
            rule.silence_from * (gap if rule.unit == "gap" else 1)
            for rule in rules
            if rule.status == "churned" and rule.silence_from
        ),
        default=None,
    )


def pace_for(
    mode: str, lapse_days: int, weight: float, pool: float | None, rules: Sequence[Rule],
    few: Sequence[float] = (),
) -> Pace:
    """How silence is measured: by the own rhythm ("rhythm", "probability") and, without one, by
    days or by the gaps `few`; or by days for everybody ("fixed").

    >>> rules = [Rule("churned", silence_from=3)]
    >>> pace_for("rhythm", 360, 2.0, 30.0, rules)
    Pace(pool=30.0, weight=2.0, assumed=120.0, own_from=3, few=())
    >>> pace_for("fixed", 90, 2.0, 30.0, rules).own_from > 1000
    True
    """
    own_from = NEVER if mode == "fixed" else MIN_PURCHASES
    return Pace(pool, weight, lapse_days / lost_factor(rules), own_from,
                few if mode == "probability" else ())


def silence_limits(params: Params, days: int) -> tuple[int, ...]:
    """Days of silence beyond which P(no purchase in `days` more) >= 0.7: after one purchase, then
    after two by the days between them, up to the next of STEPS.

    A slow buyer's chance is small from the first day on: nobody is lost within 30 days, nor within
    the time that he took between his two purchases.

    >>> silence_limits(Params(0.243, 4.414 * 7, 0.793, 2.426), 365)
    (78, 137, 169, 204, 240, 480, 960)
    """
    ends = [(0, 0), *((1, end) for end in (*STEPS, 2 * STEPS[-1]))]
    return tuple(_silence_limit(params, days, x, t_x) for x, t_x in ends)


def _silence_limit(params: Params, days: int, x: int, t_x: int) -> int:
    """The chance only grows with silence: look in halves."""
    least, most = max(SOONEST, t_x) + 1, LATEST
    while least < most:
        middle = (least + most) // 2
        if p_no_purchase(params, days, x, t_x, t_x + middle) >= UNLIKELY:
            most = middle
        else:
            least = middle + 1
    return least - 1


def next_month(month: date, step: int = 1) -> date:
    """
    >>> next_month(date(2026, 12, 1)), next_month(date(2026, 1, 1), -13)
    (datetime.date(2027, 1, 1), datetime.date(2024, 12, 1))
    """
    years, months = divmod(month.month - 1 + step, 12)
    return date(month.year + years, months + 1, 1)


def rate(part: float, whole: float) -> float | None:
    """part / whole; None ("n/a") where there is nothing to divide by.

    >>> rate(5, 120), rate(0, 0)
    (0.041666666666666664, None)
    """
    return part / whole if whole else None


@dataclass(frozen=True)
class _Seen:
    """A customer from a moment: what was known before it."""

    status: str
    first: date | None
    last: date | None
    gap: float


def months_of(
    days: Sequence[date],
    money: Sequence[tuple[date, float]],
    rules: Sequence[Rule],
    pace_of: Callable[[date], Pace],
    first: date,
    last: date,
) -> list[Month]:
    """The months from `first` to `last` in which the customer was active or bought.

    days: his purchase days, ascending; money: (day of the document, amount); pace_of(month): how
    silence is measured at the end of that month.

    >>> rules = [Rule("prospect"), Rule("churned", silence_from=3), Rule("active")]
    >>> pace = Pace(pool=None, weight=2.0, assumed=10.0)
    >>> story = months_of([date(2026, 1, 20), date(2026, 4, 2)], [(date(2026, 1, 20), 90.0)],
    ...                   rules, lambda month: pace, date(2026, 1, 1), date(2026, 6, 1))
    >>> [(m.month.month, m.event, str(m.lost_on or "")) for m in story]
    [(1, 'new', ''), (2, 'lost', '2026-02-20'), (4, 'reactivated', ''), (5, 'lost', '2026-05-03')]
    """
    found, month = [], first
    before = _seen_from(month, days, money, rules, pace_of(month))
    while month <= last:
        until = next_month(month)
        after = _seen_from(until, days, money, rules, pace_of(month))
        bought = sum(month <= day < until for day in days)
        start = before.status if before.first else None
        event = event_of(start, after.status, bought, after.first is not None
                         and after.first >= month)
        if event:
            limit = limit_of(rules, after.gap)
            found.append(Month(
                month, start, after.status, bought, _paid(money, month, until),
                _paid(money, next_month(month, -YEAR), month),
                _paid(money, next_month(until, -YEAR), until), event, limit,
                _lost_on(after.last, limit, month) if event == LOST else None))
        month, before = until, after
    return found


def _seen_from(moment, days, money, rules, pace) -> _Seen:
    known = [day for day in days if day < moment]
    revenue = sum(amount for day, amount in money if day < moment)
    first, last = (known[0], known[-1]) if known else (None, None)
    previous = known[-2] if len(known) > 1 else None
    ended = moment - timedelta(days=1)
    case = case_of(Figures(len(known), revenue, first, previous, last), pace, ended)
    decided = judge(rules, case)
    status = "active" if decided is None else rules[decided].status
    return _Seen(status, first, last, expected_gap(first, last, len(known), pace))


def _paid(money, since: date, until: date) -> float:
    return sum(amount for day, amount in money if since <= day < until)


def _lost_on(last: date | None, limit: float | None, month: date) -> date:
    """The day after the limit, within the month in which the loss is counted.

    >>> _lost_on(date(2026, 1, 20), 30.0, date(2026, 2, 1))
    datetime.date(2026, 2, 20)
    >>> _lost_on(date(2025, 1, 20), 30.0, date(2026, 2, 1))
    datetime.date(2026, 2, 1)
    """
    end = next_month(month) - timedelta(days=1)
    if last is None or limit is None:
        return end
    return min(max(last + timedelta(days=floor(limit) + 1), month), end)
