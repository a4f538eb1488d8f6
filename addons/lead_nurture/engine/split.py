"""Sharing people out among the paths of a split, and telling when one path is the better one.

A person's path is a hash of who he is and of the step: the same on every machine, after every
retry and in every version, without a stored draw. Two splits share people out independently.

The winner: the path with the highest rate, if the pooled two-proportion z-test tells it from each
other path. The test is asked several times while people come in, and each look is another chance
to be wrong: look k has only the part 1/2^k of the allowed error, shared out among the comparisons
(Bonferroni), so that all looks together stay within it.

Sources: Agresti 2013, Categorical Data Analysis, 3rd edition, §3.2.1 (the test); Wilson 1927, JASA
22, 209-212, and Newcombe 1998, Statistics in Medicine 17, 857-872, method 3 (the interval).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import erfc, sqrt
from statistics import NormalDist

MIN_PEOPLE = 30  # people on each path under which nothing is told
MIN_WINS = 5  # expected wins, and losses, on each path under which the test does not hold

_NORMAL = NormalDist()


@dataclass(frozen=True)
class Arm:
    """One path: how many people went it long enough ago, and how many of them did the thing."""

    label: str
    people: int
    wins: int

    @property
    def rate(self) -> float:
        return self.wins / self.people if self.people else 0.0


@dataclass(frozen=True)
class Verdict:
    """`winner` is a label, or empty with the reason `why`: few_people, few_wins, close, or early
    (not enough people for the next look). `p_value` is that of the closest comparison."""

    winner: str = ""
    why: str = ""
    p_value: float = 1.0


def draw(key: str, seed: str) -> float:
    """A number in [0, 1) that belongs to `key` (a person) and `seed` (a step) for ever.

    >>> draw("17", "step-a") == draw("17", "step-a") != draw("17", "step-b")
    True
    """
    return int.from_bytes(sha256(f"{seed}:{key}".encode()).digest()[:8], "big") / 2**64


def choose(number: float, shares: Sequence[tuple[str, int]]) -> str:
    """The label whose part of the line from 0 to 1 holds `number`.

    >>> [choose(n, [("a", 30), ("b", 70)]) for n in (0.0, 0.299, 0.3, 0.999)]
    ['a', 'a', 'b', 'b']
    >>> choose(0.5, [("a", 0), ("b", 0)])
    Traceback (most recent call last):
        ...
    ValueError: no path has a share
    """
    total = sum(share for _label, share in shares)
    if total <= 0:
        raise ValueError("no path has a share")
    reached = 0
    for label, share in shares:
        reached += share
        if number * total < reached:
            return label
    return shares[-1][0]


def z_score(one: Arm, other: Arm) -> float:
    """Pooled z of the difference of two rates; 0 where there is no spread at all.

    The aspirin study in Agresti, table 2.3: its Pearson chi-square of 25.01 is z squared.

    >>> round(z_score(Arm("placebo", 11034, 189), Arm("aspirin", 11037, 104)) ** 2, 2)
    25.01
    """
    if not (one.people and other.people):
        return 0.0
    pooled = (one.wins + other.wins) / (one.people + other.people)
    spread = pooled * (1 - pooled) * (1 / one.people + 1 / other.people)
    return (one.rate - other.rate) / sqrt(spread) if spread > 0 else 0.0


def p_value(z: float) -> float:
    """Two-sided: how often equal paths would differ at least so much.

    >>> round(p_value(1.959964), 4)
    0.05
    """
    return erfc(abs(z) / sqrt(2))


def interval(arm: Arm, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's interval of a rate (Newcombe 1998, table I: 15 of 148).

    >>> [round(limit, 4) for limit in interval(Arm("a", 148, 15))]
    [0.0624, 0.1605]
    >>> interval(Arm("a", 0, 0))
    (0.0, 1.0)
    """
    n = arm.people
    if not n:
        return 0.0, 1.0
    z = _NORMAL.inv_cdf(0.5 + confidence / 2)
    middle = (arm.wins + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * sqrt(arm.wins * (n - arm.wins) / n + z * z / 4)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def is_due(arms: Sequence[Arm], people: int, days: float, looks: int, age: float) -> bool:
    """Is it time for the next look? After `people` on each path or after `days`, whichever comes
    first; each further look waits for twice as much as the one before.

    >>> arms = [Arm("a", 210, 9), Arm("b", 190, 9)]
    >>> is_due(arms, 150, 0, 0, 3.0), is_due(arms, 150, 0, 1, 3.0), is_due(arms, 150, 14, 0, 14.0)
    (True, False, True)
    """
    least = min((arm.people for arm in arms), default=0)
    enough = bool(people) and least >= people * 2**looks
    return enough or (bool(days) and age >= days * 2**looks)


def verdict(arms: Sequence[Arm], confidence: float, looks: int = 0) -> Verdict:
    """Is one path the better one, with all looks so far in mind?

    >>> verdict([Arm("a", 1000, 100), Arm("b", 1000, 150)], 0.95).winner
    'b'
    >>> verdict([Arm("a", 1000, 100), Arm("b", 1000, 110)], 0.95).why
    'close'
    >>> verdict([Arm("a", 20, 1), Arm("b", 1000, 110)], 0.95).why
    'few_people'
    """
    if len(arms) < 2 or min(arm.people for arm in arms) < MIN_PEOPLE:
        return Verdict(why="few_people")
    best, *others = sorted(arms, key=lambda arm: -arm.rate)
    pooled = sum(arm.wins for arm in arms) / sum(arm.people for arm in arms)
    if min(arm.people for arm in arms) * min(pooled, 1 - pooled) < MIN_WINS:
        return Verdict(why="few_wins")
    worst = max(p_value(z_score(best, other)) for other in others)
    allowed = (1 - confidence) / 2 ** (looks + 1) / len(others)
    if worst > allowed:
        return Verdict(why="close", p_value=worst)
    return Verdict(winner=best.label, p_value=worst)
