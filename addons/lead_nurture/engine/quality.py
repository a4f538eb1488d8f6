"""How well a score told won leads from lost ones before it was known.

Everything is counted from two lists of the same length: what was said of each closed lead, and
whether it was won. Ties count half everywhere. Sorting is the dearest step, so that 200,000 leads
take seconds.

Sources: DeLong, DeLong and Clarke-Pearson 1988 (Biometrics 44, 837-845) for the area under the ROC
curve, its interval and the difference of two on the same leads, by mid-ranks as in Sun and Xu 2014
(IEEE Signal Processing Letters 21, 1389-1393); Wilson 1927 (JASA 22, 209-212) for shares.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import sqrt

Z95 = 1.959963984540054  # 97.5 % point of the normal distribution
MIN_CLASS = 30  # won and lost leads under which no AUC is told
DECILES = 10


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Slice:
    """A part of the leads. `won` may be broken: ties are shared out among the slices."""

    n: float
    won: float
    low: float  # lowest and highest score in it
    high: float

    @property
    def rate(self) -> float | None:
        """Share of won leads; None of nothing.

        >>> Slice(10, 4, 0, 9).rate, Slice(0, 0, 0, 0).rate
        (0.4, None)
        """
        return self.won / self.n if self.n else None


@dataclass(frozen=True)
class Confusion:
    """Who stood at or above a threshold, and how it ended."""

    threshold: float
    hit: int  # above and won
    false_alarm: int  # above and lost
    missed: int  # below and won
    rightly_left: int  # below and lost

    @property
    def precision(self) -> float | None:
        """Won among those above.

        >>> Confusion(70, 3, 1, 2, 4).precision, Confusion(70, 0, 0, 2, 4).precision
        (0.75, None)
        """
        above = self.hit + self.false_alarm
        return self.hit / above if above else None

    @property
    def recall(self) -> float | None:
        """Those above among the won.

        >>> Confusion(70, 3, 1, 2, 4).recall, Confusion(70, 0, 1, 0, 4).recall
        (0.6, None)
        """
        all_won = self.hit + self.missed
        return self.hit / all_won if all_won else None


def too_few(won: Sequence[bool]) -> tuple[int, int] | None:
    """(won, lost) when they are too few for an AUC, else None.

    >>> too_few([True] * 30 + [False] * 29), too_few([True] * 30 + [False] * 30)
    ((30, 29), None)
    """
    positives = sum(won)
    negatives = len(won) - positives
    return (positives, negatives) if min(positives, negatives) < MIN_CLASS else None


def midranks(values: Sequence[float]) -> list[float]:
    """Rank of each value from 1 upwards; equal values share the mean of their ranks.

    >>> midranks([10, 30, 20, 20])
    [1.0, 4.0, 2.5, 2.5]
    """
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    for _value, ties in groupby(order, key=values.__getitem__):
        members = list(ties)
        shared = start + (len(members) + 1) / 2
        for index in members:
            ranks[index] = shared
        start += len(members)
    return ranks


def _placements(scores: Sequence[float], won: Sequence[bool]) -> tuple[list[float], list[float]]:
    """For each won lead the share of lost ones below it, for each lost lead the share of won ones
    above it; ties count half. The mean of either is the AUC."""
    over_all = midranks(scores)
    sides: dict[bool, list[int]] = {True: [], False: []}
    for index, is_won in enumerate(won):
        sides[bool(is_won)].append(index)
    own = {
        side: midranks([scores[index] for index in indexes]) for side, indexes in sides.items()
    }
    positives, negatives = len(sides[True]), len(sides[False])
    below = [
        (over_all[i] - rank) / negatives for i, rank in zip(sides[True], own[True], strict=True)
    ]
    above = [
        1 - (over_all[i] - rank) / positives
        for i, rank in zip(sides[False], own[False], strict=True)
    ]
    return below, above


def _variance(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / max(len(values) - 1, 1)


def _error(below: Sequence[float], above: Sequence[float]) -> float:
    """Standard error of a mean placement (DeLong)."""
    return sqrt(_variance(below) / len(below) + _variance(above) / len(above))


def auc(scores: Sequence[float], won: Sequence[bool]) -> Interval | None:
    """Chance that a won lead scores above a lost one, 0 to 1; 0.5 is a coin. None of one class.

    AUC = mean placement; variance = S10 / won + S01 / lost (DeLong 1988, equation 5).

    >>> auc([3, 3, 3, 3], [True, False, True, False])
    Interval(value=0.5, low=0.5, high=0.5)
    >>> round(auc([1, 2, 3, 4, 5], [False, True, False, True, True]).value, 4)
    0.8333
    >>> auc([1, 2], [True, True]) is None
    True
    """
    if not 0 < sum(won) < len(won):
        return None
    below, above = _placements(scores, won)
    value = sum(below) / len(below)
    reach = Z95 * _error(below, above)
    return Interval(value, max(0.0, value - reach), min(1.0, value + reach))


def auc_difference(
    new: Sequence[float], old: Sequence[float], won: Sequence[bool]
) -> Interval | None:
    """AUC of `new` less AUC of `old` on the same leads, with the interval of the difference.

    Both curves come from the same leads, so their errors are not independent; the placements are
    subtracted lead by lead (DeLong 1988, equation 8).

    >>> same = auc_difference([1, 2, 3], [10, 20, 30], [False, True, True])
    >>> same
    Interval(value=0.0, low=0.0, high=0.0)
    >>> auc_difference([1, 2, 3, 4], [4, 3, 2, 1], [False, False, True, True]).value
    1.0
    """
    if not 0 < sum(won) < len(won):
        return None
    pairs = zip(_placements(new, won), _placements(old, won), strict=True)
    below, above = ([a - b for a, b in zip(*pair, strict=True)] for pair in pairs)
    value = sum(below) / len(below)
    reach = Z95 * _error(below, above)
    return Interval(value, value - reach, value + reach)


def wilson(won: float, n: float) -> Interval | None:
    """A share with its Wilson interval; None of nothing.

    Centre (p + z²/2n) / (1 + z²/n), reach z √(p(1-p)/n + z²/4n²) / (1 + z²/n).

    >>> share = wilson(81, 263)  # Newcombe 1998: 0.2553 to 0.3662
    >>> round(share.low, 4), round(share.high, 4)
    (0.2553, 0.3662)
    >>> wilson(0, 0) is None
    True
    """
    if not n:
        return None
    p, square = won / n, Z95 * Z95
    centre = (p + square / (2 * n)) / (1 + square / n)
    reach = Z95 * sqrt(p * (1 - p) / n + square / (4 * n * n)) / (1 + square / n)
    return Interval(p, max(0.0, centre - reach), min(1.0, centre + reach))


def _steps(scores: Sequence[float], won: Sequence[bool]) -> list[tuple[float, int, int]]:
    """(score, leads, won) per distinct score, from the highest down."""
    order = sorted(zip(scores, won, strict=True), key=lambda pair: -pair[0])
    steps = []
    for score, ties in groupby(order, key=lambda pair: pair[0]):
        outcomes = [is_won for _score, is_won in ties]
        steps.append((score, len(outcomes), sum(outcomes)))
    return steps


def deciles(scores: Sequence[float], won: Sequence[bool], parts: int = DECILES) -> list[Slice]:
    """The leads in equal parts, best scores first. Leads with the same score are alike: a part
    that cuts through them gets its share of their won ones, whatever their order.

    >>> [part.won for part in deciles([9, 8, 7, 6], [True, True, False, False], 2)]
    [2.0, 0.0]
    >>> [part.won for part in deciles([5] * 4, [True, True, False, False], 2)]
    [1.0, 1.0]
    """
    size = len(scores) / parts
    result: list[Slice] = []
    steps = iter(_steps(scores, won))
    score, left, rate = 0.0, 0.0, 0.0
    for _part in range(parts if scores else 0):
        room, wins, low, high = size, 0.0, None, None
        while room > 1e-9:
            if left <= 1e-9:
                step = next(steps, None)
                if step is None:
                    break
                score, left, rate = step[0], float(step[1]), step[2] / step[1]
            taken = min(room, left)
            wins += taken * rate
            room, left = room - taken, left - taken
            high = score if high is None else high
            low = score
        result.append(Slice(size, wins, low or 0.0, high or 0.0))
    return result


def lifts(parts: Sequence[Slice]) -> list[float | None]:
    """How many times as often the leads of a part are won as all of them; None when none is won.

    >>> lifts([Slice(10, 6, 50, 90), Slice(10, 2, 0, 40)])
    [1.5, 0.5]
    """
    n, all_won = sum(part.n for part in parts), sum(part.won for part in parts)
    return [part.won * n / (part.n * all_won) if all_won else None for part in parts]


def between(
    scores: Sequence[float], won: Sequence[bool], limits: Sequence[float]
) -> list[Slice]:
    """One slice per limit: leads from it up to below the next higher one. `limits` rise; what is
    under the first is left out.

    >>> [(s.n, s.won) for s in between([5, 40, 45, 90], [False, True, False, True], [0, 40, 70])]
    [(1, 0), (2, 1), (1, 1)]
    """
    counts = [[0, 0] for _limit in limits]
    for score, is_won in zip(scores, won, strict=True):
        at = sum(score >= limit for limit in limits) - 1
        if at >= 0:
            counts[at][0] += 1
            counts[at][1] += bool(is_won)
    uppers = [*limits[1:], float("inf")]
    return [
        Slice(n, wins, low, high)
        for (n, wins), low, high in zip(counts, limits, uppers, strict=True)
    ]


def confusion(scores: Sequence[float], won: Sequence[bool], threshold: float) -> Confusion:
    """What happens when everybody from `threshold` upwards is given to sales.

    >>> confusion([80, 75, 60, 20], [True, False, True, False], 70)
    Confusion(threshold=70, hit=1, false_alarm=1, missed=1, rightly_left=1)
    """
    counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    for score, is_won in zip(scores, won, strict=True):
        counts[score >= threshold, bool(is_won)] += 1
    return Confusion(
        threshold,
        counts[True, True], counts[True, False], counts[False, True], counts[False, False],
    )  # fmt: skip


def curve(
    scores: Sequence[float], won: Sequence[bool], most: int = 60
) -> list[tuple[float, float, float, int]]:
    """(threshold, precision, recall, leads above) from the highest score down, at most `most`
    points, evenly picked, always with the last. Empty when nothing was won.

    >>> curve([9, 8, 7], [True, False, True])[-1]
    (7, 0.6666666666666666, 1.0, 3)
    >>> curve([9, 8], [False, False])
    []
    """
    all_won, above, hits, points = sum(won), 0, 0, []
    if not all_won:
        return []
    for score, n, wins in _steps(scores, won):
        above += n
        hits += wins
        points.append((score, hits / above, hits / all_won, above))
    stride = -(-len(points) // most)
    return points[: -1 : stride] + points[-1:]


def calibration(
    percents: Sequence[float], won: Sequence[bool], parts: int = 5
) -> list[tuple[Slice, float]]:
    """Where a score is a percentage: per equal part the mean of what was said, beside what came.

    >>> said = calibration([90, 80, 20, 10], [True, True, False, False], 2)
    >>> [(part.won / part.n, mean) for part, mean in said]
    [(1.0, 85.0), (0.0, 15.0)]
    """
    ordered = sorted(percents, reverse=True)
    result = []
    for index, part in enumerate(deciles(percents, won, parts)):
        first = round(index * len(ordered) / parts)
        mine = ordered[first : round((index + 1) * len(ordered) / parts)]
        if mine:
            result.append((part, sum(mine) / len(mine)))
    return result
