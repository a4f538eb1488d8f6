"""How much may be sent: to one person, and by one server."""
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from lead_nurture_engine.caps import free_at, too_late
from lead_nurture_engine.rate import Limits, Places

NOW = datetime(2026, 3, 16, 9)
WEEK = timedelta(days=7)


def ago(**delta):
    return NOW - timedelta(**delta)


@pytest.mark.parametrize(
    ("sent", "cap", "expected"),
    [
        ([], 2, NOW),
        ([ago(days=1)], 2, NOW),
        ([ago(days=1), ago(days=3)], 2, ago(days=3) + WEEK),
        ([ago(days=1), ago(days=7)], 2, NOW),  # exactly a week ago has left the window
        ([ago(days=1), ago(days=2), ago(days=3)], 2, ago(days=2) + WEEK),  # the cap was lowered
        ([ago(days=1)] * 9, 0, NOW),  # 0 is no cap, not a ban
        ([ago(minutes=5)], 1, ago(minutes=5) + WEEK),
    ],
)
def test_cap(sent, cap, expected):  # LN-35
    assert free_at(sent, cap, WEEK, NOW) == expected


def test_lateness():  # LN-35
    assert too_late(NOW, NOW + timedelta(days=3, minutes=1), 3)
    assert not too_late(NOW, NOW + timedelta(days=3), 3)
    assert not too_late(NOW, NOW + timedelta(days=300), 0)


def test_rate_is_even():  # LN-35
    places = Places(Limits(per_hour=60), {})
    given = [places.take(NOW) for _ in range(150)]
    assert given[1] - given[0] == timedelta(minutes=1)
    assert max(Counter(moment.hour for moment in given).values()) == 60
    assert given == sorted(given)


def test_rate_within_a_started_hour():  # LN-35
    """At ten to ten half of the hour's places are free: they go now, the rest evenly later."""
    places = Places(Limits(per_hour=4), {NOW: 2})
    late = NOW + timedelta(minutes=50)
    assert [places.take(late) for _ in range(3)] == [late, late, NOW + timedelta(hours=1)]
    assert places.added == {NOW: 2, NOW + timedelta(hours=1): 1}


def test_warm_up_spreads_over_days():  # LN-35
    limits = Limits(warm_since=NOW.date(), warm_first=10, warm_full=1000)
    places = Places(limits, {})
    days = Counter(places.take(NOW).date() for _ in range(100))
    assert list(days.values()) == [10, 20, 40, 30]
    assert list(days) == [NOW.date() + timedelta(days=n) for n in range(4)]


def test_warm_up_and_rate_together():  # LN-35
    limits = Limits(per_hour=3, warm_since=NOW.date(), warm_first=5, warm_full=1000)
    places = Places(limits, {})
    given = [places.take(NOW) for _ in range(7)]
    assert [moment.day for moment in given] == [16] * 5 + [17] * 2
    assert [moment.hour for moment in given] == [9, 9, 9, 10, 10, 0, 0]


def test_plan_of_a_warm_up():  # LN-35
    start = date(2026, 3, 1)
    slow = Limits(warm_since=start, warm_first=100, warm_growth=50, warm_full=400)
    plan = [slow.per_day(start + timedelta(days=n)) for n in range(6)]
    assert plan == [100, 150, 225, 337, None, None]
    flat = Limits(warm_since=start, warm_first=100, warm_growth=0, warm_full=400)
    assert flat.per_day(start + timedelta(days=1000)) == 100


def test_places_lie_in_open_hours():  # LN-35
    """A place that falls into somebody's night moves to his morning; others still get the earlier
    places."""
    morning = NOW + timedelta(hours=23)

    def sleeps(moment):
        return moment if moment <= NOW or moment >= morning else morning

    places = Places(Limits(per_hour=2), {})
    given = [places.take(NOW, sleeps) for _ in range(2)]
    assert given == [NOW, morning]
    assert places.take(NOW) == NOW + timedelta(minutes=30)
    assert places.take(NOW) == NOW + timedelta(hours=1)


def test_nothing_is_ever_free():  # LN-35
    assert Places(Limits(per_hour=1), {}).take(NOW, lambda moment: None) is None


def test_a_long_queue_is_no_long_search():  # LN-35
    """A backlog of 50 days behind which 2,000 more line up."""
    taken = {NOW + timedelta(hours=n): 10 for n in range(24 * 50)}
    places = Places(Limits(per_hour=10), taken)
    given = [places.take(NOW) for _ in range(2000)]
    assert given[0] == NOW + timedelta(days=50)
    assert given[-1] < NOW + timedelta(days=50, hours=200)
