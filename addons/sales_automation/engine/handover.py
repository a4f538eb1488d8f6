"""Who takes over what: sharing a person's work out among colleagues. Pure Python."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# A colleague for whom no capacity is set is taken to bear as much as core's default.
DEFAULT_CAPACITY = 30


@dataclass(frozen=True)
class Item:
    """Something to give away: its team, its customer (who stays with one person), its worth."""

    key: int
    team: int | None = None
    customer: int | None = None
    amount: float = 0.0


@dataclass(frozen=True)
class Receiver:
    """A colleague: open deals that he holds, and how many leads a month he is meant to take."""

    key: int
    load: int = 0
    capacity: int = DEFAULT_CAPACITY


@dataclass(frozen=True)
class Stage:
    """A column of the pipeline, as it is shown to one team."""

    key: int
    name: str
    sequence: int


def distribute(
    items: Iterable[Item], members: Mapping[int | None, list[Receiver]]
) -> dict[int, int | None]:
    """Return {item: receiver}, each team's items going to the member with the most room.

    Room is measured as (open deals + received) / capacity, the smaller the better; the lower id
    wins a tie, so that a preview and its run agree. The items of one customer in one team stay
    together; the largest customers are given out first, so that no one gets only small ones by
    chance. A team without members gets None.

    >>> team = {1: [Receiver(10, load=4, capacity=30), Receiver(11, load=0, capacity=15)]}
    >>> distribute([Item(1, 1, amount=5), Item(2, 1, amount=9), Item(3, 1, amount=1)], team)
    {2: 11, 1: 11, 3: 10}
    >>> distribute([Item(1, 1, customer=7), Item(2, 1, customer=7), Item(3, 1, customer=8)], team)
    {1: 11, 2: 11, 3: 10}
    >>> distribute([Item(1, 2)], team)
    {1: None}
    """
    groups: dict[tuple[int | None, int, bool], list[Item]] = defaultdict(list)
    for item in items:
        known = item.customer is not None
        groups[item.team, item.customer if item.customer is not None else item.key,
               known].append(item)
    loads = {each.key: each.load for team in members.values() for each in team}
    result: dict[int, int | None] = {}
    for (team, _customer, _known), group in sorted(
            groups.items(), key=lambda pair: (-sum(i.amount for i in pair[1]), pair[1][0].key)):
        receiver = min(
            members.get(team, ()), default=None,
            key=lambda each: (loads[each.key] / (each.capacity or DEFAULT_CAPACITY), each.key))
        for item in group:
            result[item.key] = receiver.key if receiver else None
        if receiver:
            loads[receiver.key] += len(group)
    return result


def map_stage(stage: Stage, candidates: Iterable[Stage]) -> int | None:
    """Return the stage of another team that comes nearest: the same name, else the last one that
    is not further along, else the first.

    >>> offer = Stage(1, "Offer", 40)
    >>> map_stage(offer, [Stage(5, "Fresh", 1), Stage(6, "offer ", 70)])
    6
    >>> map_stage(offer, [Stage(5, "Fresh", 1), Stage(7, "Talk", 30), Stage(8, "Close", 80)])
    7
    >>> map_stage(offer, [Stage(8, "Close", 80)])
    8
    >>> map_stage(offer, []) is None
    True
    """
    ordered = sorted(candidates, key=lambda each: (each.sequence, each.key))
    name = stage.name.strip().lower()
    for each in ordered:
        if each.name.strip().lower() == name:
            return each.key
    before = [each for each in ordered if each.sequence <= stage.sequence]
    nearest = before[-1:] or ordered[:1]
    return nearest[0].key if nearest else None
