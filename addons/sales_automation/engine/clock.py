"""How long something lasted, told the way people say it.

Units: seconds in; whole days, hours, minutes out. A day is 24 hours (calendar time, not
working time): a deal ages at night too.
"""

from __future__ import annotations

DAY = 86_400
HOUR = 3_600
MINUTE = 60


def split_duration(seconds: float) -> tuple[int, int, int]:
    """Return (days, hours, minutes), rounded down; negative spans count as none.

    >>> split_duration(0)
    (0, 0, 0)
    >>> split_duration(90_061)
    (1, 1, 1)
    >>> split_duration(-5)
    (0, 0, 0)
    """
    whole = max(0, int(seconds))
    days, rest = divmod(whole, DAY)
    hours, rest = divmod(rest, HOUR)
    return days, hours, rest // MINUTE


def leading_parts(seconds: float) -> list[tuple[str, int]]:
    """Return the two largest units that are not zero, largest first; under a minute: none.

    Two units are what a person reads at a glance; minutes of a deal that took weeks are noise.

    >>> leading_parts(3 * DAY + 4 * HOUR + 59 * MINUTE)
    [('day', 3), ('hour', 4)]
    >>> leading_parts(2 * DAY + 5 * MINUTE)
    [('day', 2)]
    >>> leading_parts(65 * MINUTE)
    [('hour', 1), ('minute', 5)]
    >>> leading_parts(59)
    []
    """
    days, hours, minutes = split_duration(seconds)
    if days:
        parts = [("day", days), ("hour", hours)]
    else:
        parts = [("hour", hours), ("minute", minutes)]
    return [(unit, count) for unit, count in parts if count]
