"""Answers of customers: three figures, their intervals and what they rest on (CC-8)."""
import pytest
from customer_care_engine.feedback import band, last_answers, normalise, nps, score, share, wilson


def test_nps_by_hand():
    """60 promoters, 25 passives, 15 detractors: 45.0; ±1.96 √((0.6 + 0.15 - 0.2025) / 100)."""
    result = nps(60, 25, 15)
    assert result.figure == pytest.approx(45.0)
    assert result.margin == pytest.approx(14.503, abs=0.001)
    assert (result.low, result.high) == pytest.approx((30.497, 59.503), abs=0.001)


@pytest.mark.parametrize(("counts", "figure", "margin", "flat"), [
    ((0, 0, 0), None, None, False),
    ((0, 0, 12), -100, 0, True),      # all said 0
    ((12, 0, 0), 100, 0, True),       # all said 10
    ((0, 12, 0), 0, 0, True),
    ((1, 0, 0), 100, 0, True),
    ((1, 0, 1), 0, 138.59, False),
])
def test_nps_where_it_degenerates(counts, figure, margin, flat):
    result = nps(*counts)
    assert (result.figure, result.flat, result.n) == (figure, flat, sum(counts))
    assert result.margin == (margin and pytest.approx(margin, abs=0.01))


def test_zero_is_an_answer():
    answers = [0, 9, 10]
    counts = {"promoter": 0, "passive": 0, "detractor": 0}
    for answer in answers:
        counts[band("nps", answer)] += 1
    assert score("nps", counts).n == 3
    assert score("nps", counts).figure == pytest.approx(100 / 3)


@pytest.mark.parametrize(("good", "n", "low", "high"), [
    (8, 10, 49.0, 94.3), (0, 10, 0.0, 27.8), (10, 10, 72.2, 100.0), (81, 263, 25.5, 36.6)])
def test_wilson_published(good, n, low, high):
    """81 of 263: 0.2553 to 0.3662 (Newcombe 1998, table I, without continuity correction)."""
    assert wilson(good, n) == pytest.approx((low, high), abs=0.06)


def test_share_of_the_good_band():
    result = share("ces", 3, 1, 1, mean=5.2)
    assert (result.figure, result.mean, result.n) == (60.0, 5.2, 5)
    assert share("csat", 0, 0, 0).margin is None


@pytest.mark.parametrize(("metric", "value", "scale", "expected"), [
    ("nps", 5, (0, 5), "promoter"), ("nps", 4, (0, 5), "passive"), ("nps", 3, (0, 5), "detractor"),
    ("nps", 1, (1, 10), "detractor"), ("nps", 9, (1, 10), "promoter"),
    ("ces", 4, (1, 5), "good"), ("ces", 3, (1, 5), "neutral"), ("ces", 2, (1, 5), "bad"),
    ("csat", 4, (1, 5), "good"), ("csat", 10, (0, 10), "good"), ("csat", 0, (0, 10), "bad"),
])
def test_answers_of_another_scale(metric, value, scale, expected):
    assert band(metric, value, *scale) == expected


def test_what_lies_outside_a_scale_is_its_end():
    assert (normalise(-3, 0, 10, "nps"), normalise(99, 0, 10, "nps")) == (0, 10)


def test_the_last_answer_of_each():
    answers = [("a", 5.0, 10), ("a", 3.0, 0), ("b", 1.0, 7), ("b", 1.0, 0)]
    assert last_answers(answers) == [10, 0]
    assert last_answers([]) == []
