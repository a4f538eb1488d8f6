"""Counting what a new version of a score model would change: parts added up."""

from collections import Counter
from collections.abc import Iterable, Sequence


def add_counts(old: Iterable[Sequence], new: Iterable[Sequence], keys: int) -> list[list]:
    """Add two lists of rows whose first `keys` columns say what was counted.

    >>> add_counts([["hot", 2], ["warm", 1]], [["hot", 3], ["cold", 4]], keys=1)
    [['hot', 5], ['warm', 1], ['cold', 4]]
    >>> add_counts([["r", 2, 20]], [["r", 1, 5]], keys=1)
    [['r', 3, 25]]
    """
    sums: dict[tuple, list] = {}
    for row in (*old, *new):
        key, values = tuple(row[:keys]), row[keys:]
        known = sums.setdefault(key, [0] * len(values))
        sums[key] = [a + b for a, b in zip(known, values, strict=True)]
    return [[*key, *values] for key, values in sums.items()]


def matrix(cells: Iterable[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    """{before: {after: how many}}.

    >>> matrix([("cold", "hot", 2), ("cold", "hot", 1), ("hot", "hot", 5)])
    {'cold': {'hot': 3}, 'hot': {'hot': 5}}
    """
    rows: dict[str, Counter] = {}
    for before, after, number in cells:
        rows.setdefault(before, Counter())[after] += number
    return {before: dict(row) for before, row in rows.items()}


def moves(cells: Iterable[tuple[str, str, int]], order: Sequence[str]) -> tuple[int, int]:
    """How many go up and how many go down in `order`.

    >>> moves([("cold", "hot", 2), ("hot", "cold", 1), ("hot", "hot", 9)], ("cold", "hot"))
    (2, 1)
    """
    up = down = 0
    for before, after, number in cells:
        if order.index(after) > order.index(before):
            up += number
        elif order.index(after) < order.index(before):
            down += number
    return up, down
