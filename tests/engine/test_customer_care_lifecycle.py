"""The meaning of lifecycle rules (CC-12)."""
from datetime import date, timedelta

import pytest
from customer_care_engine.lifecycle import (
    Case,
    Figures,
    Rule,
    case_of,
    cases,
    fits,
    judge,
    lost_factor,
    problems,
)
from customer_care_engine.rhythm import Pace

TODAY = date(2026, 6, 30)
PACE = Pace(pool=None, weight=2.0, assumed=365 / 3)
SEED = [
    Rule("prospect"),
    Rule("churned", silence_from=3),
    Rule("lapsed", silence_from=2.5),
    Rule("at_risk", silence_from=2),
    Rule("reactivated", comeback_from=3),
    Rule("new", age_max=90),
    Rule("loyal", purchases_min=5),
    Rule("active"),
]


def status(rules, *days_ago, pace=PACE, revenue=0.0):
    """Status of a customer who bought so many days ago, oldest first."""
    days = [TODAY - timedelta(days=ago) for ago in days_ago]
    figures = Figures(
        len(days), revenue, *(days[:1] or [None]), *(days[-2:-1] or [None]), *(days[-1:] or [None])
    )
    return rules[judge(rules, case_of(figures, pace, TODAY))].status


@pytest.mark.parametrize(
    ("days_ago", "expected"),
    [
        ((), "prospect"),
        ((0,), "new"),
        ((90,), "new"),
        ((91,), "active"),
        ((243,), "active"),  # two thirds of a year without a rhythm of his own
        ((244,), "at_risk"),
        ((305,), "lapsed"),
        ((365,), "lapsed"),
        ((366,), "churned"),
        ((120, 90, 60), "active"),  # twice his gap of 30 days is not yet more than twice
        ((121, 91, 61), "at_risk"),
        ((136, 106, 76), "lapsed"),
        ((151, 121, 91), "churned"),
        ((160, 130, 100, 70, 40), "loyal"),
        ((500, 90), "reactivated"),
    ],
)
def test_seeded_rules(days_ago, expected):
    assert status(SEED, *days_ago) == expected


def test_a_slow_buyer_is_not_lost_when_a_quick_one_is():
    assert status(SEED, 300, 200, 100) == "active"
    assert status(SEED, 120, 110, 100) == "churned"


def test_seeded_rules_have_no_problem():
    assert problems(SEED) == []


@pytest.mark.parametrize("position", range(1, len(SEED) - 1))
def test_a_copy_below_is_idle(position):
    rules = [*SEED[: position + 1], SEED[position], *SEED[position + 1 :]]
    assert [p.idle for p in problems(rules)] == [position + 1]


def test_without_the_last_line_somebody_is_uncovered():
    found = problems(SEED[:-1])
    assert len(found) == 1
    assert judge(SEED[:-1], found[0].uncovered) is None


def test_without_prospects_they_are_uncovered():
    assert problems(SEED[1:])[0].uncovered.purchases == 0


def test_days_and_gaps_may_be_mixed():
    """A border in days hides one in gaps for slow buyers only: both lines decide somebody."""
    rules = [Rule("prospect"), Rule("churned", silence_from=365, unit="day"),
             Rule("lapsed", silence_from=3), Rule("active")]
    assert problems(rules) == []
    hidden = [Rule("prospect"), Rule("churned", silence_from=3),
              Rule("lapsed", silence_from=3, purchases_min=2), Rule("active")]
    assert [p.idle for p in problems(hidden)] == [2]


def test_bands_without_a_catch_all():
    """Two bands that meet cover everybody; a day between them does not."""
    meet = [Rule("prospect"), Rule("active", silence_to=100, unit="day"),
            Rule("churned", silence_from=100, unit="day")]
    assert problems(meet) == []
    apart = [*meet[:2], Rule("churned", silence_from=101, unit="day")]
    assert problems(apart)[0].uncovered.silence == 101


def test_revenue_and_age_borders():
    case = Case(purchases=3, revenue=100.0, gap=30.0, silence=10, age=90, comeback=5)
    assert fits(Rule("loyal", revenue_min=100), case)
    assert not fits(Rule("loyal", revenue_min=100.01), case)
    assert fits(Rule("new", age_max=90), case)
    assert not fits(Rule("new", age_max=89), case)
    assert not fits(Rule("active", purchases_max=2), case)


def test_cases_are_possible():
    for case in cases(SEED):
        if case.purchases > 1:
            assert case.comeback >= 1
        if case.purchases <= 2:
            assert case.age == case.silence + case.comeback
        assert case.age >= case.silence


def test_lost_factor_is_the_first_border_of_churned():
    assert lost_factor(SEED) == 3
    assert lost_factor([Rule("churned", silence_from=6), Rule("churned", silence_from=4)]) == 4
