"""Who renews (CC-10): the published figures of Fader and Hardie (2007)."""
from math import inf, log

import pytest
from customer_care_engine.sbg import (
    ALIKE,
    ALL_AT_ONCE,
    EMPTY,
    FEW,
    NONE_LOST,
    ONE_PERIOD,
    Params,
    expected_renewals,
    fit,
    retention,
    survival,
)
from scipy import optimize, special

#: Per mille still there after each year, and what happened in the five years after.
HIGH_END = (869, 743, 653, 593, 551, 517, 491), (468, 445, 427, 409, 394)
REGULAR = (631, 468, 382, 326, 289, 262, 241), (223, 207, 194, 183, 173)


def rows(alive):
    """Losses at each renewal of 1,000, and who is there after the last."""
    before = (1000, *alive[:-1])
    lost = [(t, True, old - new) for t, (old, new) in
            enumerate(zip(before, alive, strict=True), start=1)]
    return [*lost, (len(alive), False, alive[-1])]


@pytest.mark.parametrize(("data", "alpha", "beta", "likelihood"), [
    (HIGH_END, 0.668, 3.806, -1611.2), (REGULAR, 0.704, 1.182, -1680.3)])
def test_the_published_fit(data, alpha, beta, likelihood):
    found = fit(rows(data[0]))
    assert not found.reason
    assert found.params.alpha == pytest.approx(alpha, abs=5e-4)
    assert found.params.beta == pytest.approx(beta, abs=5e-4)
    assert found.log_likelihood == pytest.approx(likelihood, abs=0.05)


@pytest.mark.parametrize("data", [HIGH_END, REGULAR])
def test_it_projects_the_years_that_it_has_not_seen(data):
    """Five years further, never off by more than two points."""
    params = fit(rows(data[0])).params
    for year, alive in enumerate(data[1], start=8):
        assert survival(params, year) * 1000 == pytest.approx(alive, abs=20)


def test_the_likelihood_falls_on_every_side_of_the_top():
    top = fit(rows(REGULAR[0]))
    for alpha, beta in ((1.05, 1), (0.95, 1), (1, 1.05), (1, 0.95)):
        params = Params(top.params.alpha * alpha, top.params.beta * beta)
        assert likelihood(params, rows(REGULAR[0])) < top.log_likelihood
    assert likelihood(top.params, rows(REGULAR[0])) == pytest.approx(top.log_likelihood)


def likelihood(params, found):
    return sum(
        n * log(survival(params, t - 1) - survival(params, t) if lost else survival(params, t))
        for t, lost, n in found)


def test_retention_is_what_survival_says():
    params = Params(0.668, 3.806)
    for year in range(1, 30):
        assert survival(params, year) / survival(params, year - 1) == pytest.approx(
            retention(params, year))


@pytest.mark.parametrize("passed", [0, 1, 5])
def test_expected_renewals_follow_from_the_next_one(passed):
    """Who renews has the next one and all that come after it, a period later."""
    params, discount = Params(0.668, 3.806), 0.1
    after = expected_renewals(params, passed + 1, discount)
    assert expected_renewals(params, passed, discount) == pytest.approx(
        retention(params, passed + 1) * (1 + after / (1 + discount)))


def test_expected_renewals_without_a_discount():
    params = Params(2.5, 4.0)
    plain = sum(survival(params, year) for year in range(1, 20_000))
    assert expected_renewals(params, 0) == pytest.approx(plain, rel=1e-4)
    assert expected_renewals(Params(1.0, 4.0), 0) == inf


def test_a_customer_who_stayed_is_worth_more_than_a_new_one():
    params = Params(0.668, 3.806)
    worth = [expected_renewals(params, passed, 0.1) for passed in range(10)]
    assert worth == sorted(worth)


@pytest.mark.parametrize(("found", "reason"), [
    ([], EMPTY),
    ([(4, False, 10)], NONE_LOST),
    ([(1, True, 40)], ALL_AT_ONCE),
    ([(1, True, 40), (1, False, 60)], ONE_PERIOD),
    ([(1, True, 5), (2, True, 3), (2, False, 6)], FEW),
    ([(t, True, round(10000 * 0.8 ** (t - 1) * 0.2)) for t in range(1, 30)], ALIKE),
    ([(3, True, 100)], ALIKE),  # everybody leaves at the same, later renewal
])
def test_odd_cases_are_values_with_a_reason(found, reason):
    result = fit(found)
    assert result.reason == reason
    assert (result.params is None) == (reason != FEW)


def test_alike_customers_have_one_rate():
    found = fit([(t, True, round(10000 * 0.8 ** (t - 1) * 0.2)) for t in range(1, 30)])
    assert found.churn == pytest.approx(0.2, abs=2e-3)


def test_impossible_rows_are_dropped_and_counted():
    assert fit([(0, True, 3), (-1, False, 2), (1, True, 0)]).dropped == 5


@pytest.mark.parametrize("data", [
    rows(HIGH_END[0]), rows(REGULAR[0]),
    [(1, True, 30), (2, True, 9), (3, True, 8), (1, False, 40), (2, False, 25), (3, False, 60)],
])
def test_against_scipy(data):
    """The same likelihood by another road and another search."""

    def minus(logs):
        a, b = (float(value) for value in (2.718281828459045 ** logs))
        base = special.betaln(a, b)
        return -sum(
            n * ((special.betaln(a + 1, b + t - 1) if lost else special.betaln(a, b + t)) - base)
            for t, lost, n in data)

    best = optimize.minimize(minus, [0.3, 0.3], method="Nelder-Mead",
                             options={"xatol": 1e-9, "fatol": 1e-10, "maxiter": 5000})
    found = fit(data)
    assert found.log_likelihood == pytest.approx(-best.fun, abs=1e-6)
    assert [log(found.params.alpha), log(found.params.beta)] == pytest.approx(
        list(best.x), abs=1e-3)


@pytest.mark.parametrize("passed", [0, 3])
def test_expected_renewals_against_the_closed_form(passed):
    """DERL = (b+n-1)/(a+b+n-1) 2F1(1, b+n; a+b+n; 1/(1+d)), n periods paid (2010, equation 6)."""
    a, b, n, discount = 0.668, 3.806, passed + 1, 0.1
    closed = (b + n - 1) / (a + b + n - 1) * special.hyp2f1(1, b + n, a + b + n, 1 / (1 + discount))
    assert expected_renewals(Params(a, b), passed, discount) == pytest.approx(closed)
