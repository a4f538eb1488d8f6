"""Periods, roll-up, coverage and accuracy, by hand (SA-11, SA-12)."""
from datetime import date, timedelta

import pytest
from sales_automation_engine import forecast
from sales_automation_engine.forecast import Adjustment, Period


@pytest.mark.parametrize(
    ("kind", "day", "start", "end"),
    [
        ("month", date(2024, 2, 29), date(2024, 2, 1), date(2024, 2, 29)),
        ("quarter", date(2026, 12, 31), date(2026, 10, 1), date(2026, 12, 31)),
        ("year", date(2026, 7, 1), date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_periods(kind, day, start, end):
    assert Period.of(kind, day) == Period(kind, start, end)


@pytest.mark.parametrize("kind", forecast.MONTHS)
def test_periods_follow_each_other_without_a_gap(kind):
    period = Period.of(kind, date(2023, 11, 5))
    for _step in range(30):
        following = period.shift(1)
        assert following.start == period.end + timedelta(days=1)
        assert following.shift(-1) == period
        period = following


@pytest.mark.parametrize(("amount", "parts", "digits"), [(100, 3, 2), (0.05, 12, 2), (7, 12, 0)])
def test_spread_loses_no_cent(amount, parts, digits):
    rows = forecast.spread(amount, parts, digits)
    assert len(rows) == parts
    assert round(sum(rows), digits) == amount
    assert max(rows) - min(rows) <= 10 ** -digits + 1e-9


def test_roll_up_by_hand():
    """Ann says 10 more than her commit, Bob is overruled, the leader takes 5 off the team."""
    ann = forecast.climb({"closed": 40, "commit": 20, "best_case": 10, "pipeline": 100})
    bob = forecast.climb({"commit": 50})
    said = [
        forecast.call(ann["commit"], ann, Adjustment("delta", "commit", 10)),
        forecast.call(bob["commit"], bob, Adjustment("absolute", "commit", 30)),
    ]
    assert said == [70, 30]
    team = forecast.climb({"closed": 40, "commit": 70, "best_case": 10, "pipeline": 100})
    assert forecast.call(sum(said), team, Adjustment("delta", "commit", -5)) == 95
    assert forecast.call(sum(said), team, Adjustment("delta", "best_case", -5)) == 115


@pytest.mark.parametrize(
    ("open_amount", "target", "won", "expected"),
    [(200, 100, 50, 4.0), (0, 100, 0, 0.0), (200, 100, 120, None), (200, 0, 0, None)],
)
def test_coverage(open_amount, target, won, expected):
    assert forecast.coverage(open_amount, target, won) == expected


def test_accuracy_by_hand():
    """January: 80 said, 100 won; February: 150 said, 100 won; March: 20 said, nothing won."""
    months = [(80, 100), (150, 100), (20, 0)]
    assert [forecast.accuracy(*month) for month in months] == [0.8, 0.5, None]
    assert [forecast.bias(*month) for month in months] == [-0.2, 0.5, None]
    assert forecast.team_accuracy(months) == pytest.approx(1 - 90 / 200)
