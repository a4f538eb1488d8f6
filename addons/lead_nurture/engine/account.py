"""Score of a business from the scores of its people. Pure Python; nurture.account.score says the
same in SQL."""
from collections.abc import Iterable
from typing import NamedTuple

ENGAGED = ("warm", "hot")


class Member(NamedTuple):
    """One person of the business: points, band, role in the business (any spelling)."""

    total: int
    band: str
    role: str = ""


class RollUp(NamedTuple):
    """max: the best person; top: the sum of the best `k`, which is the score of the business;
    roles: different roles among the engaged, because one fan does not buy alone."""

    max: int
    top: int
    people: int
    engaged: int
    roles: int


def roll_up(members: Iterable[Member], k: int = 3) -> RollUp:
    """The sum of the best `k` people, so that a big business is not warm by its size alone.

    >>> roll_up([Member(50, "hot", "CEO"), Member(30, "warm", "ceo "), Member(10, "cold", "Buyer"),
    ...          Member(5, "cold")], k=3)
    RollUp(max=50, top=90, people=4, engaged=2, roles=1)
    >>> roll_up([])
    RollUp(max=0, top=0, people=0, engaged=0, roles=0)
    """
    people = sorted(members, key=lambda member: -member.total)
    engaged = [member for member in people if member.band in ENGAGED]
    roles = {member.role.strip().lower() for member in engaged} - {""}
    return RollUp(
        max=people[0].total if people else 0,
        top=sum(member.total for member in people[: max(k, 1)]),
        people=len(people),
        engaged=len(engaged),
        roles=len(roles),
    )
