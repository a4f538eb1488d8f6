"""Which steps a move leaves behind, which playbook is closest, which bounds exclude each other."""

import pytest
from sales_automation_engine import playbook as rules

PIPELINE = [(1, 10), (1, 11), (2, 5), (9, 7)]


@pytest.mark.parametrize(("source", "target", "left"), [
    ((1, 10), (1, 11), [(1, 10)]),                    # equal sequence: the id decides
    ((1, 11), (1, 10), []),
    ((1, 10), (9, 7), [(1, 10), (1, 11), (2, 5)]),    # skipped steps are asked, too
    ((2, 5), (2, 5), []),
    (None, (2, 5), [(1, 10), (1, 11)]),               # comes from nowhere
    ((3, 0), (9, 9), [(9, 7)]),                       # its own stage has no step
])
def test_steps_left(source, target, left):  # SA-7
    assert rules.steps_left(PIPELINE, source, target) == left


def test_team_outweighs_filter_and_company_together():  # SA-7
    team = rules.specificity(has_team=True, has_filter=False, has_company=False)
    rest = rules.specificity(has_team=False, has_filter=True, has_company=True)
    assert team > rest


@pytest.mark.parametrize(("conditions", "name"), [
    ([("a", ">", 5), ("a", "<", 5)], "a"),
    ([("a", ">=", 5), ("a", "<", 5), ("a", "<=", 5)], "a"),
    ([("a", ">=", 5), ("a", "<=", 5), ("a", "<=", 9)], None),
    ([("a", ">", 1), ("a", ">", 8), ("a", "<", 9)], None),
    ([("a", "=", 5), ("b", "<", 1)], None),
])
def test_contradiction(conditions, name):  # SA-7
    assert rules.contradiction(conditions) == name
