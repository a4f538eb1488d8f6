"""How long agreements last (CC-10): the 6-MP arm of Freireich (1963), a table in many books."""
import random

import pytest
from customer_care_engine.survival import EMPTY, FEW, NONE_ENDED, kaplan_meier
from lifelines import KaplanMeierFitter

#: Weeks in remission of 21 patients; those of LEFT were still in remission.
ENDED = (6, 6, 6, 7, 10, 13, 16, 22, 23)
LEFT = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)


def rows(ended, left=()):
    return [(days, True, 1) for days in ended] + [(days, False, 1) for days in left]


def test_the_published_curve():
    curve = kaplan_meier(rows(ENDED, LEFT))
    published = {6: .857, 7: .807, 10: .753, 13: .690, 16: .627, 22: .538, 23: .448}
    assert {step.day: round(step.survival, 3) for step in curve.steps} == published
    assert [step.at_risk for step in curve.steps] == [21, 17, 15, 12, 11, 7, 6]
    assert (curve.subjects, curve.ended, curve.longest, curve.median) == (21, 9, 35, 23)


def test_the_published_interval():
    """On the log(-log) scale, as R's survfit(conf.type = "log-log") prints it."""
    steps = {step.day: step for step in kaplan_meier(rows(ENDED, LEFT)).steps}
    assert (steps[6].low, steps[6].high) == pytest.approx((0.620, 0.952), abs=6e-4)
    assert (steps[23].low, steps[23].high) == pytest.approx((0.188, 0.680), abs=6e-4)


def test_the_order_of_rows_and_their_grouping_do_not_matter():
    one = kaplan_meier(rows(ENDED, LEFT))
    grouped = [(days, True, ENDED.count(days)) for days in {*ENDED}]
    grouped += [(days, False, LEFT.count(days)) for days in {*LEFT}]
    assert kaplan_meier(reversed(grouped)) == one


def test_without_anybody_left_out_it_is_the_plain_share():
    curve = kaplan_meier(rows(range(1, 101)))
    assert [round(step.survival, 10) for step in curve.steps] == [
        round(1 - day / 100, 10) for day in range(1, 101)]
    assert curve.median == 50 and not curve.reason


@pytest.mark.parametrize(("found", "reason", "median"), [
    (rows(()), EMPTY, None),
    (rows((), (5, 9)), NONE_ENDED, None),
    (rows((30,)), FEW, 30),
    (rows((30,) * 500), "", 30),
    (rows((0,) * 20), "", 0),
    (rows((0,) * 20, (0,)), "", 0),
])
def test_odd_cases_are_values_with_a_reason(found, reason, median):
    curve = kaplan_meier(found)
    assert (curve.reason, curve.median) == (reason, median)
    assert all(0 <= step.low <= step.survival <= step.high <= 1 for step in curve.steps)


def test_nothing_is_said_beyond_what_was_seen():
    curve = kaplan_meier(rows((10, 20), (30,)))
    assert [curve.at(day) for day in (0, 10, 25, 30, 31)] == [
        1, pytest.approx(2 / 3), pytest.approx(1 / 3), pytest.approx(1 / 3), None]


def test_impossible_rows_are_dropped_and_counted():
    curve = kaplan_meier([(-1, True, 3), (5, True, 0), (5, True, 2)])
    assert (curve.subjects, curve.dropped) == (2, 4)


@pytest.mark.parametrize("seed", range(12))
def test_against_lifelines(seed):
    """Any mixture of ends and of those who still run, with many ties."""
    dice = random.Random(seed)
    found = [(dice.randint(1, dice.choice((5, 40, 900))), dice.random() < 0.6)
             for _n in range(dice.choice((3, 30, 400)))]
    found[0] = (found[0][0], True)
    oracle = KaplanMeierFitter().fit(
        [days for days, _ended in found], [ended for _days, ended in found])
    curve = kaplan_meier((days, ended, 1) for days, ended in found)
    for step in curve.steps:
        assert step.survival == pytest.approx(oracle.predict(step.day), abs=1e-12)
        band = oracle.confidence_interval_.loc[step.day].tolist()
        if step.survival > 0:
            assert (step.low, step.high) == pytest.approx(band, abs=1e-6)
    median = oracle.median_survival_time_
    assert (curve.median if curve.median is not None else float("inf")) == median
