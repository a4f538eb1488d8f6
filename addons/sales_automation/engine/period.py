"""Periods that a figure is about: whole months, half open [first day, day after the last)."""

from datetime import date

# name → (months before the running unit, months long, the unit it is aligned to in months)
PERIODS = {
    "month": (0, 1, 1), "last_month": (1, 1, 1), "quarter": (0, 3, 3), "last_quarter": (3, 3, 3),
    "year": (0, 12, 12), "last_12": (11, 12, 1),
}


def shift(first: date, months: int) -> date:
    """The first day of the month so many months later.

    >>> shift(date(2026, 11, 1), 2), shift(date(2026, 1, 1), -1)
    (datetime.date(2027, 1, 1), datetime.date(2025, 12, 1))
    """
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def bounds(name: str, today: date) -> tuple[date, date]:
    """The first day of the period and the day after its last.

    >>> bounds("quarter", date(2026, 11, 22))
    (datetime.date(2026, 10, 1), datetime.date(2027, 1, 1))
    >>> bounds("last_month", date(2026, 1, 31))
    (datetime.date(2025, 12, 1), datetime.date(2026, 1, 1))
    >>> bounds("last_12", date(2026, 11, 22))
    (datetime.date(2025, 12, 1), datetime.date(2026, 12, 1))
    """
    back, length, unit = PERIODS[name]
    month = (today.month - 1) // unit * unit + 1
    start = shift(date(today.year, month, 1), -back)
    return start, shift(start, length)


def before(name: str, today: date) -> tuple[date, date]:
    """The period of the same length that ends where this one begins.

    >>> before("month", date(2026, 1, 5))
    (datetime.date(2025, 12, 1), datetime.date(2026, 1, 1))
    """
    start, _end = bounds(name, today)
    return shift(start, -PERIODS[name][1]), start
