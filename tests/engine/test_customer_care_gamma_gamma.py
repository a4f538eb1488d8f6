"""What a purchase is worth (CC-9): the published figures of the gamma-gamma model, other people's
implementations, and money of every odd kind."""
import dataclasses
import math
import random

import numpy as np
import pytest
from customer_care_engine import gamma_gamma
from customer_care_engine.gamma_gamma import Params, expected_value, fit, shrunk
from lifetimes import GammaGammaFitter
from oracles import assert_slopes, cdnow_repeat_spend
from scipy import integrate, optimize, stats

SHOP = Params(6.0, 4.0, 15.0)


def spenders(params, count, seed):
    """Customers drawn by the model: (purchases, their mean value, 1)."""
    rnd = random.Random(seed)
    for _customer in range(count):
        x = 1 + int(rnd.expovariate(0.5))
        own = rnd.gammavariate(params.q, 1 / params.gamma)
        yield x, rnd.gammavariate(params.p * x, 1 / (own * x)), 1


def note_likelihood(logs, rows):
    """The density of the note: the mean of x amounts is gamma (p x, own x), own is gamma (q,
    gamma); integrated it is a beta prime, here as scipy has it."""
    p, q, gamma = np.exp(logs)
    x, m, weight = rows.T
    return float(np.sum(weight * stats.betaprime(p * x, q, scale=gamma / x).logpdf(m)))


def test_the_published_fit():
    found = fit(cdnow_repeat_spend())
    assert (found.customers, found.converged, found.reason, found.warning) == (946, True, "", "")
    assert found.params.p == pytest.approx(6.25, abs=5e-3)
    assert found.params.q == pytest.approx(3.74, abs=5e-3)
    assert found.params.gamma == pytest.approx(15.44, abs=5e-3)
    assert expected_value(found.params, 2, 22.35) == pytest.approx(24.65, abs=0.02)


def test_likelihood_slope_and_curvature():
    rnd = random.Random(1)
    rows = [(x, m, rnd.randint(1, 4)) for x, m, _one in spenders(SHOP, 60, 1)]
    table = gamma_gamma._collapse(rows)
    slope = gamma_gamma._slope_of(table)
    for _point in range(5):
        point = [rnd.uniform(-1, 2) for _ in range(3)]
        money = [*point[:2], point[2] + math.log(table.scale)]
        value = slope(point)[0] - table.customers * math.log(table.scale)
        assert value == pytest.approx(note_likelihood(money, np.array(rows)))
        assert_slopes(slope, point)


def test_no_other_search_finds_a_higher_point():
    rows = np.array(list(spenders(SHOP, 1500, seed=3)))
    ours = fit((int(x), m, int(one)) for x, m, one in rows.tolist())
    theirs = optimize.minimize(
        lambda logs: -note_likelihood(logs, rows), np.log([6.0, 4.0, 15.0]),
        method="Nelder-Mead", options={"maxiter": 3000, "xatol": 1e-6, "fatol": 1e-8},
    )  # fmt: skip
    assert ours.converged
    assert ours.log_likelihood >= -theirs.fun - 1e-6
    assert np.log(dataclasses.astuple(ours.params)[:3]) == pytest.approx(theirs.x, abs=5e-3)


def test_the_library_says_the_same():
    rows = cdnow_repeat_spend()
    x, m, _one = np.array(rows).T
    library = GammaGammaFitter().fit(x, m)
    ours = fit(rows).params
    theirs = library.params_
    assert dataclasses.astuple(ours)[:3] == pytest.approx(
        (theirs["p"], theirs["q"], theirs["v"]), rel=5e-3
    )
    library.params_ = {"p": ours.p, "q": ours.q, "v": ours.gamma}
    values = library.conditional_expected_average_profit(x, m)
    for (x, m, _one), value in zip(rows, values, strict=True):
        assert expected_value(ours, x, m) == pytest.approx(float(value))


@pytest.mark.parametrize("x, m", [(1, 5.0), (3, 60.0), (20, 200.0)])
def test_value_is_the_mean_over_all_own_means(x, m):
    """Own mean = p / own, and own is gamma (p x + q, gamma + x m) once m is known."""
    own = stats.gamma(SHOP.p * x + SHOP.q, scale=1 / (SHOP.gamma + x * m))
    mean, _error = integrate.quad(lambda u: SHOP.p / own.ppf(u), 0, 1, limit=200)
    assert expected_value(SHOP, x, m) == pytest.approx(mean, rel=1e-6)


def test_few_purchases_lean_on_everybody_and_many_speak_for_themselves():
    mean_of_all = expected_value(SHOP, 0, 0.0)
    assert mean_of_all == pytest.approx(6 * 15 / 3)
    values = [expected_value(SHOP, x, 100.0) for x in (1, 3, 10, 100, 10_000)]
    assert mean_of_all < values[0] and values == sorted(values)
    assert values[-1] == pytest.approx(100, rel=1e-3)


def test_the_unit_of_money_changes_nothing():
    rows = list(spenders(SHOP, 500, seed=2))
    euro, dong = fit(rows), fit([(x, m * 27_000, one) for x, m, one in rows])
    assert dong.params.p == pytest.approx(euro.params.p, rel=1e-4)
    assert dong.params.gamma == pytest.approx(euro.params.gamma * 27_000, rel=1e-4)
    assert dong.value(3, 27_000 * 40.0) == pytest.approx(27_000 * euro.value(3, 40.0), rel=1e-4)
    assert dong.log_likelihood == pytest.approx(euro.log_likelihood - 500 * math.log(27_000))


def test_many_rows_start_from_a_sample_and_end_on_all(monkeypatch):
    rows = list(spenders(SHOP, 4000, seed=5))
    at_once = fit(rows)
    monkeypatch.setattr(gamma_gamma, "SAMPLE", 400)
    sampled = fit(rows)
    assert sampled.converged
    assert sampled.log_likelihood == pytest.approx(at_once.log_likelihood, abs=1e-5)
    assert sampled.params.q == pytest.approx(at_once.params.q, rel=1e-3)


@pytest.mark.parametrize("rows, reason, dropped", [
    ([], "empty", 0),
    ([(2, 0.0, 3), (4, -10.0, 2)], "no_money", 5),
    ([(2, math.nan, 1), (2, math.inf, 1), (0, 9.0, 1), (3, 9.0, 0)], "no_money", 4),
    ([(1, 10.0, 50), (1, 12.0, 9)], "no_repeat", 0),
    ([(1, 10.0, 50), (3, 10.0, 9)], "same_value", 0),
    ([(3, 10.0, 1)], "same_value", 0),
    ([(n, 0.1 * n * 3 / n, 1) for n in range(1, 9)], "same_value", 0),
])  # fmt: skip
def test_nothing_to_fit_is_a_reason_and_no_error(rows, reason, dropped):
    found = fit(rows)
    assert (found.params, found.reason, found.dropped) == (None, reason, dropped)
    assert not found.converged and not found.warning


def test_where_all_pay_the_same_that_is_the_value():
    found = fit([(1, 49.0, 500), (12, 49.0, 100)])
    assert found.median == found.value(1, 49.0) == found.value(12, 49.0) == 49.0


def test_a_heavy_tail_falls_back_to_the_own_mean_and_the_median():
    rnd = random.Random(8)
    rows = [(rnd.randint(1, 4), rnd.paretovariate(0.5), 1) for _customer in range(3000)]
    found = fit(rows)
    assert (found.reason, found.params.q <= 1.05) == ("heavy_tail", True)
    assert found.value(2, 500.0) == shrunk(found.median, 2, 500.0)
    assert found.value(2, 500.0) == pytest.approx((2 * found.median + 1000) / 4)
    assert found.value(0, 0.0) == pytest.approx(found.median)


@pytest.mark.parametrize("params", [SHOP, Params(2.0, 1.01, 5.0, 30.0)])
def test_who_gave_back_more_than_he_bought_counts_as_zero(params):
    assert expected_value(params, 3, -80.0) == expected_value(params, 3, 0.0) > 0


@pytest.mark.parametrize("rows", [
    [(1, 10.0, 1), (2, 11.0, 1)],
    [(2, 1e-6, 1), (2, 1e9, 1)],
    [(x, 100.0 + (x % 3) * 1e-7, 1) for x in range(1, 40)],
    [(5, float(value), 1) for value in range(1, 200)],
    [(400, 20.0, 5), (1, 21.0, 5)],
], ids=str)  # fmt: skip
def test_no_money_is_too_odd(rows):
    found = fit(rows)
    assert math.isfinite(found.log_likelihood)
    for x, m, _weight in [*rows, (0, 0.0, 1)]:
        assert 0 < found.value(x, m) < 2e9


def test_frequent_buyers_who_spend_otherwise_are_a_warning():
    rnd = random.Random(3)
    more = fit([(x, x * rnd.uniform(5, 15), 1) for x in range(1, 12) for _customer in range(30)])
    less = fit([(x, rnd.uniform(5, 15) / x, 1) for x in range(1, 12) for _customer in range(30)])
    assert more.correlation > 0.3 > -0.3 > less.correlation
    assert more.warning == less.warning == "correlated"
    assert abs(fit(spenders(SHOP, 3000, seed=6)).correlation) < 0.1


def test_correlation_and_median_by_hand():
    rows = [(1, 10.0, 2), (2, 30.0, 1), (5, 20.0, 2)]
    each = np.array([(1, 10), (1, 10), (2, 30), (5, 20), (5, 20)])
    found = fit(rows)
    assert found.correlation == pytest.approx(np.corrcoef(each.T)[0, 1])
    assert found.median == 20.0
