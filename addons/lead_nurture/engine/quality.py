"""How well a score told won leads from lost ones before it was known.

Everything is counted from cells: (score, won leads, lost leads). A score may stand in several
cells, so a list of leads is cells of one, and a million leads, counted per score, are a few hundred
cells. Ties count half everywhere.

Sources: DeLong, DeLong and Clarke-Pearson 1988 (Biometrics 44, 837-845) for the area under the ROC
curve, its interval and the difference of two on the same leads; Newcombe 2006 (Statistics in
Medicine 25, 559-573), method 5, for the interval where no lost lead scores above a won one; Zou and
Donner 2008 (Statistics in Medicine 27, 1693-1702) for a difference of two such; Wilson 1927 (JASA
22, 209-212) for shares.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

Z95 = 1.959963984540054  # 97.5 % point of the normal distribution
MIN_CLASS = 30  # won and lost leads under which no AUC is told
DECILES = 10
NO_ERROR = 1e-12  # a standard error that is nothing but rounding

Cell = tuple[float, int, int]  # (score, won leads, lost leads)
Pair = tuple[float, float, int, int]  # (new score, old score, won leads, lost leads)


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


def count(cells: Iterable[Cell]) -> tuple[int, int]:
    """(won, lost)

    >>> count([(80, 3, 1), (20, 0, 4)])
    (3, 5)
    """
    won = lost = 0
    for _score, wins, losses in cells:
        won += wins
        lost += losses
    return won, lost


def too_few(cells: Iterable[Cell]) -> tuple[int, int] | None:
    """(won, lost) when they are too few for an AUC, else None.

    >>> too_few([(1, 30, 29)]), too_few([(1, 30, 30)])
    ((30, 29), None)
    """
    won, lost = count(cells)
    return (won, lost) if min(won, lost) < MIN_CLASS else None


def merge(cells: Iterable[Cell]) -> list[Cell]:
    """One cell per score, the highest first.

    >>> merge([(5, 1, 0), (9, 0, 1), (5, 0, 1)])
    [(9, 0, 1), (5, 1, 1)]
    """
    counts: dict[float, tuple[int, int]] = {}
    for score, won, lost in cells:
        wins, losses = counts.get(score, (0, 0))
        counts[score] = (wins + won, losses + lost)
    return [(score, *counts[score]) for score in sorted(counts, reverse=True)]


def _placements(cells: Iterable[Cell]) -> dict[float, tuple[float, float]]:
    """{score: (share of the lost leads below it, share of the won leads above it)}; ties count
    half. The mean of the first over the won leads is the AUC, that of the second over the lost."""
    merged = merge(cells)
    all_won, all_lost = count(merged)
    above, below, result = 0, all_lost, {}
    for score, won, lost in merged:
        below -= lost
        result[score] = ((below + lost / 2) / all_lost, (above + won / 2) / all_won)
        above += won
    return result


def _mean_and_error(parts: Sequence[tuple[float, float, int, int]]) -> tuple[float, float]:
    """Mean placement and its standard error (DeLong) from (placement of a won lead, placement of a
    lost one, won leads, lost leads)."""
    square, mean = 0.0, 0.0
    for side in (1, 0):
        n = sum(part[2 + side] for part in parts)
        mean = sum(part[side] * part[2 + side] for part in parts) / n
        spread = sum(part[2 + side] * (part[side] - mean) ** 2 for part in parts)
        square += spread / max(n - 1, 1) / n
    return mean, sqrt(square)


def _reach_of_separated(won: int, lost: int) -> float:
    """How far from 1 an AUC may be although every won lead scores above every lost one. DeLong's
    error is nil there, and an interval of nil would be a lie.

    The x with x = z √V(1 - x), where V(A) = A(1-A) / (won lost) · (1 + (N-1)((1-A)/(2-A) +
    A/(1+A))) and N is the mean of won and lost (Newcombe 2006, method 5).

    >>> round(_reach_of_separated(30, 30), 3), round(_reach_of_separated(1000, 1000), 4)
    (0.067, 0.0019)
    """
    low, high = 0.0, 1.0
    for _half in range(60):
        x = (low + high) / 2
        slope = x / (1 + x) + (1 - x) / (2 - x)
        variance = x * (1 - x) / (won * lost) * (1 + ((won + lost) / 2 - 1) * slope)
        low, high = (x, high) if x * x < Z95 * Z95 * variance else (low, x)
    return high


def auc(cells: Sequence[Cell]) -> Interval | None:
    """Chance that a won lead scores above a lost one, 0 to 1; 0.5 is a coin. None of one class.

    AUC = mean placement; variance = S10 / won + S01 / lost (DeLong 1988, equation 5).

    >>> auc([(3, 2, 2)])
    Interval(value=0.5, low=0.5, high=0.5)
    >>> round(auc([(1, 0, 1), (2, 1, 0), (3, 0, 1), (4, 1, 0), (5, 1, 0)]).value, 4)
    0.8333
    >>> auc([(1, 1, 0), (2, 1, 0)]) is None
    True
    """
    merged = merge(cells)
    won, lost = count(merged)
    if not won or not lost:
        return None
    placed = _placements(merged)
    value, error = _mean_and_error([(*placed[cell[0]], *cell[1:]) for cell in merged])
    reach = _reach_of_separated(won, lost) if value in (0.0, 1.0) else Z95 * error
    return Interval(value, max(0.0, value - reach), min(1.0, value + reach))


def auc_difference(pairs: Sequence[Pair]) -> Interval | None:
    """AUC of the new scores less AUC of the old ones on the same leads, with the interval of the
    difference.

    Both curves come from the same leads, so their errors are not independent; the placements are
    subtracted lead by lead (DeLong 1988, equation 8). Where that leaves no error although the two
    differ, the intervals of both are put together (Zou and Donner 2008).

    >>> auc_difference([(1, 10, 0, 1), (2, 20, 1, 0), (3, 30, 1, 0)])
    Interval(value=0.0, low=0.0, high=0.0)
    >>> auc_difference([(1, 4, 0, 1), (2, 3, 0, 1), (3, 2, 1, 0), (4, 1, 1, 0)]).value
    1.0
    """
    new, old = ([(pair[side], *pair[2:]) for pair in pairs] for side in (0, 1))
    one, other = auc(new), auc(old)
    if not one or not other:
        return None
    of_new, of_old = _placements(new), _placements(old)
    value, error = _mean_and_error(
        [
            (*(a - b for a, b in zip(of_new[n], of_old[o], strict=True)), won, lost)
            for n, o, won, lost in pairs
        ]
    )
    down = up = Z95 * error
    if value and error < NO_ERROR:
        down = sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2)
        up = sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2)
    return Interval(value, value - down, value + up)


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


def _equal_parts(cells: Iterable[Cell], parts: int) -> list[list[tuple[float, float, float]]]:
    """The leads in equal parts, best scores first, as (score, leads, won). Leads with the same
    score are alike: a part that cuts through them gets its share of their won ones."""
    merged = merge(cells)
    size = sum(count(merged)) / parts
    crumb, room, result = size * 1e-9, 0.0, []
    for score, won, lost in merged:
        n = won + lost
        left = float(n)
        while left > crumb:
            if room <= crumb and len(result) < parts:
                result.append([])
                room += size
            taken = min(left, room)
            result[-1].append((score, taken, taken * won / n))
            left, room = left - taken, room - taken
    return result


def deciles(cells: Iterable[Cell], parts: int = DECILES) -> list[Slice]:
    """The leads in equal parts, best scores first; ties are shared out.

    >>> [part.won for part in deciles([(9, 1, 0), (8, 1, 0), (7, 0, 1), (6, 0, 1)], 2)]
    [2.0, 0.0]
    >>> [part.won for part in deciles([(5, 2, 2)], 2)]
    [1.0, 1.0]
    """
    return [
        Slice(sum(step[1] for step in steps), sum(step[2] for step in steps),
              steps[-1][0], steps[0][0])
        for steps in _equal_parts(cells, parts)
    ]  # fmt: skip


def lifts(parts: Sequence[Slice]) -> list[float | None]:
    """How many times as often the leads of a part are won as all of them; None when none is won.

    >>> lifts([Slice(10, 6, 50, 90), Slice(10, 2, 0, 40)])
    [1.5, 0.5]
    """
    n, all_won = sum(part.n for part in parts), sum(part.won for part in parts)
    return [part.won * n / (part.n * all_won) if all_won else None for part in parts]


def between(cells: Iterable[Cell], limits: Sequence[float]) -> list[Slice]:
    """One slice per limit: leads from it up to below the next higher one. `limits` rise; what is
    under the first is left out.

    >>> cells = [(5, 0, 1), (40, 1, 0), (45, 0, 1), (90, 1, 0)]
    >>> [(s.n, s.won) for s in between(cells, [0, 40, 70])]
    [(1, 0), (2, 1), (1, 1)]
    """
    counts = [[0, 0] for _limit in limits]
    for score, won, lost in cells:
        at = sum(score >= limit for limit in limits) - 1
        if at >= 0:
            counts[at][0] += won + lost
            counts[at][1] += won
    uppers = [*limits[1:], float("inf")]
    return [
        Slice(n, wins, low, high)
        for (n, wins), low, high in zip(counts, limits, uppers, strict=True)
    ]


def confusion(cells: Sequence[Cell], threshold: float) -> Confusion:
    """What happens when everybody from `threshold` upwards is given to sales.

    >>> confusion([(80, 1, 0), (75, 0, 1), (60, 1, 0), (20, 0, 1)], 70)
    Confusion(threshold=70, hit=1, false_alarm=1, missed=1, rightly_left=1)
    """
    hit, false_alarm = count(cell for cell in cells if cell[0] >= threshold)
    missed, rightly_left = count(cell for cell in cells if cell[0] < threshold)
    return Confusion(threshold, hit, false_alarm, missed, rightly_left)


def curve(cells: Iterable[Cell], most: int = 60) -> list[tuple[float, float, float, int]]:
    """(threshold, precision, recall, leads above) from the highest score down, at most `most`
    points, evenly picked, always with the last. Empty when nothing was won.

    >>> curve([(9, 1, 0), (8, 0, 1), (7, 1, 0)])[-1]
    (7, 0.6666666666666666, 1.0, 3)
    >>> curve([(9, 0, 1), (8, 0, 1)])
    []
    """
    merged = merge(cells)
    all_won, _all_lost = count(merged)
    above, hits, points = 0, 0, []
    if not all_won:
        return []
    for score, won, lost in merged:
        above += won + lost
        hits += won
        points.append((score, hits / above, hits / all_won, above))
    stride = -(-len(points) // most)
    return points[: -1 : stride] + points[-1:]


def calibration(cells: Sequence[Cell], parts: int = 5) -> list[tuple[Slice, float]]:
    """Where a score is a percentage: per equal part the mean of what was said, beside what came.

    >>> said = calibration([(90, 1, 0), (80, 1, 0), (20, 0, 1), (10, 0, 1)], 2)
    >>> [(part.won / part.n, mean) for part, mean in said]
    [(1.0, 85.0), (0.0, 15.0)]
    """
    means = [
        sum(score * n for score, n, _won in steps) / sum(n for _score, n, _won in steps)
        for steps in _equal_parts(cells, parts)
    ]
    return list(zip(deciles(cells, parts), means, strict=True))
