"""What customers answer: Net Promoter Score, Customer Effort Score, customer satisfaction.

NPS = 100 (p - d), p the share of 9-10 and d that of 0-6 on a scale of 0-10, in points from -100 to
+100. Its 95 % interval is ±1.96 √((p + d - (p - d)²) / n), in points. CES 2.0 is the share of 5-7
on a scale of 1-7, CSAT the share of 4-5 on a scale of 1-5, each with Wilson's interval, which
stays within 0 and 100 % and is not empty when all answers agree.
"""
from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from math import floor, sqrt
from typing import TypeVar

#: Normal quantile of a 95 % interval.
Z = 1.96
#: Scale on which each metric is defined.
SCALES: dict[str, tuple[int, int]] = {"nps": (0, 10), "ces": (1, 7), "csat": (1, 5)}
#: Lowest value of the good band and highest of the bad one, on that scale.
LIMITS: dict[str, tuple[int, int]] = {"nps": (9, 6), "ces": (5, 3), "csat": (4, 2)}
#: Good, neutral, bad: the words of each metric.
BANDS: dict[str, tuple[str, str, str]] = {
    "nps": ("promoter", "passive", "detractor"),
    "ces": ("good", "neutral", "bad"),
    "csat": ("good", "neutral", "bad"),
}
GOOD = ("promoter", "good")
BAD = ("detractor", "bad")

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Score:
    """A figure with what it rests on; `figure`, `low` and `high` are None without an answer.

    In points for NPS, in percent for CES and CSAT. `flat`: all answers lie in one band.
    """

    metric: str
    good: int
    neutral: int
    bad: int
    figure: float | None
    low: float | None
    high: float | None
    mean: float | None

    @property
    def n(self) -> int:
        return self.good + self.neutral + self.bad

    @property
    def flat(self) -> bool:
        return self.n > 0 and self.n in (self.good, self.neutral, self.bad)

    @property
    def margin(self) -> float | None:
        """Half the width of the interval."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


def normalise(value: float, lowest: int, highest: int, metric: str) -> int:
    """An answer of another scale on the metric's own, half-way values upwards.

    >>> normalise(0, 0, 10, "nps"), normalise(10, 1, 10, "nps"), normalise(6, 1, 10, "nps")
    (0, 10, 6)
    >>> [normalise(value, 1, 5, "ces") for value in (1, 2, 3, 4, 5)]
    [1, 3, 4, 6, 7]
    >>> normalise(3, 3, 3, "nps")
    Traceback (most recent call last):
    ValueError: a scale needs two ends
    """
    if highest <= lowest:
        raise ValueError("a scale needs two ends")
    low, high = SCALES[metric]
    place = min(max(value, lowest), highest) - lowest
    return floor(low + place * (high - low) / (highest - lowest) + 0.5)


def band(metric: str, value: float, lowest: int | None = None, highest: int | None = None) -> str:
    """Where an answer falls; 0 is an answer.

    >>> [band("nps", value) for value in (0, 6, 7, 8, 9, 10)]
    ['detractor', 'detractor', 'passive', 'passive', 'promoter', 'promoter']
    >>> [band("ces", value) for value in (1, 3, 4, 5, 7)]
    ['bad', 'bad', 'neutral', 'good', 'good']
    >>> [band("csat", value) for value in (1, 2, 3, 4, 5)]
    ['bad', 'bad', 'neutral', 'good', 'good']
    >>> band("ces", 4, 1, 5)
    'good'
    """
    low, high = SCALES[metric]
    own = normalise(value, low if lowest is None else lowest,
                    high if highest is None else highest, metric)
    good, bad = LIMITS[metric]
    words = BANDS[metric]
    return words[0] if own >= good else words[2] if own <= bad else words[1]


def wilson(good: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, in percent.

    >>> [round(end, 1) for end in wilson(8, 10)], [round(end, 1) for end in wilson(1, 1)]
    ([49.0, 94.3], [20.7, 100.0])
    """
    share, square = good / n, Z * Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = Z / (1 + square / n) * sqrt(share * (1 - share) / n + square / (4 * n * n))
    return 100 * max(0.0, middle - half), 100 * min(1.0, middle + half)


def nps(promoters: int, passives: int, detractors: int, mean: float | None = None) -> Score:
    """Net Promoter Score.

    Five promoters, three passives, two detractors: 30, ±1.96 √((0.5 + 0.2 - 0.3²) / 10).

    >>> score = nps(5, 3, 2)
    >>> score.figure, round(score.margin, 1), score.n
    (30.0, 48.4, 10)
    >>> nps(0, 0, 0).figure is None, nps(0, 0, 7).figure, nps(1, 0, 0).flat
    (True, -100.0, True)
    """
    n = promoters + passives + detractors
    if not n:
        return Score("nps", 0, 0, 0, None, None, None, None)
    p, d = promoters / n, detractors / n
    half = 100 * Z * sqrt(max(0.0, p + d - (p - d) ** 2) / n)
    figure = 100 * (promoters - detractors) / n
    return Score("nps", promoters, passives, detractors, figure, figure - half, figure + half, mean)


def share(metric: str, good: int, neutral: int, bad: int, mean: float | None = None) -> Score:
    """CES or CSAT: the share of the good band.

    >>> score = share("ces", 8, 1, 1, 5.9)
    >>> score.figure, round(score.low, 1), round(score.high, 1), score.mean
    (80.0, 49.0, 94.3, 5.9)
    >>> share("csat", 0, 0, 0).figure is None
    True
    """
    n = good + neutral + bad
    if not n:
        return Score(metric, 0, 0, 0, None, None, None, None)
    low, high = wilson(good, n)
    return Score(metric, good, neutral, bad, 100 * good / n, low, high, mean)


def score(metric: str, bands: Mapping[str, int], mean: float | None = None) -> Score:
    """The figure of a metric from the number of answers in each of its bands.

    >>> score("nps", {"promoter": 2, "detractor": 1}).figure
    33.333333333333336
    """
    good, neutral, bad = (bands.get(word, 0) for word in BANDS[metric])
    if metric == "nps":
        return nps(good, neutral, bad, mean)
    return share(metric, good, neutral, bad, mean)


def last_answers(answers: Iterable[tuple[Key, float, int]]) -> list[int]:
    """The last answer of each respondent, from (respondent, moment, answer); of two at the same
    moment the one given later in the list. The SQL of the reports says the same.

    >>> last_answers([("Ann", 1.0, 3), ("Bob", 1.0, 9), ("Ann", 2.0, 0)])
    [0, 9]
    """
    latest: dict[Key, tuple[float, int]] = {}
    for respondent, moment, answer in answers:
        if respondent not in latest or moment >= latest[respondent][0]:
            latest[respondent] = (moment, answer)
    return [answer for _moment, answer in latest.values()]
