"""Purchases still to come (CC-9): the published figures of Fader, Hardie and Lee (2005), other
people's implementations, and every odd company."""
import dataclasses
import math
import random

import numpy as np
import pytest
from customer_care_engine.bgnbd import (
    Params,
    expected_new,
    expected_purchases,
    fit,
    p_alive,
    p_no_purchase,
    purchases_alive,
)
from customer_care_engine.bgnbd_likelihood import collapse, slope_of
from lifetimes import BetaGeoFitter
from oracles import assert_slopes, cdnow_calibration, customers_like
from scipy import integrate, optimize, special, stats

WEEK = 7
CDNOW = Params(0.243, 4.414 * WEEK, 0.793, 2.426)
SHOPS = {
    "quick leavers": Params(0.6, 60.0, 0.8, 4.0),
    "regular buyers": Params(3.0, 90.0, 0.5, 8.0),
    "rare buyers": Params(0.25, 200.0, 1.5, 3.0),
}


def test_the_published_fit():
    rows = cdnow_calibration()
    found = fit(rows)
    params = found.params
    assert (found.customers, found.repeaters, found.dropped) == (2357, 946, 0)
    assert found.converged and not found.reason and not found.alive_reason
    assert params.r == pytest.approx(0.243, abs=5e-4)
    assert params.alpha / WEEK == pytest.approx(4.414, abs=5e-4)
    assert params.a == pytest.approx(0.793, abs=5e-4)
    assert params.b == pytest.approx(2.426, abs=5e-4)
    # A density by the day is 7 times smaller than one by the week, once per repeat purchase.
    in_weeks = found.log_likelihood + sum(x for x, *_ in rows) * math.log(WEEK)
    assert in_weeks == pytest.approx(-9582.4, abs=0.05)


def test_the_published_expectation():
    params = fit(cdnow_calibration()).params
    assert expected_purchases(params, 39 * WEEK, 2, 213, 272) == pytest.approx(1.226, abs=5e-4)


# ---- the likelihood and its top -----------------------------------------------------------------


def paper_likelihood(logs, rows):
    """Equation 6 of the paper over an array of rows, written with beta functions."""
    r, alpha, a, b = np.exp(logs)
    x, t_x, T, weight = rows.T
    bought = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha)
    stayed = special.betaln(a, b + x) - (r + x) * np.log(alpha + T)
    left = special.betaln(a + 1, b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x)
    either = np.logaddexp(stayed, np.where(x > 0, left, -np.inf)) - special.betaln(a, b)
    return float(np.sum(weight * (bought + either)))


@pytest.mark.parametrize("seed", range(4))
def test_likelihood_slope_and_curvature(seed):
    rnd = random.Random(seed)
    rows = list(customers_like(SHOPS["quick leavers"], 60, seed))
    table = collapse([(x, t_x, T, rnd.randint(1, 5)) for x, t_x, T, _one in rows])
    weighted = [
        (group.x, t_x, T, weight)
        for group in table.groups
        for t_x, T, weight in (
            zip(group.t_x, group.T, group.weight, strict=True)
            if group.x
            else ((0, T, weight) for T, weight in group.ages.items())
        )
    ]
    assert sum(weight for *_row, weight in weighted) == table.customers
    slope = slope_of(table)
    for _point in range(5):
        point = [rnd.uniform(-3, 3) for _ in range(4)]
        in_days = [point[0], point[1] + math.log(table.mean_age), *point[2:]]
        assert slope(point)[0] == pytest.approx(paper_likelihood(in_days, np.array(weighted)))
        assert_slopes(slope, point)


@pytest.mark.parametrize("shop", SHOPS)
def test_no_other_search_finds_a_higher_point(shop):
    rows = np.array(list(customers_like(SHOPS[shop], 1500, seed=7)))
    ours = fit(map(tuple, rows.tolist()))
    theirs = optimize.minimize(
        lambda logs: -paper_likelihood(logs, rows), np.log(dataclasses.astuple(SHOPS[shop])),
        method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-6, "fatol": 1e-7},
    )  # fmt: skip
    assert ours.converged
    assert ours.log_likelihood >= -theirs.fun - 1e-6
    assert np.log(dataclasses.astuple(ours.params)) == pytest.approx(theirs.x, abs=5e-3)


def test_the_library_finds_the_same_customers():
    rows = list(customers_like(SHOPS["quick leavers"], 2000, seed=11))
    x, t_x, T, weight = np.array(rows).T
    theirs = BetaGeoFitter().fit(x, t_x, T, weights=weight)
    ours = fit(rows)
    assert -ours.log_likelihood / 2000 == pytest.approx(
        BetaGeoFitter._negative_log_likelihood(
            np.log(dataclasses.astuple(ours.params)), x, t_x, T, weight, 0
        )
    )
    for name, value in theirs.params_.items():
        assert getattr(ours.params, name) == pytest.approx(value, rel=0.02)


def test_the_truth_is_found_again():
    for params in SHOPS.values():
        found = fit(customers_like(params, 20_000, seed=5)).params
        assert expected_new(found, 365) == pytest.approx(expected_new(params, 365), rel=0.04)
        assert found.dropout == pytest.approx(params.dropout, rel=0.15)


def test_many_rows_start_from_a_sample_and_end_on_all(monkeypatch):
    rows = list(customers_like(SHOPS["quick leavers"], 6000, seed=3))
    at_once = fit(rows)
    monkeypatch.setattr("customer_care_engine.bgnbd.SAMPLE", 500)
    sampled = fit(rows)
    assert sampled.converged and sampled.passes <= 5
    assert sampled.log_likelihood == pytest.approx(at_once.log_likelihood, abs=1e-5)
    assert sampled.params.alpha == pytest.approx(at_once.params.alpha, rel=1e-4)


def test_weights_and_order_change_nothing():
    rows = list(customers_like(SHOPS["rare buyers"], 800, seed=2))
    once = fit(rows)
    assert fit(reversed(rows)) == once
    doubled = fit([(x, t_x, T, 2) for x, t_x, T, _one in rows])
    assert (doubled.customers, doubled.rows) == (1600, once.rows)
    assert doubled.log_likelihood == pytest.approx(2 * once.log_likelihood)
    assert doubled.params.r == pytest.approx(once.params.r, rel=1e-3)


# ---- forecasts ----------------------------------------------------------------------------------


def draw_params(rnd):
    r = 10 ** rnd.uniform(-1.5, 4)
    return Params(r, max(r, 1) * 10 ** rnd.uniform(0, 3), *(10 ** rnd.uniform(-3, 4) for _ in "ab"))


def draw_customer(rnd):
    T, x = rnd.randint(1, 2000), rnd.choice([0, 1, 2, 5, 20, 100])
    return x, rnd.randint(1, T) if x else 0, T


@pytest.mark.parametrize("seed", range(60))
def test_expectation_is_the_mean_over_all_probabilities_to_leave(seed):
    rnd = random.Random(seed)
    params, (x, _t_x, T), t = draw_params(rnd), draw_customer(rnd), rnd.choice([1, 90, 365, 1825])
    share, leaves = t / (params.alpha + T), stats.beta(params.a, params.b + x)

    def given(q):
        sure = (params.r + x) * share
        return -math.expm1(-(params.r + x) * math.log1p(q * share)) / q if q > 1e-300 else sure

    mean, _error = integrate.quad(
        lambda u: given(leaves.ppf(u)), 0, 1, limit=400, epsabs=1e-12, epsrel=1e-9
    )
    assert purchases_alive(params, t, x, T) == pytest.approx(mean, rel=2e-5)


@pytest.mark.parametrize("seed", range(60))
def test_expectation_is_the_formula_of_the_paper(seed):
    rnd = random.Random(1000 + seed)
    r, alpha = 10 ** rnd.uniform(-1, 1), 10 ** rnd.uniform(0, 2.5)
    a, b = rnd.uniform(0.05, 5), rnd.uniform(0.05, 9)
    (x, t_x, T), t = draw_customer(rnd), rnd.choice([1, 30, 365, 1825])
    left = special.hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + T + t))
    alive = 1 - ((alpha + T) / (alpha + T + t)) ** (r + x) * left
    mean = (a + b + x - 1) / (a - 1) * alive
    params = Params(r, alpha, a, b)
    expected = mean * p_alive(params, x, t_x, T)
    assert expected_purchases(params, t, x, t_x, T) == pytest.approx(expected, rel=1e-5)


def test_the_library_forecasts_the_same():
    library = BetaGeoFitter()
    library.params_ = {"r": 0.243, "alpha": CDNOW.alpha, "a": 0.793, "b": 2.426}
    for seed in range(40):
        x, t_x, T = draw_customer(random.Random(seed))
        alive = float(np.squeeze(library.conditional_probability_alive(x, t_x, T)))
        assert p_alive(CDNOW, x, t_x, T) == pytest.approx(alive, abs=1e-12)
        to_come = library.conditional_expected_number_of_purchases_up_to_time(273, x, t_x, T)
        ours = expected_purchases(CDNOW, 273, x, t_x, T)
        assert ours == pytest.approx(float(np.squeeze(to_come)), rel=1e-6)
    for t in (1, 30, 365):
        new = library.expected_number_of_purchases_up_to_time(t)
        assert expected_new(CDNOW, t) == pytest.approx(float(new), rel=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_silence_is_the_mean_over_all_rates(seed):
    rnd = random.Random(seed)
    params = Params(*(rnd.uniform(*span) for span in ((0.2, 5), (5, 300), (0.1, 3), (1, 9))))
    (x, t_x, T), t = draw_customer(rnd), rnd.choice([7, 90, 365])
    rates = stats.gamma(params.r + x, scale=1 / (params.alpha + T))
    quiet, _error = integrate.quad(lambda u: math.exp(-t * rates.ppf(u)), 0, 1, limit=200)
    alive = p_alive(params, x, t_x, T)
    assert p_no_purchase(params, t, x, t_x, T) == pytest.approx(1 - alive + alive * quiet, rel=1e-6)


@pytest.mark.parametrize("seed", range(80))
def test_forecasts_stay_in_their_bounds(seed):
    rnd = random.Random(seed)
    params, (x, t_x, T) = draw_params(rnd), draw_customer(rnd)
    assert 0 <= p_alive(params, x, t_x, T) <= 1
    silences = [p_no_purchase(params, t, x, t_x, T) for t in (0, 1, 30, 365, 3650)]
    assert silences[0] == 1 and silences == sorted(silences, reverse=True) and silences[-1] >= 0
    to_come = [expected_purchases(params, t, x, t_x, T) for t in (0, 1, 30, 365, 3650)]
    assert to_come[0] == 0 and to_come == sorted(to_come)
    for t, purchases in zip((1, 30, 365, 3650), to_come[1:], strict=True):
        assert purchases <= (params.r + x) * t / (params.alpha + T) * (1 + 1e-9)


def test_limits_of_the_formula():
    for x, T in ((0, 30), (1, 30), (4, 300)):
        nobody_leaves = Params(2.0, 100.0, 1e-7, 1e5)
        assert purchases_alive(nobody_leaves, 50, x, T) == pytest.approx(
            (2 + x) * 50 / (100 + T), rel=1e-5
        )
        all_alike = Params(2.0, 100.0, 4e4, 16e4)  # one of five leaves after each purchase
        assert purchases_alive(all_alike, 50, x, T) == pytest.approx(
            (1 - (1 + 0.2 * 50 / (100 + T)) ** -(2 + x)) / 0.2, rel=1e-3
        )
        near, at, far = (purchases_alive(Params(0.6, 60.0, a, 4.0), 365, x, T)
                         for a in (1 - 1e-4, 1.0, 1 + 1e-4))  # fmt: skip
        assert near > at > far
        assert at == pytest.approx((near + far) / 2, rel=1e-6)
    below, at, above = (purchases_alive(Params(0.6, 60.0, 0.4, b), 365, 0, 30)
                        for b in (0.5999, 0.6, 0.6001))  # fmt: skip
    assert at == pytest.approx((below + above) / 2, rel=1e-5)
    assert below < at < above
    # the form of the series changes at r = a + b + x - 1, the limit for all alike at a = 300
    for left, right in (
        (Params(2.3999, 60.0, 1.4, 2.0), Params(2.4001, 60.0, 1.4, 2.0)),
        (Params(0.6, 60.0, 299.99, 700.0), Params(0.6, 60.0, 300.01, 700.0)),
    ):
        assert purchases_alive(left, 365, 0, 30) == pytest.approx(
            purchases_alive(right, 365, 0, 30), rel=2e-4
        )


def test_who_never_came_back_is_alive_by_construction():
    assert p_alive(CDNOW, 0, 0, 5000) == 1.0
    assert p_alive(CDNOW, 1, 5, 5000) < 0.5
    assert p_alive(CDNOW, 400, 5, 5000) == pytest.approx(0.0)
    assert p_alive(Params(50.0, 0.01, 5.0, 1.0), 300, 1, 9000) == 0.0


@pytest.mark.parametrize(("x", "t_x", "T"), [
    (0, 0, 0), (0, 0, -1), (1, 0, 0), (1, 5, -3), (3, -5, 10), (2, 10, 5), (2000, 3000, 3650),
    (1, 1, 1_000_000)])
def test_odd_customers_and_parameters_get_values(x, t_x, T):
    for r in (1e-6, 0.2, 1e5):
        for alpha in (1e-12, 30.0):
            for a, b in ((1e-12, 1e-6), (0.0, 2.0), (0.5, 0.5), (500, 1e6)):
                params = Params(r, alpha, a, b)
                assert 0 <= p_alive(params, x, t_x, T) <= 1
                assert -1e-9 <= p_no_purchase(params, 90, x, t_x, T) <= 1 + 1e-9
                assert alpha < 1 or math.isfinite(expected_purchases(params, 30, x, t_x, T))


# ---- odd companies ------------------------------------------------------------------------------


@pytest.mark.parametrize("rows, reason, customers, dropped", [
    ([], "empty", 0, 0),
    ([(1, 50, 40, 1)], "empty", 0, 1),
    ([(0, 0, 40, 7), (0, 0, 90, 2)], "no_repeat", 9, 0),
    ([(0, 0, 1, 1)], "no_repeat", 1, 0),
])  # fmt: skip
def test_nothing_to_fit_is_a_reason_and_no_error(rows, reason, customers, dropped):
    found = fit(rows)
    assert (found.params, found.reason, found.converged) == (None, reason, False)
    assert (found.customers, found.dropped) == (customers, dropped)
    assert found.alive_reason == reason


@pytest.mark.parametrize("row", [
    (1, 41, 40, 1), (-1, 0, 40, 1), (2, 0, 40, 1), (0, 3, 40, 1), (1, -3, 40, 1), (0, 0, 0, 1),
    (0, 0, -5, 1), (1, 5, 40, 0), (1, 5, 40, -2), (1, 5, 1 << 20, 1),
])  # fmt: skip
def test_impossible_rows_are_dropped_and_counted(row):
    rows = list(customers_like(SHOPS["quick leavers"], 300, seed=1))
    found, without = fit([*rows, row]), fit(rows)
    assert (found.customers, found.dropped, found.params) == (300, 1, without.params)


@pytest.mark.parametrize("rows", [
    [(1, 20, 40, 1)],
    [(3, 200, 210, 1)],
    [(1, 1, 1, 1)],
    [(5, 300, 365, 1000)],
    [(1, 365, 365, 1000)],
    [(0, 0, 365, 999_999), (1, 30, 365, 1)],
    [(0, 0, 365, 1), (500, 1499, 1500, 1)],
    [(12, 360, 365, 500), (12, 358, 366, 400)],
    [(10, 100, 365, 100), (0, 0, 365, 900)],
    [(1, T, T, 1) for T in range(1, 60)],
    [(x, 30 * x, 30 * x + 15, 10) for x in range(1, 40)],
    [(9000, 9000, 9001, 5), (1, 1, 9001, 5)],
], ids=str)  # fmt: skip
def test_no_company_is_too_odd(rows):
    """One customer, all alike, a heavy tail, nobody silent, everybody gone …"""
    found = fit(rows)
    assert found.reason in ("", "not_converged")
    assert math.isfinite(found.log_likelihood)
    for x, t_x, T, _weight in [*rows, (0, 0, 1, 1), (2, 10, 90, 1)]:
        assert 0 <= p_alive(found.params, x, t_x, T) <= 1
        assert math.isfinite(expected_purchases(found.params, 365, x, t_x, T))
        assert 0 <= p_no_purchase(found.params, 365, x, t_x, T) <= 1


def test_a_company_that_nobody_leaves_hides_who_is_alive():
    rnd = random.Random(4)
    rows = []
    for _customer in range(2000):
        rate = rnd.gammavariate(4.0, 1 / 200)
        x, day = 0, rnd.expovariate(rate)
        last = 0.0
        while day < 720:
            x, last = x + 1, day
            day += rnd.expovariate(rate)
        rows.append((x, math.ceil(last), 720, 1))
    assert fit(rows).alive_reason == "no_dropout"


def test_a_company_that_all_leave_alike_hides_who_is_alive():
    alike = fit(customers_like(Params(1.0, 60.0, 3e4, 7e4), 3000, seed=6))
    assert alike.params.dropout == pytest.approx(0.3, abs=0.03)
    assert alike.alive_reason == "same_dropout"
