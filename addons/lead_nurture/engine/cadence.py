"""When something is due: waits of a journey and the delays between two attempts.

Times are naive UTC, as Odoo stores them; a delay is a whole number of units.
"""
import re
from datetime import datetime, timedelta

UNITS = {
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
    "weeks": timedelta(weeks=1),
}

# A failed step is tried again after these pauses, then it is parked.
STEP_RETRIES = (
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)

# A mail that the server refused for now: greylisting needs minutes, an outage hours.
MAIL_RETRIES = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(hours=24),
)

# "SMTPRecipientsRefused: {'a@b.c': (451, b'4.7.1 Greylisted')}", "SMTPDataError: (554, b'spam')"
SMTP_CODE = re.compile(r"\(([2-5]\d\d), b?['\"]")


def due(now: datetime, count: int, unit: str) -> datetime:
    """Moment `count` units after `now`; a negative count counts as none.

    >>> due(datetime(2026, 2, 27, 9), 3, "days")
    datetime.datetime(2026, 3, 2, 9, 0)
    >>> due(datetime(2026, 2, 27, 9), -1, "hours")
    datetime.datetime(2026, 2, 27, 9, 0)
    >>> due(datetime(2026, 2, 27, 9), 1, "moons")
    Traceback (most recent call last):
        ...
    ValueError: unknown unit of time: 'moons'
    """
    if unit not in UNITS:
        raise ValueError(f"unknown unit of time: {unit!r}")
    return now + max(count, 0) * UNITS[unit]


def retry_at(
    now: datetime, attempts: int, pauses: tuple[timedelta, ...] = STEP_RETRIES
) -> datetime | None:
    """Next try after `attempts` failed ones, or None when it is time to give up.

    >>> retry_at(datetime(2026, 1, 1), 1)
    datetime.datetime(2026, 1, 1, 0, 1)
    >>> retry_at(datetime(2026, 1, 1), 4)
    datetime.datetime(2026, 1, 1, 6, 0)
    >>> retry_at(datetime(2026, 1, 1), 5) is None
    True
    """
    if attempts < 1:
        return now
    if attempts > len(pauses):
        return None
    return now + pauses[attempts - 1]


def mail_verdict(failure_type: str | bool | None, reason: str | bool | None) -> str:
    """What a failed mail calls for: 'retry' (the server was the trouble), 'bounce' (the
    address was) or 'refused' (we must not or cannot send it).

    RFC 5321 §4.2.1: 4yz is transient, 5yz is permanent. A connection that broke inside the
    dialogue leaves the fate unknown; it is tried again under the same Message-Id.

    >>> mail_verdict("mail_smtp", "Connection refused")
    'retry'
    >>> mail_verdict("unknown", "SMTPRecipientsRefused: {'a@b.c': (451, b'4.7.1 Greylisted')}")
    'retry'
    >>> mail_verdict("unknown", "SMTPDataError: (554, b'5.7.1 Spam')")
    'bounce'
    >>> mail_verdict("mail_bl", None)
    'refused'
    >>> mail_verdict("unknown", "Connection unexpectedly closed")
    'retry'
    """
    if failure_type == "mail_smtp":
        return "retry"
    codes = SMTP_CODE.findall(reason or "")
    if any(code.startswith("5") for code in codes):
        return "bounce"
    if codes:
        return "retry"
    return "retry" if not failure_type or failure_type == "unknown" else "refused"
