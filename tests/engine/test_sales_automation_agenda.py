"""The order of a salesperson's day (SA-18)."""
from datetime import date, timedelta
from itertools import permutations

import pytest
from sales_automation_engine import agenda
from sales_automation_engine.agenda import Item

MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("item", "group"),
    [
        (Item(0, MONDAY - timedelta(days=1)), "now"),
        (Item(3, MONDAY + timedelta(days=30)), "now"),
        (Item(0, MONDAY), "today"),
        (Item(2), "today"),
        (Item(1), "week"),
        (Item(0, MONDAY + timedelta(days=7)), "week"),
        (Item(0, MONDAY + timedelta(days=8)), "later"),
        (Item(0), "later"),
    ],
)
def test_the_group_is_when_it_wants_an_answer(item, group):
    assert agenda.group_of(item, MONDAY) == group


@pytest.mark.parametrize(
    ("item", "usual", "expected"),
    [
        (Item(2, MONDAY - timedelta(days=3), 4000), 1000, 4 + 2 + 2),
        (Item(2, MONDAY - timedelta(days=7), 500), 1000, 4 + 3 - 1),
        (Item(0, MONDAY - timedelta(days=300), 1_000_000), 1000, 0 + 3 + 2),
        (Item(1, MONDAY, 0), 1000, 2),
        (Item(1, MONDAY + timedelta(days=5), 1000), 1000, 2),
        (Item(1, None, 1000), 0, 2),
    ],
)
def test_heat_by_hand(item, usual, expected):
    assert agenda.heat(item, MONDAY, usual) == pytest.approx(expected)


def test_neither_money_nor_delay_alone_lifts_over_two_levels():
    late = Item(0, MONDAY - timedelta(days=400), 1000)
    rich = Item(0, None, 1_000_000)
    burning = Item(2, None, 1)
    for item in (late, rich):
        assert agenda.heat(item, MONDAY, 1000) <= agenda.heat(burning, MONDAY, 1000)


def test_equal_heat_the_earlier_then_the_larger_then_as_it_came():
    tomorrow, later = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
    items = [Item(1, later, 0), Item(1, tomorrow, 0), Item(1, tomorrow, 0), Item(1, None, 0)]
    assert [index for _group, index in agenda.arrange(items, MONDAY)] == [1, 2, 0, 3]


def test_the_order_does_not_depend_on_how_items_came():
    items = [Item(3, None, 10), Item(2, MONDAY, 200), Item(1, None, 3000), Item(0, None, 40)]
    orders = {
        tuple(shuffled[index] for _group, index in agenda.arrange(list(shuffled), MONDAY))
        for shuffled in permutations(items)}
    assert len(orders) == 1


def test_every_item_has_one_place():
    items = [Item(n % 4, MONDAY + timedelta(days=n - 5), n * 10.0) for n in range(20)]
    arranged = agenda.arrange(items, MONDAY)
    assert sorted(index for _group, index in arranged) == list(range(20))
    places = [agenda.GROUPS.index(group) for group, _index in arranged]
    assert places == sorted(places)
