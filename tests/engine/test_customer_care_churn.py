"""Churn month by month (CC-10)."""
import random
from datetime import date, timedelta

import pytest
from customer_care_engine import churn
from customer_care_engine.bgnbd import Params, p_no_purchase
from customer_care_engine.lifecycle import Rule
from customer_care_engine.rhythm import STEPS, Pace, expected_gap

JANUARY, DECEMBER = date(2025, 1, 1), date(2025, 12, 1)
RULES = [Rule("prospect"), Rule("churned", silence_from=3), Rule("active")]
PACE = Pace(pool=None, weight=2.0, assumed=20.0)


def story(*days, money=()):
    return churn.months_of(
        sorted(days), money, RULES, lambda month: PACE, JANUARY, DECEMBER)


def test_the_first_of_a_month_belongs_to_it():
    """60 days of silence end in the night to April 1: lost in April, not in March."""
    rows = story(date(2025, 1, 30))
    assert [(row.month.month, row.event) for row in rows] == [
        (1, "new"), (2, "retained"), (3, "retained"), (4, "lost")]
    assert rows[-1].lost_on == date(2025, 4, 1)
    assert story(date(2025, 1, 29))[-1].lost_on == date(2025, 3, 31)


def test_a_month_knows_nothing_of_what_comes_after():
    early = (date(2025, 1, 10), date(2025, 2, 10))
    before = story(*early)
    after = story(*early, date(2025, 11, 3))
    assert after[:len(before)] == before
    assert [row.event for row in after[len(before):]] == ["reactivated", "retained"]


def test_a_year_of_revenue_before_and_after():
    money = [(date(2024, 1, 31), 5.0), (date(2024, 2, 1), 70.0), (date(2025, 1, 15), 30.0),
             (date(2025, 1, 31), -10.0), (date(2025, 2, 1), 1000.0)]
    row = story(date(2025, 1, 15), money=money)[0]
    assert (row.revenue, row.before, row.after) == (20.0, 75.0, 90.0)


@pytest.mark.parametrize("seed", range(20))
def test_every_loss_is_counted_once_and_the_books_tie(seed):
    draw = random.Random(seed)
    active = 0
    stories = [
        story(*(JANUARY + timedelta(days=day)
                for day in draw.sample(range(365), draw.choice((1, 2, 4, 9)))))
        for _customer in range(30)
    ]
    for step in range(12):
        month = churn.next_month(JANUARY, step)
        rows = [row for each in stories for row in each if row.month == month]
        started = [row for row in rows if churn.is_active(row.status_start)]
        assert len(started) == active
        active = sum(churn.is_active(row.status_end) for row in rows)
        came = [row for row in rows if row.event in ("new", "reactivated")]
        lost = [row for row in rows if row.event == "lost"]
        brief = [row for row in came if not churn.is_active(row.status_end)]
        assert active == len(started) - len(lost) + len(came) - len(brief)
        assert all(month <= row.lost_on < churn.next_month(month) for row in lost)


@pytest.mark.parametrize("days", [90, 365, 730])
def test_limits_are_where_the_chance_crosses(days):
    params = Params(0.243, 4.414 * 7, 0.793, 2.426)
    limits = churn.silence_limits(params, days)
    assert len(limits) == len(STEPS) + 2
    ends = [(0, 0), *((1, end) for end in (*STEPS, 2 * STEPS[-1]))]
    for limit, (x, t_x) in zip(limits, ends, strict=True):
        floor = max(churn.SOONEST, t_x)
        assert limit >= floor
        assert p_no_purchase(params, days, x, t_x, t_x + limit + 1) >= churn.UNLIKELY
        if limit > floor:
            assert p_no_purchase(params, days, x, t_x, t_x + limit) < churn.UNLIKELY


def test_limits_of_customers_without_a_rhythm():
    few = (1, 2, 3, 4, 5, 6, 7)
    pace = Pace(None, 2.0, 99.0, few=few)
    first = date(2025, 1, 1)
    assert expected_gap(first, first, 1, pace) == 1
    found = [expected_gap(first, first + timedelta(days=days), 2, pace)
             for days in (1, 29, 30, 59, 60, 120, 240, 479, 480, 5000)]
    assert found == [2, 2, 3, 3, 4, 5, 6, 6, 7, 7]
    assert expected_gap(None, None, 0, pace) == 99.0
