"""Where a promise stands: kept, broken, or still running."""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .worktime import WorkClock

#: Hours by which a promise may be passed and still counts as kept: half a second of rounding.
ROUNDING = 0.5 / 3600


@dataclass(frozen=True)
class Promise:
    """One promised moment. `result` is what is known for good: "met", "missed" or nothing yet."""

    deadline: datetime | None
    warn_at: datetime | None = None
    result: str | None = None


def state(promise: Promise, now: datetime, paused_at: datetime | None = None,
          running: bool = True) -> str:
    """The state of a promise at a moment; `running`: somebody still owes it.

    ========  ========  ======  ==========  =========
    deadline  result    paused  now         state
    ========  ========  ======  ==========  =========
    any       known     any     any         met, missed
    none      nothing   any     any         none
    set       nothing   any     passed (*)  breached
    set       nothing   yes     before      paused
    set       nothing   no      after warn  at_risk
    set       nothing   no      before      ok
    ========  ========  ======  ==========  =========

    (*) by the clock that stopped when the pause began. What is not owed any more and has no result
    (a duplicate that was closed) is none.

    >>> at = lambda hour: datetime(2026, 6, 1, hour)
    >>> due = Promise(at(12), at(11))
    >>> [state(due, at(hour)) for hour in (10, 11, 12)]
    ['ok', 'at_risk', 'breached']
    >>> state(due, at(15), paused_at=at(11)), state(due, at(15), paused_at=at(13))
    ('paused', 'breached')
    >>> state(due, at(15), running=False), state(Promise(None), at(9))
    ('none', 'none')
    >>> state(Promise(at(12), result="met"), at(15))
    'met'
    """
    if promise.result:
        return promise.result
    if not promise.deadline or not running:
        return "none"
    if (paused_at or now) >= promise.deadline:
        return "breached"
    if paused_at:
        return "paused"
    if promise.warn_at and now >= promise.warn_at:
        return "at_risk"
    return "ok"


def judge(used: float, allowed: float) -> str:
    """Whether hours used keep a promise of so many.

    >>> judge(8.0, 8.0), judge(8.0001, 8.0), judge(8.01, 8.0)
    ('met', 'met', 'missed')
    """
    return "met" if used <= allowed + ROUNDING else "missed"


def level_hours(allowed: float, unit: str, amount: float) -> float:
    """After how many used hours an escalation level is due.

    :param unit: "percent" of the allowed hours, or "before": hours before the deadline

    >>> level_hours(8, "percent", 75), level_hours(8, "before", 1), level_hours(1, "before", 2)
    (6.0, 7, 0.0)
    """
    if unit == "percent":
        return allowed * amount / 100
    return max(allowed - amount, 0.0)


#: Spans in which nobody owes anything, in their order; the last may still run (no end).
Stops = Sequence[tuple[datetime, datetime | None]]


def used_hours(clock: WorkClock, begin: datetime, end: datetime, stops: Stops = ()) -> float:
    """Working hours from begin to end, without those in which the clock was stopped.

    >>> at = lambda hour: datetime(2026, 6, 1, hour)
    >>> clock = WorkClock([(at(8), at(17))])
    >>> used_hours(clock, at(9), at(15), [(at(10), at(12)), (at(14), None)])
    3.0
    """
    stopped = sum(
        clock.hours(max(start, begin), min(stop or end, end))
        for start, stop in stops if start < end)
    return clock.hours(begin, end) - stopped


def due_at(clock: WorkClock, begin: datetime, hours: float,
           stops: Stops = ()) -> datetime | None:
    """The moment at which so many hours are used up; a stop that still runs is not known yet.

    >>> at = lambda hour: datetime(2026, 6, 1, hour)
    >>> clock = WorkClock([(at(8), at(20))])
    >>> due_at(clock, at(9), 4, [(at(10), at(12))]).hour, due_at(clock, at(9), 4).hour
    (15, 13)

    What begins after the deadline does not move it.

    >>> due_at(clock, at(9), 4, [(at(14), at(15)), (at(16), None)]).hour
    13
    """
    for start, stop in stops:
        ran = clock.hours(begin, start)
        if stop is None or ran >= hours:
            break
        begin, hours = max(stop, begin), hours - ran
    return clock.after(begin, hours)
