"""Forecasts that are checked against what happened (CC-9)."""
from datetime import timedelta
from math import inf, nan, sqrt

import pytest
from customer_care_engine import bgnbd
from customer_care_engine.backtest import Outcome, evaluate, verdict
from oracles import CUT, cdnow, cdnow_calibration, seen_at

HORIZON = 39 * 7


def cdnow_outcomes(forecast):
    """Weeks 40 to 78 as `forecast(x, t_x, T)` foresaw them in week 39."""
    for days in cdnow():
        x, t_x, T = seen_at(days, CUT)
        since = CUT - timedelta(days=HORIZON)
        before = sum(since <= day < CUT for day in list(days)[1:])
        actual = sum(day >= CUT for day in days)
        yield Outcome(x, T, before, forecast(x, t_x, T), actual)


def test_the_published_holdout():
    fit = bgnbd.fit(cdnow_calibration())
    report = evaluate(
        cdnow_outcomes(lambda *row: bgnbd.expected_purchases(fit.params, HORIZON, *row)), HORIZON
    )
    assert (report.customers, report.repeaters, report.actual) == (2357, 946, 1882)
    assert report.rmse <= 1.65
    assert report.naive_repeat.rmse == pytest.approx(1.97, abs=5e-3)
    assert abs(report.total_error) <= 0.2
    assert report.gini >= 0.65
    assert report.top_decile >= 0.46
    assert report.beats_naive
    assert verdict(fit, report).level == "good"
    # Figure 4 of the paper: the mean forecast follows the number of purchases so far.
    assert [line.highest for line in report.by_purchases] == list(range(8))
    for line in report.by_purchases[1:]:
        assert line.forecast == pytest.approx(line.actual, rel=0.3)


def test_zero_for_all_wins_the_mean_absolute_error_and_nothing_else():
    report = evaluate(cdnow_outcomes(lambda *_row: 0.0), HORIZON)
    assert report.mae == pytest.approx(0.798, abs=1e-3) == report.actual / report.customers
    assert report.total_error == -1.0
    assert report.gini == pytest.approx(0.0)
    assert report.top_decile == pytest.approx(0.1)
    assert len(report.bins) == 1


def test_errors_by_hand():
    rows = [
        Outcome(x=3, T=100, before=2, forecast=1.5, actual=2),
        Outcome(x=1, T=50, before=0, forecast=0.5, actual=0),
        Outcome(x=0, T=50, before=0, forecast=0.0, actual=1),
    ]
    report = evaluate(rows, 50)
    assert report.rmse == pytest.approx(sqrt((0.25 + 0.25 + 1) / 3))
    assert report.mae == pytest.approx(2 / 3)
    assert report.total_error == pytest.approx(-1 / 3)
    assert report.naive_repeat.rmse == pytest.approx(sqrt(1 / 3))
    # 4 repeat purchases in 200 days: 1 in 50 days for everybody
    assert report.naive_mean.rmse == pytest.approx(sqrt(2 / 3))
    assert report.naive_mean.total == pytest.approx(0.0)
    assert report.naive_rmse == report.naive_repeat.rmse
    assert not report.beats_naive


def test_the_best_ranking_is_one_and_the_worst_below_zero():
    actuals = [0] * 80 + [1] * 15 + [8] * 5
    best = evaluate([Outcome(1, 9, 0, a + 0.1, a) for a in actuals], 9)
    assert best.gini == pytest.approx(1.0)
    assert best.top_decile == pytest.approx((5 * 8 + 5) / 55)
    worst = evaluate([Outcome(1, 9, 0, 9.0 - a, a) for a in actuals], 9)
    assert worst.gini == pytest.approx(-1.0)
    assert worst.top_decile == 0.0


def test_equal_forecasts_do_not_depend_on_the_order_of_rows():
    rows = [Outcome(i % 3, 90, i % 2, float(i % 4), i % 5) for i in range(200)]
    forwards, backwards = evaluate(rows, 30), evaluate(reversed(rows), 30)
    assert forwards.bins == backwards.bins
    assert forwards.gini == backwards.gini
    assert forwards.top_decile == backwards.top_decile
    assert len(forwards.bins) == 4
    assert sum(part.customers for part in forwards.bins) == 200


def test_ten_parts_are_about_equal():
    report = evaluate([Outcome(1, 9, 0, i / 7, i % 3) for i in range(1003)], 9)
    assert [part.customers for part in report.bins] == pytest.approx([100] * 10, abs=1)
    edges = [(part.lowest, part.highest) for part in report.bins]
    assert edges == sorted(edges)


@pytest.mark.parametrize("rows, reason", [
    ([], "empty"),
    ([Outcome(1, 30, 1, nan, 1)], "empty"),
    ([Outcome(1, 30, 1, 0.5, 0)], "no_purchases"),
])  # fmt: skip
def test_nothing_to_judge_is_a_reason_and_no_error(rows, reason):
    report = evaluate(rows, 30)
    assert report.reason == reason
    assert report.total_error is None and report.gini is None and report.top_decile is None


def test_a_forecast_that_is_no_number_is_counted_apart():
    rows = [Outcome(1, 30, 1, 0.5, 1), Outcome(1, 30, 1, inf, 1)]
    report = evaluate(rows, 30)
    assert (report.customers, report.skipped) == (1, 1)


def fitted(customers, repeaters, **more):
    params = bgnbd.Params(1.0, 90.0, 1.0, 3.0)
    known = {"params": params, "converged": True, "repeaters": repeaters} | more
    return bgnbd.Fit(log_likelihood=-1.0, customers=customers, rows=9, dropped=0, **known)


def reported(forecast=1.0, before=0.0):
    """Ten customers, half of whom bought twice; a forecast that knows who, times `forecast`."""
    rows = [Outcome(1, 90, before, 2.0 * forecast * (i % 2), 2 * (i % 2)) for i in range(10)]
    return evaluate(rows, 90)


@pytest.mark.parametrize("fit, report, level, reasons", [
    (fitted(0, 0), None, "refused", ("empty",)),
    (fitted(99, 60), reported(), "refused", ("few_customers",)),
    (fitted(1000, 49), reported(), "refused", ("few_repeaters",)),
    (fitted(10, 2), reported(), "refused", ("few_customers", "few_repeaters")),
    (fitted(1000, 60, params=None), reported(), "refused", ("no_fit",)),
    (fitted(1000, 60, converged=False), reported(), "refused", ("no_fit",)),
    (fitted(1000, 300), None, "fall_back", ("no_backtest",)),
    (fitted(1000, 300), evaluate([], 90), "fall_back", ("empty",)),
    (fitted(1000, 300), reported(1.26), "fall_back", ("total_off",)),
    (fitted(1000, 300), reported(0.0, before=1.0), "fall_back", ("not_better", "total_off")),
    (fitted(1000, 99), reported(), "indicative", ("few_repeaters",)),
    (fitted(1000, 100), reported(), "good", ()),
    (fitted(1000, 100), reported(1.24), "good", ()),
])  # fmt: skip
def test_the_verdict(fit, report, level, reasons):
    found = verdict(fit, report)
    assert (found.level, found.reasons) == (level, reasons)
    assert found.usable == (level in ("good", "indicative"))


def test_as_good_as_the_naive_way_is_not_better():
    rows = [Outcome(1, 90, i % 2, float(i % 2), i % 2) for i in range(10)]
    assert verdict(fitted(1000, 300), evaluate(rows, 90)).reasons == ("not_better",)


@pytest.mark.parametrize("params, reason", [
    (bgnbd.Params(1.0, 90.0, 0.5, 9e4), "no_dropout"),
    (bgnbd.Params(1.0, 90.0, 500.0, 900.0), "same_dropout"),
    (bgnbd.Params(1.0, 90.0, 0.5, 9.0), ""),
])  # fmt: skip
def test_who_is_alive_is_hidden_where_nobody_can_tell(params, reason):
    found = verdict(fitted(1000, 300, params=params), reported())
    assert (found.level, found.alive_reason) == ("good", reason)
