"""Which products go together (CC-16)."""
import random
from datetime import date, timedelta
from math import inf

import pytest
from customer_care_engine.affinity import (
    Counts,
    Pair,
    Share,
    borderline,
    chance,
    chance_of_luck,
    confidence,
    count_pairs,
    judge,
    lift,
    lift_interval,
    support,
)

DAY = date(2026, 1, 1)
TODAY = date(2026, 6, 30)


def test_hand_numbers():
    """The five baskets of the textbooks: diapers → beer."""
    baskets = [
        {"bread", "milk"}, {"bread", "diapers", "beer", "eggs"}, {"milk", "diapers", "beer"},
        {"bread", "milk", "diapers", "beer"}, {"bread", "milk", "diapers"}]
    rows = [(n, DAY, item) for n, items in enumerate(baskets) for item in items]
    both = count_pairs(rows, TODAY, 30)["diapers", "beer"].baskets
    counts = Counts(total=5, a=4, b=3, both=both)
    assert (both, support(counts), confidence(counts)) == (3, 0.6, 0.75)
    assert lift(counts) == pytest.approx(1.25)
    assert confidence(counts.flipped()) == 1
    assert lift(counts.flipped()) == lift(counts)


@pytest.mark.parametrize("counts", [
    Counts(0, 0, 0, 0), Counts(1, 1, 1, 1), Counts(5, 5, 5, 5), Counts(100, 40, 100, 40),
    Counts(100, 100, 40, 40), Counts(100, 40, 40, 0), Counts(100, 0, 40, 0),
])
def test_nothing_is_found_where_there_is_nothing(counts):
    """Empty, one basket, an item in all baskets, never together: no finding, no exception."""
    judged = judge(counts)
    assert judged.luck == 1
    assert judged.lift in (None, 0, 1)
    assert judged.low <= 1


def test_an_interval_of_never_together_is_open():
    assert lift_interval(Counts(100, 20, 30, 0)) == (0, inf)


def test_the_interval_holds_the_truth_nineteen_times_in_twenty():
    """A in 30 %, B in 40 % of A and 20 % of the rest: lift 0.4 / 0.26."""
    luck, truth, held = random.Random(16), 0.4 / 0.26, 0
    for _ in range(400):
        a = b = both = 0
        for _customer in range(500):
            has_a = luck.random() < 0.3
            has_b = luck.random() < (0.4 if has_a else 0.2)
            a, b, both = a + has_a, b + has_b, both + (has_a and has_b)
        low, high = lift_interval(Counts(500, a, b, both))
        held += low <= truth <= high
    assert 0.92 <= held / 400 <= 0.98


def test_luck_is_fishers():
    stats = pytest.importorskip("scipy.stats")
    luck = random.Random(3)
    for _ in range(300):
        total = luck.randrange(1, 5000)
        a, b = luck.randrange(total + 1), luck.randrange(total + 1)
        both = luck.randint(max(0, a + b - total), min(a, b))
        table = [[both, a - both], [b - both, total - a - b + both]]
        oracle = stats.fisher_exact(table, alternative="greater").pvalue
        counts = Counts(total, a, b, both)
        assert chance_of_luck(counts) == pytest.approx(oracle, 1e-6, 1e-300)
        assert chance_of_luck(counts) == chance_of_luck(counts.flipped())


def test_luck_among_a_million_customers():
    """Twice as many as by chance, out of a million: certain, told at once, no overflow."""
    assert chance_of_luck(Counts(1_000_000, 50_000, 40_000, 4_000)) < 1e-100
    assert chance_of_luck(Counts(1_000_000, 50_000, 40_000, 2_000)) == pytest.approx(0.5, abs=0.02)


def test_a_thousand_pairs_of_nothing_give_no_finding():
    """At 5 % each, fifty would look good; together hardly one does."""
    luck = random.Random(7)
    lucks = []
    for _ in range(1000):
        both = sum(luck.random() < 0.3 for _customer in range(100))  # of 100 with A; B: 30 %
        lucks.append(chance_of_luck(Counts(400, 100, 120, both)))
    assert sum(p <= 0.05 for p in lucks) > 20
    limit = borderline(lucks, len(lucks))
    assert sum(p <= limit for p in lucks) <= 2


def test_the_borderline_counts_what_was_looked_at_and_not_shown():
    assert borderline([0.01, 0.03], tested=2) == 0.03
    assert borderline([0.01, 0.03], tested=200) == -1
    assert borderline([], tested=0) == -1


def test_a_chance_that_rests_on_too_little_is_none():
    assert chance(Share(4, 19), least=20) is None
    assert chance(Share(4, 20), least=20) == 0.2
    assert chance(Share(0, 0), least=0) is None


def test_the_same_item_twice_is_one():
    twice = [(1, DAY, "a"), (1, DAY, "a"), (1, DAY, "b")]
    assert count_pairs(twice, TODAY, 30)["a", "b"] == Pair(1, 1, 0, 0)


def test_an_item_is_no_pair_with_itself():
    assert count_pairs([(1, DAY, "a"), (1, DAY + timedelta(days=9), "a")], TODAY, 30) == {}


def test_who_waits_and_who_follows():
    """Of five with A: one had B before, one with it, one after 10 and one after 31 days, one not.
    The window of a sixth is not over."""
    rows = [(n, DAY, "a") for n in range(5)] + [(5, TODAY, "a")]
    rows += [(0, DAY - timedelta(days=1), "b"), (1, DAY, "b"), (2, DAY + timedelta(days=10), "b"),
             (3, DAY + timedelta(days=31), "b")]
    pair = count_pairs(rows, TODAY, 30)["a", "b"]
    assert pair == Pair(baskets=1, customers=4, waiting=3, later=1)
