"""Working time: so many hours or days of it from now, on the clock of a place.

What counts as working time is given by weekly hours and by days that are closed; see
`local_time` for both.
"""
from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from .local_time import HORIZON, Hours, closes_at, next_open, to_local, to_utc


def after_hours(
    moment: datetime,
    hours_count: float,
    place: ZoneInfo,
    hours: Hours,
    closed: Collection[date] = (),
) -> datetime | None:
    """The moment when so many hours of working time have passed; None when they never will.

    >>> from .local_time import daily
    >>> week = daily(range(5), 9 * 60, 17 * 60)
    >>> after_hours(datetime(2026, 3, 13, 15), 3, ZoneInfo("UTC"), week)  # a Friday
    datetime.datetime(2026, 3, 16, 10, 0)
    """
    left = timedelta(hours=max(hours_count, 0))
    at = next_open(moment, place, hours, closed)
    while at is not None:
        end = closes_at(at, place, hours, closed)
        if left <= end - at:
            return at + left
        left -= end - at
        at = next_open(end, place, hours, closed)
    return None


def after_days(
    moment: datetime,
    days_count: int,
    place: ZoneInfo,
    hours: Hours,
    closed: Collection[date] = (),
) -> datetime | None:
    """So many working days later at the same time of day, counted from when it is open next.

    >>> from .local_time import daily
    >>> week = daily(range(5), 9 * 60, 17 * 60)
    >>> after_days(datetime(2026, 3, 13, 15), 2, ZoneInfo("UTC"), week)
    datetime.datetime(2026, 3, 17, 15, 0)
    >>> after_days(datetime(2026, 3, 14, 15), 1, ZoneInfo("UTC"), week)  # from Monday at nine
    datetime.datetime(2026, 3, 17, 9, 0)
    """
    at = next_open(moment, place, hours, closed)
    if at is None:
        return None
    wall = to_local(at, place)
    working = {span.day for span in hours}
    day, left = wall.date(), max(days_count, 0)
    last = day + timedelta(days=HORIZON * 10)
    while left and day < last:
        day += timedelta(days=1)
        left -= day.weekday() in working and day not in closed
    return next_open(to_utc(datetime.combine(day, wall.time()), place), place, hours, closed)
