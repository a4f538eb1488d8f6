"""Hours of the week on the clock of a place: when is it open there, and when next?

Moments are naive UTC, as Odoo stores them. Hours are minutes of local days, so that "from eight"
means eight on the wall all year round; what daylight saving skips or repeats is settled here
and nowhere else.
"""
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY = 24 * 60
# a place that does not open within this many days is closed for good
HORIZON = 400
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, order=True)
class Span:
    """Open on weekday `day` (0 is Monday) from minute `start` up to, without, minute `end`."""

    day: int
    start: int
    end: int


Hours = tuple[Span, ...]
ALWAYS: Hours = tuple(Span(day, 0, DAY) for day in range(7))


def zone(name: str | bool | None) -> ZoneInfo | None:
    """The time zone of this name, or None when there is none.

    >>> zone("Asia/Tokyo").key, zone("Mars/Olympus"), zone("")
    ('Asia/Tokyo', None, None)
    """
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def to_local(moment: datetime, place: ZoneInfo) -> datetime:
    """What the clock on the wall shows there.

    >>> to_local(datetime(2026, 1, 15, 23), ZoneInfo("Asia/Tokyo"))
    datetime.datetime(2026, 1, 16, 8, 0)
    """
    return moment.replace(tzinfo=UTC).astimezone(place).replace(tzinfo=None)


def to_utc(wall: datetime, place: ZoneInfo, again: bool = False) -> datetime:
    """The moment when the clock there shows `wall`; of two such moments the first one, or with
    `again` the second. A time that is skipped stands for the end of the gap.

    >>> to_utc(datetime(2026, 3, 8, 2, 30), ZoneInfo("America/New_York"))  # 2:00 became 3:00
    datetime.datetime(2026, 3, 8, 7, 0)
    >>> to_utc(datetime(2026, 11, 1, 1, 30), ZoneInfo("America/New_York"))  # and 2:00 became 1:00
    datetime.datetime(2026, 11, 1, 5, 30)
    >>> to_utc(datetime(2026, 11, 1, 1, 30), ZoneInfo("America/New_York"), again=True)
    datetime.datetime(2026, 11, 1, 6, 30)
    """
    moment = _naive(wall, place, int(again))
    if to_local(moment, place) == wall:
        return moment
    early, late = _naive(wall, place, 1), _naive(wall, place, 0)
    while late - early > MINUTE:  # between them the clock jumps
        middle = early + (late - early) // 2
        if to_local(middle, place) < wall:
            early = middle
        else:
            late = middle
    return late.replace(second=0, microsecond=0)


def _naive(wall: datetime, place: ZoneInfo, fold: int) -> datetime:
    return wall.replace(tzinfo=place, fold=fold).astimezone(UTC).replace(tzinfo=None)


def daily(days: Iterable[int], start: int, end: int) -> Hours:
    """The same hours on each of `days`. When they end before they start they go on into the
    next morning; when both are equal they last all day.

    >>> daily([4], 22 * 60, 2 * 60)
    (Span(day=4, start=1320, end=1440), Span(day=5, start=0, end=120))
    """
    spans = []
    for day in sorted(set(days)):
        if start < end:
            spans.append(Span(day, start, end))
        elif start == end:
            spans.append(Span(day, 0, DAY))
        else:
            spans += [Span(day, start, DAY), Span((day + 1) % 7, 0, end)]
    return tuple(sorted(span for span in spans if span.start < span.end))


def outside(days: Iterable[int], quiet_from: int, quiet_to: int) -> Hours:
    """All hours of `days` but the quiet ones; no quiet hours when both ends are equal.

    >>> outside([0], 20 * 60, 8 * 60)
    (Span(day=0, start=480, end=1200),)
    >>> outside([0], 12 * 60, 14 * 60)
    (Span(day=0, start=0, end=720), Span(day=0, start=840, end=1440))
    """
    if quiet_from > quiet_to:
        pieces = [(quiet_to, quiet_from)]
    elif quiet_from < quiet_to:
        pieces = [(0, quiet_from), (quiet_to, DAY)]
    else:
        pieces = [(0, DAY)]
    return tuple(
        Span(day, start, end) for day in sorted(set(days)) for start, end in pieces if start < end
    )


def never_open(hours: Hours) -> bool:
    """Not one minute of the week is open.

    >>> never_open(()), never_open(outside([0], 0, 1440)), never_open(ALWAYS)
    (True, True, False)
    """
    return not any(span.start < span.end for span in hours)


def is_open(
    moment: datetime, place: ZoneInfo, hours: Hours, closed: Collection[date] = ()
) -> bool:
    """Whether it is open there at this moment; `closed` are local days that are closed whole.

    >>> is_open(datetime(2026, 3, 16, 9), ZoneInfo("Asia/Tokyo"), daily([0], 480, 1200))
    True
    """
    return _span_at(to_local(moment, place), hours, closed) is not None


def next_open(
    moment: datetime, place: ZoneInfo, hours: Hours, closed: Collection[date] = ()
) -> datetime | None:
    """The first moment from `moment` on at which it is open there; None when that is never.

    >>> weekdays = daily(range(5), 9 * 60, 17 * 60)
    >>> next_open(datetime(2026, 3, 13, 22), ZoneInfo("America/Sao_Paulo"), weekdays)
    datetime.datetime(2026, 3, 16, 12, 0)
    >>> next_open(datetime(2026, 3, 13, 15), ZoneInfo("America/Sao_Paulo"), weekdays)
    datetime.datetime(2026, 3, 13, 15, 0)
    """
    if is_open(moment, place, hours, closed):
        return moment
    today = to_local(moment, place).date()
    for ahead in range(HORIZON):
        day = today + timedelta(days=ahead)
        starts = [span.start for span in hours if span.day == day.weekday()]
        moments = sorted(
            to_utc(datetime.combine(day, time()) + start * MINUTE, place, again)
            for start in starts
            for again in (False, True)
        )
        for candidate in moments:
            if candidate >= moment and is_open(candidate, place, hours, closed):
                return candidate
    return None


def closes_at(
    moment: datetime, place: ZoneInfo, hours: Hours, closed: Collection[date] = ()
) -> datetime:
    """The end of the hours that are open at this moment; `moment` itself when none are.

    >>> closes_at(datetime(2026, 3, 16, 1), ZoneInfo("Asia/Tokyo"), daily([0], 480, 1200))
    datetime.datetime(2026, 3, 16, 11, 0)
    """
    wall = to_local(moment, place)
    span = _span_at(wall, hours, closed)
    if not span:
        return moment
    end = datetime.combine(wall.date(), time()) + span.end * MINUTE
    first = to_utc(end, place)
    return first if first > moment else to_utc(end, place, again=True)


def _span_at(wall: datetime, hours: Hours, closed: Collection[date]) -> Span | None:
    if wall.date() in closed:
        return None
    minute = wall.hour * 60 + wall.minute
    for span in hours:
        if span.day == wall.weekday() and span.start <= minute < span.end:
            return span
    return None
