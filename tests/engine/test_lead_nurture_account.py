"""LN-17: the score of a business from its people."""
import random

import pytest
from lead_nurture_engine.account import Member, roll_up


@pytest.mark.parametrize(
    "k, top", [(0, 80), (1, 80), (2, 120), (3, 160), (4, 170), (9, 170)]
)
def test_the_best_people_make_the_score(k, top):
    people = [Member(total, "warm") for total in (40, 10, 80, 40, 0)]
    assert roll_up(people, k).top == top


def test_one_role_however_it_is_spelt_and_only_of_the_engaged():
    told = roll_up(
        [Member(80, "hot", "CEO"), Member(30, "warm", " ceo "), Member(5, "cold", "Buyer"),
         Member(30, "warm", "")]
    )  # fmt: skip
    assert (told.people, told.engaged, told.roles) == (4, 3, 1)


def test_size_alone_makes_nobody_warm():
    assert roll_up([Member(1, "cold")] * 5_000).top == 3


def test_the_order_of_people_does_not_count():
    dice = random.Random(17)
    people = [
        Member(dice.randrange(100), dice.choice(["cold", "warm", "hot"]), dice.choice("abc"))
        for _ in range(30)
    ]
    shuffled = people[:]
    dice.shuffle(shuffled)
    assert roll_up(people) == roll_up(shuffled)
