"""May somebody be written to now, and if not, when? Errors and waits are values."""
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from .caps import free_at
from .local_time import ALWAYS, Hours, never_open, next_open


@dataclass(frozen=True)
class Policy:
    """What a company has decided: at most `cap` mails in `window` for each person (0 is no cap),
    and the hours of the week in which mails leave, on the recipient's clock."""

    cap: int = 0
    window: timedelta = timedelta(days=7)
    hours: Hours = ALWAYS
    skip_holidays: bool = False


@dataclass(frozen=True)
class Verdict:
    """Go at `until` (None is never); `reason` is what holds the mail up to then."""

    until: datetime | None
    reason: str = ""


def earliest(
    now: datetime,
    policy: Policy,
    place: ZoneInfo,
    sent: Iterable[datetime] = (),
    closed: Collection[date] = (),
) -> Verdict:
    """The first moment at which neither cap nor hours forbid a mail. `sent` are the moments of
    mails that this person got lately, `closed` the holidays there.

    >>> from .local_time import outside
    >>> policy = Policy(cap=1, hours=outside(range(7), 20 * 60, 8 * 60))
    >>> now, tokyo = datetime(2026, 3, 16, 12), ZoneInfo("Asia/Tokyo")
    >>> earliest(now, policy, tokyo)
    Verdict(until=datetime.datetime(2026, 3, 16, 23, 0), reason='quiet')
    >>> earliest(now, policy, tokyo, [datetime(2026, 3, 14, 1)])
    Verdict(until=datetime.datetime(2026, 3, 21, 1, 0), reason='cap')
    >>> earliest(now, Policy(), tokyo)
    Verdict(until=datetime.datetime(2026, 3, 16, 12, 0), reason='')
    """
    free = free_at(sent, policy.cap, policy.window, now)
    if never_open(policy.hours):
        return Verdict(None, "quiet")
    opens = next_open(free, place, policy.hours, closed)
    if opens is None:
        return Verdict(None, "quiet")
    if free > now:
        return Verdict(opens, "cap")
    return Verdict(opens, "quiet" if opens > now else "")
