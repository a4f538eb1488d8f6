"""Health of a deal: points that add up to the level (SA-17)."""
import pytest
from sales_automation_engine import health

RULES = [
    health.Rule("no_contact", 14, -15),
    health.Rule("no_contact", 30, -15),
    health.Rule("no_step", 0, -15),
    health.Rule("slipped", 2, -15),
    health.Rule("answered", 7, 10),
]


@pytest.mark.parametrize(
    ("kind", "threshold", "value", "expected"),
    [
        ("no_contact", 14, 14, False),
        ("no_contact", 14, 14.01, True),
        ("no_contact", 14, None, False),
        ("slipped", 2, 1, False),
        ("slipped", 2, 2, True),
        ("answered", 7, 7, True),
        ("answered", 7, 7.1, False),
        ("few_contacts", 1, 0, True),
        ("few_contacts", 1, 2, False),
        ("meeting_ahead", 0, None, False),
        ("meeting_ahead", 0, 1, True),
    ],
)
def test_each_comparison_at_its_limit(kind, threshold, value, expected):
    facts = {health.KINDS[kind].fact: value}
    assert health.holds(health.Rule(kind, threshold, -1), facts) is expected


def test_points_add_up_and_worst_comes_first():
    facts = {"unheard_days": 31.0, "missing_step": 1.0, "slip_count": 3.0, "reply_days": 5.0}
    score, reasons = health.judge(RULES, facts)
    assert score == -15 - 15 - 15 - 15 + 10 == sum(reason.points for reason in reasons)
    assert [reason.points for reason in reasons] == [-30, -15, -15, 10]


def test_without_facts_nothing_holds():
    assert health.judge(RULES, {}) == (0, [])


def test_every_kind_looks_at_a_fact_of_its_own():
    assert len({kind.fact for kind in health.KINDS.values()}) == len(health.KINDS)


@pytest.mark.parametrize(
    ("score", "expected"),
    [(25, "good"), (0, "good"), (-14, "good"), (-15, "watch"), (-39, "watch"), (-40, "risk")],
)
def test_level_begins_at_its_limit(score, expected):
    assert health.level(score, watch=-15, risk=-40) == expected
