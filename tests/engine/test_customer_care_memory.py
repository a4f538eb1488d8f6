"""A million customers are learnt from in little memory (CC-9, P-11)."""
import tracemalloc

import pytest
from customer_care_engine import backtest, bgnbd_likelihood, gamma_gamma
from customer_care_engine.backtest import Outcome

#: Bytes that one more different customer may take: two numbers, held twice for a moment.
EACH = 40


def purchases(count):
    """Different (x, t_x, T) in their order, as the database sorts them."""
    return ((1 + n // 10_000, 1 + n % 10_000, 20_000, 1) for n in range(count))


def values(count):
    """Different (purchases, mean value) in their order."""
    return ((1 + n // 10_000, 1 + n % 10_000 / 100, 1) for n in range(count))


def outcomes(count):
    """Customers whose forecasts differ by less than anybody can foresee."""
    return (Outcome(1, 90, 0, n % 997 / 997 + n * 1e-11, n % 2) for n in range(count))


def peak(work, rows):
    tracemalloc.start()
    try:
        work(rows)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("work, rows, each", [
    (bgnbd_likelihood.collapse, purchases, EACH),
    (gamma_gamma._collapse, values, EACH),
    (lambda rows: backtest.evaluate(rows, 90), outcomes, 5),
])  # fmt: skip
def test_more_customers_take_hardly_more_memory(work, rows, each):  # P-11
    few, many = 20_000, 60_000
    assert peak(work, rows(many)) - peak(work, rows(few)) <= each * (many - few)
