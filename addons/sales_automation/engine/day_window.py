"""Where a person's day begins and ends, on the clock of the database.

Units: naive UTC datetimes out, a calendar day and the name of a time zone in. A day with a change
of the clock has 23 or 25 hours; a day is half-open: [start, end).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

UTC = ZoneInfo("UTC")


def zone(name: str | None) -> ZoneInfo:
    """Return the time zone; an unknown or empty name counts as UTC.

    >>> zone("Asia/Tokyo").key, zone("Nowhere/Land").key, zone(None).key
    ('Asia/Tokyo', 'UTC', 'UTC')
    """
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def day_start(day: date, tz: str | None) -> datetime:
    """Return the first moment of a local day as naive UTC.

    >>> day_start(date(2026, 3, 2), "Asia/Tokyo")
    datetime.datetime(2026, 3, 1, 15, 0)
    >>> day_start(date(2026, 3, 2), None)
    datetime.datetime(2026, 3, 2, 0, 0)
    """
    local = datetime.combine(day, time.min, tzinfo=zone(tz))
    return local.astimezone(UTC).replace(tzinfo=None)


def day_bounds(first: date, last: date, tz: str | None) -> tuple[datetime, datetime]:
    """Return [start, end) of the local days from first to last, both included.

    >>> day_bounds(date(2026, 3, 2), date(2026, 3, 2), "Asia/Tokyo")
    (datetime.datetime(2026, 3, 1, 15, 0), datetime.datetime(2026, 3, 2, 15, 0))

    The clock goes forward in Berlin on 29 March 2026: that day has 23 hours.

    >>> start, end = day_bounds(date(2026, 3, 29), date(2026, 3, 29), "Europe/Berlin")
    >>> (end - start).total_seconds() / 3600
    23.0
    """
    return day_start(first, tz), day_start(last + timedelta(days=1), tz)


def local_now(now: datetime, tz: str | None) -> datetime:
    """Return the local wall clock of a naive UTC moment, naive again.

    >>> local_now(datetime(2026, 3, 1, 23, 30), "Asia/Tokyo")
    datetime.datetime(2026, 3, 2, 8, 30)
    """
    return now.replace(tzinfo=UTC).astimezone(zone(tz)).replace(tzinfo=None)


def week_start(day: date) -> date:
    """Return the Monday of the day's week.

    >>> week_start(date(2026, 3, 8)), week_start(date(2026, 3, 2))
    (datetime.date(2026, 3, 2), datetime.date(2026, 3, 2))
    """
    return day - timedelta(days=day.weekday())


def next_day_of(day: date, work_days: set[date]) -> date:
    """Return the first working day after the day, else simply tomorrow.

    >>> next_day_of(date(2026, 3, 6), {date(2026, 3, 6), date(2026, 3, 9), date(2026, 3, 10)})
    datetime.date(2026, 3, 9)
    >>> next_day_of(date(2026, 3, 6), set())
    datetime.date(2026, 3, 7)
    """
    return min((other for other in work_days if other > day), default=day + timedelta(days=1))
