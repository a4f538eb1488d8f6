"""How often one person may be written to, and how late a mail may be."""
from collections.abc import Iterable
from datetime import datetime, timedelta


def free_at(sent: Iterable[datetime], cap: int, window: timedelta, now: datetime) -> datetime:
    """When the next mail is allowed if no `window` may hold more than `cap`; a cap of 0 is none.

    A mail leaves the window when exactly `window` has passed since it.

    >>> monday, week = datetime(2026, 3, 16, 9), timedelta(days=7)
    >>> free_at([monday], 2, week, monday + timedelta(days=1))
    datetime.datetime(2026, 3, 17, 9, 0)
    >>> free_at([monday, monday + timedelta(days=1)], 2, week, monday + timedelta(days=2))
    datetime.datetime(2026, 3, 23, 9, 0)
    """
    if cap <= 0:
        return now
    recent = sorted(at for at in sent if at + window > now)
    return now if len(recent) < cap else recent[-cap] + window


def too_late(due: datetime, at: datetime, most_days: float) -> bool:
    """Whether a mail that was due at `due` should rather not be sent any more at `at`; 0 days
    mean that no mail is ever too late.

    >>> too_late(datetime(2026, 3, 1), datetime(2026, 3, 5), 3)
    True
    >>> too_late(datetime(2026, 3, 1), datetime(2026, 3, 4), 3)
    False
    >>> too_late(datetime(2025, 3, 1), datetime(2026, 3, 4), 0)
    False
    """
    return bool(most_days) and at - due > timedelta(days=most_days)
