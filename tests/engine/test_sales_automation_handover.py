"""Sharing a desk out among colleagues, and finding the stage of another team (SA-9)."""
import random

import pytest
from sales_automation_engine import handover
from sales_automation_engine.handover import Item, Receiver, Stage


def test_everything_is_given_and_customers_stay_together():
    draw = random.Random(9)
    items = [Item(n, team=draw.choice([1, 2]), customer=draw.choice([None, 1, 2, 3, 4]),
                  amount=draw.randint(0, 90)) for n in range(200)]
    members = {1: [Receiver(10), Receiver(11)], 2: [Receiver(11), Receiver(12, load=5)]}
    given = handover.distribute(items, members)
    assert sorted(given) == list(range(200))
    allowed = {1: {10, 11}, 2: {11, 12}}
    holders = {}
    for item in items:
        assert given[item.key] in allowed[item.team]
        if item.customer is not None:
            holders.setdefault((item.team, item.customer), set()).add(given[item.key])
    assert all(len(people) == 1 for people in holders.values())


def test_loads_even_out_in_proportion_to_capacity():
    """60 deals; 10 bears 10 and holds 10, 11 bears 30: levelled at 70 / 40 of each capacity."""
    items = [Item(n, team=1) for n in range(60)]
    given = handover.distribute(items, {1: [Receiver(10, 10, 10), Receiver(11, 0, 30)]})
    counts = {key: list(given.values()).count(key) for key in (10, 11)}
    assert counts in ({10: 7, 11: 53}, {10: 8, 11: 52})


def test_the_preview_and_the_run_agree():
    items = [Item(n, team=1, amount=n % 7) for n in range(30)]
    members = {1: [Receiver(12), Receiver(10), Receiver(11)]}
    again = {1: list(reversed(members[1]))}
    assert handover.distribute(items, members) == handover.distribute(reversed(items), again)


def test_a_capacity_of_nothing_counts_as_the_usual_one():
    given = handover.distribute([Item(1, team=1)], {1: [Receiver(10, 1, 0), Receiver(11, 0, 0)]})
    assert given == {1: 11}


def test_a_team_without_members_gives_nothing_away():
    assert handover.distribute([Item(1, team=None), Item(2, team=3)], {3: []}) == {1: None, 2: None}


@pytest.mark.parametrize(("names", "expected"), [
    ([("Fresh", 1), ("OFFER", 99)], 1),
    ([("Fresh", 1), ("Talk", 39), ("Close", 41)], 1),
    ([("Close", 41), ("Sign", 80)], 0),
    ([], None),
])
def test_the_nearest_stage(names, expected):
    stages = [Stage(key, name, sequence) for key, (name, sequence) in enumerate(names)]
    assert handover.map_stage(Stage(7, "Offer", 40), stages) == expected
