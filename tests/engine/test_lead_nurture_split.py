"""LN-32: who goes which path of a split, and when one path has won."""
from collections import Counter
from random import Random

import pytest
from lead_nurture_engine import split
from lead_nurture_engine.split import Arm

SHARES = [("a", 20), ("b", 30), ("c", 50)]


def test_shares_are_kept_within_chance():
    """20,000 people: each part within four standard errors of its share."""
    draws = (split.draw(str(person), "step") for person in range(20_000))
    went = Counter(split.choose(number, SHARES) for number in draws)
    for label, share in SHARES:
        expected = share / 100
        error = (expected * (1 - expected) / 20_000) ** 0.5
        assert abs(went[label] / 20_000 - expected) < 4 * error


def test_the_same_person_goes_the_same_way_and_two_steps_are_independent():
    first = [split.draw(str(person), "one") < 0.5 for person in range(10_000)]
    second = [split.draw(str(person), "two") < 0.5 for person in range(10_000)]
    assert first == [split.draw(str(person), "one") < 0.5 for person in range(10_000)]
    both = sum(a and b for a, b in zip(first, second, strict=True))
    assert abs(both / 10_000 - 0.25) < 0.02


def test_a_wider_share_moves_nobody_out_of_the_first_path():
    before = {p for p in range(2_000) if split.choose(split.draw(str(p), "s"), SHARES) == "a"}
    wider = [("a", 40), ("b", 30), ("c", 30)]
    after = {p for p in range(2_000) if split.choose(split.draw(str(p), "s"), wider) == "a"}
    assert before < after


# Newcombe 1998, Statistics in Medicine 17, table I, method 3
@pytest.mark.parametrize(
    ("wins", "people", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
     (1, 29, 0.0061, 0.1718)],
)  # fmt: skip
def test_wilson_intervals_are_the_published_ones(wins, people, low, high):
    assert split.interval(Arm("a", people, wins)) == pytest.approx((low, high), abs=5e-5)


def test_z_is_the_root_of_the_published_chi_square():
    """Agresti, table 2.3: aspirin and heart attacks, chi-square 25.01."""
    z = split.z_score(Arm("placebo", 11034, 189), Arm("aspirin", 11037, 104))
    assert z**2 == pytest.approx(25.01, abs=0.005)
    assert split.p_value(z) < 1e-6


def test_few_people_and_few_wins_decide_nothing():
    assert split.verdict([Arm("a", 29, 20), Arm("b", 29, 1)], 0.95).why == "few_people"
    assert split.verdict([Arm("a", 100, 0), Arm("b", 100, 4)], 0.95).why == "few_wins"
    assert split.verdict([Arm("a", 100, 100), Arm("b", 100, 97)], 0.95).why == "few_wins"


def test_the_best_must_beat_every_other_path():
    arms = [Arm("a", 1000, 100), Arm("b", 1000, 160), Arm("c", 1000, 155)]
    assert split.verdict(arms, 0.95).why == "close"
    assert split.verdict([*arms[:2], Arm("c", 1000, 90)], 0.95).winner == "b"


def test_later_looks_ask_for_more():
    """z = 2.39, p = 0.017: enough at the first look (0.025), not at the second (0.0125)."""
    arms = [Arm("a", 1000, 100), Arm("b", 1000, 134)]
    assert 0.0125 < split.verdict(arms, 0.95).p_value < 0.025
    assert split.verdict(arms, 0.95, looks=0).winner == "b"
    assert split.verdict(arms, 0.95, looks=1).why == "close"


def test_equal_paths_win_seldom_however_often_one_looks():
    """500 tests of two equal paths, five looks each: false winners stay under 5 %."""
    random, wrong = Random(7), 0
    for _trial in range(500):
        a = b = people = 0
        for looks in range(5):
            fresh = 100 * 2**looks - people
            a += sum(random.random() < 0.2 for _one in range(fresh))
            b += sum(random.random() < 0.2 for _one in range(fresh))
            people += fresh
            if split.verdict([Arm("a", people, a), Arm("b", people, b)], 0.95, looks).winner:
                wrong += 1
                break
    assert wrong / 500 <= 0.05
