"""When it is open at a place, across the days on which its clock jumps."""
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from lead_nurture_engine import business, local_time
from lead_nurture_engine.zones import MAIN_ZONE, STATE_ZONES, zone_of

WEEKDAYS = local_time.daily(range(5), 9 * 60, 17 * 60)
DAYTIME = local_time.outside(range(7), 20 * 60, 8 * 60)
NIGHT = local_time.daily([4], 22 * 60, 2 * 60)  # from Friday evening on
THANKSGIVING = (date(2026, 11, 26), date(2026, 11, 27))


def at(text):
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("place", "now", "expected"),
    [
        # Monday 16 March 2026, 09:00 UTC: open there now, or when next
        ("Asia/Tokyo", "2026-03-16T09:00", "2026-03-16T09:00"),  # 18:00
        ("Asia/Tokyo", "2026-03-16T11:00", "2026-03-16T23:00"),  # 20:00 sharp is quiet
        ("Asia/Ho_Chi_Minh", "2026-03-16T13:00", "2026-03-17T01:00"),
        ("Asia/Bangkok", "2026-03-16T00:59", "2026-03-16T01:00"),
        ("Asia/Taipei", "2026-03-16T12:30", "2026-03-17T00:00"),
        ("America/New_York", "2026-03-16T09:00", "2026-03-16T12:00"),  # 05:00, summer time
        ("America/New_York", "2026-01-16T09:00", "2026-01-16T13:00"),  # 04:00, winter time
        ("America/Sao_Paulo", "2026-03-16T09:00", "2026-03-16T11:00"),
    ],
)
def test_each_in_his_own_morning(place, now, expected):  # LN-31
    assert local_time.next_open(at(now), ZoneInfo(place), DAYTIME) == at(expected)


@pytest.mark.parametrize(
    ("place", "wall", "first", "second"),
    [
        # a gap: the clock never shows this time
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:00", None),
        # and an overlap: it shows it twice
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30", "2026-11-01T06:30"),
        # São Paulo jumped at midnight until 2019
        ("America/Sao_Paulo", "2018-11-04T00:15", "2018-11-04T03:00", None),
        ("America/Sao_Paulo", "2019-02-16T23:30", "2019-02-17T01:30", "2019-02-17T02:30"),
        # half an hour only
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30", None),
        # Asia of our customers has no summer time
        ("Asia/Tokyo", "2026-03-29T02:30", "2026-03-28T17:30", None),
    ],
)
def test_times_that_are_skipped_or_repeated(place, wall, first, second):  # LN-31
    zone = ZoneInfo(place)
    assert local_time.to_utc(at(wall), zone) == at(first)
    assert local_time.to_utc(at(wall), zone, again=True) == at(second or first)


@pytest.mark.parametrize(
    ("hours", "closed", "now", "expected"),
    [
        # 02:00 to 03:00 is skipped on 8 March in New York: a window inside it waits for tomorrow,
        (local_time.daily(range(7), 130, 170), (), "2026-03-08T06:59", "2026-03-09T06:10"),
        # one that begins inside it opens when the gap ends
        (local_time.daily(range(7), 150, 240), (), "2026-03-08T06:59", "2026-03-08T07:00"),
        # 01:00 to 02:00 comes twice on 1 November: the second pass is open too
        (local_time.daily(range(7), 60, 90), (), "2026-11-01T05:45", "2026-11-01T06:00"),
        # over midnight, and what belongs to the closed day stays closed
        (NIGHT, (), "2026-03-14T03:00", "2026-03-14T03:00"),  # Friday 23:00
        (NIGHT, (date(2026, 3, 13),), "2026-03-14T03:00", "2026-03-14T04:00"),
        (NIGHT, (), "2026-03-14T06:00", "2026-03-21T02:00"),
        # Thanksgiving and the day after
        (WEEKDAYS, THANKSGIVING, "2026-11-26T15:00", "2026-11-30T14:00"),
        ((), (), "2026-03-14T03:00", None),
    ],
)  # fmt: skip
def test_windows_in_new_york(hours, closed, now, expected):  # LN-31
    found = local_time.next_open(at(now), ZoneInfo("America/New_York"), hours, closed)
    assert found == (at(expected) if expected else None)


@pytest.mark.parametrize("place", ["America/New_York", "America/Sao_Paulo", "Europe/Dublin"])
@pytest.mark.parametrize("year", [2018, 2026])
def test_never_in_quiet_hours(place, year):  # LN-35
    """Every quarter of an hour around all jumps of a year: the answer is open, and not late."""
    zone = ZoneInfo(place)
    hours = local_time.outside(range(7), 23 * 60 + 30, 2 * 60 + 15)
    for month in (2, 3, 10, 11):
        moment, end = datetime(year, month, 1), datetime(year, month, 28)
        while moment < end:
            found = local_time.next_open(moment, zone, hours)
            assert local_time.is_open(found, zone, hours)
            assert moment <= found <= moment + timedelta(hours=4)
            moment += timedelta(minutes=45)


def test_a_policy_without_a_minute():  # LN-35
    assert local_time.never_open(local_time.outside(range(7), 0, local_time.DAY))
    assert local_time.never_open(local_time.outside([], 20 * 60, 8 * 60))
    assert not local_time.never_open(DAYTIME)
    every_day = [date(2026, 1, 1) + timedelta(days=n) for n in range(500)]
    zone = ZoneInfo("UTC")
    assert local_time.next_open(datetime(2026, 1, 1), zone, DAYTIME, every_day) is None


@pytest.mark.parametrize("name", ["Mars/Olympus", "", False, None, "../etc/passwd", "/etc"])
def test_unknown_zone(name):  # LN-31
    assert local_time.zone(name) is None


@pytest.mark.parametrize(
    ("hours", "now", "expected"),
    [
        (2, "2026-03-06T20:00", "2026-03-06T22:00"),  # Friday 15:00, done at five
        (4, "2026-03-06T20:00", "2026-03-09T15:00"),  # over the weekend of the jump: 11:00
        (8, "2026-03-08T12:00", "2026-03-09T21:00"),
        (0, "2026-03-07T12:00", "2026-03-09T13:00"),
        (80, "2026-03-09T13:00", "2026-03-20T21:00"),
    ],
)
def test_working_hours(hours, now, expected):  # LN-31
    zone = ZoneInfo("America/New_York")
    assert business.after_hours(at(now), hours, zone, WEEKDAYS) == at(expected)


def test_a_window_all_day_long_on_a_day_of_25_hours():  # LN-31
    zone = ZoneInfo("America/New_York")
    start = local_time.to_utc(datetime(2026, 11, 1), zone)
    assert business.after_hours(start, 25, zone, local_time.ALWAYS) == start + timedelta(hours=25)


@pytest.mark.parametrize(
    ("days", "now", "expected"),
    [
        (1, "2026-12-24T06:00", "2026-12-28T06:00"),  # Thursday 15:00 in Tokyo; Friday is closed
        (3, "2026-12-22T06:00", "2026-12-28T06:00"),
        (1, "2026-12-22T12:00", "2026-12-24T00:00"),  # after hours: counted from tomorrow's nine
    ],
)
def test_working_days(days, now, expected):  # LN-31
    closed = {date(2026, 12, 25)}
    found = business.after_days(at(now), days, ZoneInfo("Asia/Tokyo"), WEEKDAYS, closed)
    assert found == at(expected)


def test_working_time_that_never_comes():  # LN-31
    assert business.after_hours(at("2026-03-16T09:00"), 1, ZoneInfo("UTC"), ()) is None
    assert business.after_days(at("2026-03-16T09:00"), 1, ZoneInfo("UTC"), ()) is None


def test_zones_of_countries():  # LN-31
    assert zone_of("VN", "", ["Asia/Ho_Chi_Minh"]) == "Asia/Ho_Chi_Minh"
    assert zone_of("US", "NY", ["America/New_York", "America/Chicago"]) == "America/New_York"
    assert zone_of("BR", "AM", ["America/Sao_Paulo", "America/Manaus"]) == "America/Manaus"
    assert zone_of("RU", "", ["Europe/Moscow", "Asia/Omsk"]) == "", "no guess"
    assert zone_of("", "CA", []) == "", "a state without its country says nothing"
    for name in [*MAIN_ZONE.values(), *(z for states in STATE_ZONES.values() for z in states)]:
        assert local_time.zone(name), name
