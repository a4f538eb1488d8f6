"""LN-12, LN-13, LN-15: points, caps, bands and grades."""
import itertools

import pytest
from lead_nurture_engine import score


def test_half_life_halves():
    assert [score.weight(d, 14) for d in (0, 14, 28, 42)] == [1, 0.5, 0.25, 0.125]


@pytest.mark.parametrize(
    "kwargs, expected",
    [
        ({"count": 0, "weight_sum": 0.0}, 0),
        ({"count": 4, "weight_sum": 4.0}, 20),
        ({"count": 4, "weight_sum": 4.0, "max_count": 3}, 15),
        ({"count": 4, "weight_sum": 4.0, "min_count": 5}, 0),
        ({"count": 4, "weight_sum": 0.1}, 1),  # 0.5 rounds up
    ],
)
def test_rule_points(kwargs, expected):
    assert score.rule_points(5, **kwargs) == expected


def test_negative_points_are_capped_in_count_too():
    assert score.rule_points(-20, 3, 3.0, max_count=1) == -20


def test_a_total_that_wanders_inside_the_hysteresis_never_flickers():
    band, changes = "cold", 0
    for total in itertools.chain([70], [66, 70] * 10):
        new = score.band(total, 40, 70, 5, band)
        changes += new != band
        band = new
    assert (band, changes) == ("hot", 1)


def test_from_hot_straight_to_cold():
    assert score.band(0, 40, 70, 5, "hot") == "cold"


def test_grades_and_their_limits():
    assert "".join(score.grade(x, 30, 20, 10) for x in (30, 29, 20, 10, 9, -5)) == "ABBCDD"


def test_rows_and_corrections_always_add_up():
    for fit, one, two, cap, total_cap in itertools.product(
        (-30, 0, 40), (-50, 10), (0, 90), (0, 25), (0, 60)
    ):
        groups = [
            score.Group(1, "fit", cap, (fit,)),
            score.Group(2, "engagement", cap, (one, two)),
        ]
        result = score.add_up(groups, total_cap)
        rows = fit + one + two
        corrections = sum(result.group_cut.values()) + result.floor_raise + result.total_cut
        assert rows + corrections == result.total
        assert 0 <= result.total <= (total_cap or 1000)
