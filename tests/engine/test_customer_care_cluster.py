"""Clusters of complaints (CC-17): the law behind them, and the cases at the edge."""
from math import exp, factorial

import pytest
from customer_care_engine.cluster import LEAST_DAYS, Usual, expected, judge, rate, tail


@pytest.mark.parametrize("mean", [0.01, 0.4, 1.0, 3.7, 25.0])
@pytest.mark.parametrize("count", [1, 2, 3, 8, 30])
def test_the_tail_is_what_the_head_leaves(count, mean):
    head = sum(exp(-mean) * mean**i / factorial(i) for i in range(count))
    assert tail(count, mean) == pytest.approx(1 - head, abs=1e-12)


def test_the_far_tail_is_not_lost_in_rounding():
    # P(X = 40) of a mean of 1 is e^-1 / 40!; what follows adds a fortieth of it.
    assert tail(40, 1.0) == pytest.approx(exp(-1) / factorial(40) * (1 + 1 / 41), rel=1e-3)
    assert tail(5000, 10.0) == 0.0
    assert tail(10, 5000.0) == 1.0


def test_more_complaints_are_never_more_likely():
    chances = [tail(count, 4.2) for count in range(60)]
    assert chances == sorted(chances, reverse=True)


def test_twelve_in_a_week_where_one_a_month_is_usual():
    verdict = judge(12, 7, Usual(12, 358), least=5)
    assert verdict.is_cluster
    assert verdict.expected == pytest.approx(12 * 7 / 358)
    assert verdict.chance < 1e-12


def test_what_is_usual_is_no_cluster():
    # 5 in 7 days where 2 are usual: chance 1 - e^-2 (1 + 2 + 2 + 4/3 + 2/3) = 0.0527
    verdict = judge(5, 7, Usual(100, 350), least=5)
    assert verdict.expected == pytest.approx(2.0)
    assert verdict.chance == pytest.approx(0.0527, abs=5e-5)
    assert not verdict.is_cluster


def test_a_product_that_sells_more_may_have_more_complaints():
    usual = Usual(20, 350)
    assert judge(5, 7, usual, least=5).is_cluster
    assert not judge(5, 7, Usual(20, 350, growth=5.0), least=5).is_cluster
    # Selling less does not make complaints about goods sold before any rarer.
    assert expected(Usual(20, 350, growth=0.1), 7) == expected(usual, 7)


def test_the_first_month_is_judged_by_the_count_alone():
    assert expected(Usual(0, LEAST_DAYS - 1), 7) is None
    assert judge(5, 7, Usual(0, 0), least=5).is_cluster
    assert not judge(4, 7, Usual(0, 0), least=5).is_cluster


def test_a_rate_of_nothing_sold_is_no_number():
    assert rate(3, 0) is None
    assert rate(3, -2) is None  # more came back than was sold
    assert rate(0, 10) == 0.0
