"""When a product will be needed again (CC-2, CC-14)."""
import random
from datetime import date, timedelta

import pytest
from customer_care_engine.repurchase import (
    Pool,
    bought,
    expected,
    expected_days,
    from_tomorrow,
    quantile,
    shrunk,
)

START = date(2026, 1, 1)


def history(*steps, quantities=None):
    """Purchases so many days after one another, of one piece each unless told."""
    days, day = [START], START
    for step in steps:
        day += timedelta(days=step)
        days.append(day)
    return bought(list(zip(days, quantities or [1] * len(days), strict=True)))


def test_hand_numbers():
    """Gaps 20, 30, 40: mean 30; pool 60 with weight 2: (2 x 60 + 3 x 30) / 5 = 42."""
    found = history(20, 30, 40)
    assert expected_days(found, None) == 30
    assert expected_days(found, Pool(60, 60, 1, 1)) == 42
    assert (found.early, found.late) == (25 / 30, 35 / 30)
    window = expected(found, None)
    assert window.on == found.last + timedelta(days=30)
    assert window.earliest == found.last + timedelta(days=25)
    assert window.latest == found.last + timedelta(days=35)


def test_two_packs_last_twice_as_long():
    one, two = history(30, 30), history(30, 30, quantities=[1, 1, 2])
    assert expected_days(two, None) == 2 * expected_days(one, None) == 60
    assert expected_days(two, None, by_quantity=False) == 30


def test_an_earlier_double_purchase_is_no_slower_rhythm():
    """60 days after two packs and 30 after one are the same 30 days a pack."""
    assert expected_days(history(60, 30, quantities=[2, 1, 1]), None) == 30


@pytest.mark.parametrize("steps", [(), (30,)])
def test_nothing_below_two_gaps(steps):
    assert expected(history(*steps), Pool(30, 30, 1, 1)) is None


def test_nothing_at_all():
    assert bought([]) is None
    assert bought([(START, 0.0), (START + timedelta(days=9), -2.0)]) is None


def test_a_returned_purchase_is_none():
    days = [(START + timedelta(days=30 * n), 1.0) for n in range(4)]
    assert bought([*days, (START + timedelta(days=95), 0.0)]) == bought(days)


def test_the_last_purchase_lasts_a_day_at_least():
    """Fractions of a piece a day: never expected on the day of the last purchase."""
    found = history(1, 1, quantities=[100, 100, 0.001])
    assert expected(found, None).on == found.last + timedelta(days=1)


def test_few_own_gaps_lean_on_the_pool_and_many_do_not():
    values = [shrunk(10, gaps, 100.0) for gaps in (2, 5, 20, 200)]
    assert values == sorted(values, reverse=True)
    assert values[0] == 55 and values[-1] < 11


def test_the_window_always_holds_the_expected_day():
    """Skewed gaps put P25 above the mean: the window is widened to the day itself."""
    draw = random.Random(14)
    for _ in range(500):
        size = draw.randint(2, 9)
        steps = [draw.choice([1, 2, 10, 30, 400]) for _ in range(size)]
        found = history(*steps, quantities=[draw.choice([0.5, 1, 2, 50]) for _ in range(size + 1)])
        pool = draw.choice([None, Pool(30, 20, 0.6, 1.7)])
        window = expected(found, pool)
        assert found.last < window.earliest <= window.on <= window.latest


def test_never_before_tomorrow():
    window = from_tomorrow(expected(history(30, 30), None), START + timedelta(days=365))
    assert window.on == window.earliest == window.latest == START + timedelta(days=366)


def test_quantiles_are_those_of_the_database():
    """percentile_cont of 1, 2, 3, 4 at a quarter is 1.75."""
    assert quantile([4, 1, 3, 2], 0.25) == 1.75
    assert quantile([4, 1, 3, 2], 0.75) == 3.25
