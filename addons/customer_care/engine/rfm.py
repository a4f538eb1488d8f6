"""RFM: how recently, how often and for how much a customer bought, each as a score of 1 to 5.

A score is read off four borders and nothing else, so that equal customers always have equal
scores: ranking rows into five equal parts (NTILE) cuts ties apart by the order of the rows; on
the CDNOW data it moves two F scores of five. Recency is counted in days (few are good),
frequency in purchase days, money net and untaxed in the company's currency.
"""
from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

SCORES = (1, 2, 3, 4, 5)
#: Four borders make five scores.
BORDERS = 4
#: Fixed borders, each the last value of its band. Days; purchase days (1, 2, 3, 4-5, 6+).
RECENCY_DAYS = (30.0, 90.0, 180.0, 365.0)
PURCHASES = (1.0, 2.0, 3.0, 5.0)
#: Fifths of fewer customers than this say more about chance than about them.
ENOUGH = 50

#: Cells (recency, then frequency) of each named segment, best customers first.
GRID: dict[str, tuple[tuple[int, int], ...]] = {
    "champions": ((5, 5), (5, 4)),
    "loyal": ((4, 4), (4, 5), (3, 4), (3, 5)),
    "potential": ((4, 2), (4, 3), (5, 2), (5, 3)),
    "new": ((5, 1),),
    "promising": ((4, 1),),
    "attention": ((3, 3),),
    "sleepy": ((3, 1), (3, 2)),
    "at_risk": ((1, 3), (1, 4), (2, 3), (2, 4)),
    "cant_lose": ((1, 5), (2, 5)),
    "hibernating": ((1, 2), (2, 1), (2, 2)),
    "lost": ((1, 1),),
}


@dataclass(frozen=True)
class Borders:
    """The last value of each band, smallest first; a value on a border belongs below it."""

    recency: tuple[float, ...] = RECENCY_DAYS
    frequency: tuple[float, ...] = PURCHASES
    monetary: tuple[float, ...] = (0.0,) * BORDERS


def score(value: float, borders: Sequence[float]) -> int:
    """1 for what is small, 5 for what is large: 1 + number of borders below the value.

    >>> [score(purchases, PURCHASES) for purchases in (1, 2, 3, 4, 5, 6, 90)]
    [1, 2, 3, 4, 4, 5, 5]
    >>> score(100, (100, 100, 100, 200)), score(101, (100, 100, 100, 200))
    (1, 4)
    """
    return 1 + bisect_left(borders, value)


def recency_score(days: float, borders: Sequence[float]) -> int:
    """5 for a short silence, 1 for a long one.

    >>> [recency_score(days, RECENCY_DAYS) for days in (0, 30, 31, 365, 366)]
    [5, 5, 4, 2, 1]
    """
    return 6 - score(days, borders)


def fifths(values: Iterable[float]) -> tuple[float, ...]:
    """Borders of five parts as equal as ties allow: the smallest values that at least 20, 40, 60
    and 80 % of all values do not exceed (SQL: percentile_disc). Equal values are never parted; a
    value that fills several parts repeats as a border, and scores between are given to nobody.

    >>> fifths([10, 20, 30, 40, 50])
    (10.0, 20.0, 30.0, 40.0)
    >>> fifths([1, 1, 1, 1, 1, 1, 2, 3, 4, 5])
    (1.0, 1.0, 1.0, 3.0)
    >>> fifths([])
    (0.0, 0.0, 0.0, 0.0)
    """
    ordered = sorted(values)
    if not ordered:
        return (0.0,) * BORDERS
    # ceil(n * part / 5) values lie at or below the border
    return tuple(float(ordered[-(-len(ordered) * part // 5) - 1]) for part in (1, 2, 3, 4))


def rises(borders: Sequence[float]) -> bool:
    """Borders can be used when there are four and none lies below the one before it.

    >>> rises((30, 90, 180, 365)), rises((30, 90, 60, 365)), rises((1, 2))
    (True, False, False)
    """
    return len(borders) == BORDERS and list(borders) == list(accumulate(borders, max))


def segment_of(recency: int, frequency: int) -> str | None:
    """The named segment of a cell as shipped.

    >>> segment_of(5, 5), segment_of(1, 1), segment_of(0, 0)
    ('champions', 'lost', None)
    """
    return next((name for name, cells in GRID.items() if (recency, frequency) in cells), None)


def parse_cells(text: str) -> list[tuple[int, int]]:
    """Cells written as two digits each, recency then frequency; ValueError for anything else.

    >>> parse_cells("55, 54 44")
    [(5, 5), (5, 4), (4, 4)]
    >>> parse_cells("56")
    Traceback (most recent call last):
    ValueError: 56
    """
    words = text.replace(",", " ").split()
    for word in words:
        if len(word) != 2 or not set(word) <= set("12345"):
            raise ValueError(word)
    return [(int(word[0]), int(word[1])) for word in dict.fromkeys(words)]
