"""Health of a customer: reasons that add up (CC-13)."""
import pytest
from customer_care_engine.health import OPERATORS, Rule, fits, judge, level

RULES = [
    Rule(1, "silence", "le", 1, 15),
    Rule(2, "silence", "gt", 1.5, -10),
    Rule(3, "silence", "gt", 2, -20),
    Rule(4, "trend", "ge", 10, 15),
    Rule(5, "overdue", "gt", 14, -10),
]


@pytest.mark.parametrize(("facts", "score", "fitted"), [
    ({}, 50, []),
    ({"silence": 0.8, "trend": 10}, 80, [1, 4]),
    ({"silence": 1.2, "trend": None}, 50, []),
    ({"silence": 1.7}, 40, [2]),
    ({"silence": 3, "overdue": 15}, 10, [2, 3, 5]),
])
def test_points_add_up(facts, score, fitted):
    result = judge(RULES, facts, 50)
    assert (result.score, list(result.points)) == (score, fitted)


def test_a_score_stays_between_0_and_100():
    assert judge([Rule(1, "a", "ge", 0, 80)], {"a": 1}, 50).score == 100
    assert judge([Rule(1, "a", "ge", 0, -80)], {"a": 1}, 50).score == 0


def test_every_operator_on_its_border():
    found = {op: [fits(Rule(1, "a", op, 5, 1), v) for v in (4, 5, 6)] for op in OPERATORS}
    assert found == {
        "ge": [False, True, True], "gt": [False, False, True],
        "le": [True, True, False], "lt": [True, False, False],
    }


def test_what_is_not_known_fits_nothing():
    assert not any(fits(Rule(1, "a", op, 0, 1), None) for op in OPERATORS)


def test_levels_meet_without_a_hole():
    assert [level(s, 70, 40) for s in (0, 39, 40, 69, 70, 100)] == [
        "risk", "risk", "watch", "watch", "good", "good"]
