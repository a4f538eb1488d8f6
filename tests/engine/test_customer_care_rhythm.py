"""A customer's own rhythm (CC-12)."""
from datetime import date, timedelta

import pytest
from customer_care_engine.rhythm import Pace, expected_gap, own_gap

FIRST = date(2025, 1, 1)


def gap(purchases, mean, pace):
    last = FIRST + timedelta(days=mean * (purchases - 1))
    return expected_gap(FIRST, last, purchases, pace)


@pytest.mark.parametrize("purchases", [0, 1, 2])
def test_below_two_repeats_the_company_decides(purchases):
    assert gap(max(purchases, 1), 7, Pace(30.0, 2.0, 120.0)) == 120.0


def test_shrinkage_fades_with_history():
    pace = Pace(pool=100.0, weight=2.0, assumed=0.0)
    gaps = [gap(purchases, 10, pace) for purchases in (3, 5, 10, 100)]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[0] == (2 * 100 + 2 * 10) / 4
    assert gaps[-1] == pytest.approx(10, rel=0.2)


def test_between_own_and_pool():
    for own in (1, 50, 400):
        value = gap(6, own, Pace(60.0, 3.0, 0.0))
        assert min(own, 60) <= value <= max(own, 60)


def test_weight_zero_trusts_the_customer():
    assert gap(4, 17, Pace(100.0, 0.0, 0.0)) == own_gap(FIRST, FIRST + timedelta(days=51), 4) == 17
