"""What history says each property of a lead is worth, in points.

A property is an attribute and a value: country = Japan, or "came by a form" = yes. Each value gets
its weight of evidence, a ridge-logistic regression takes out what two attributes say together, and
the products become whole points, so that the best lead of the history gets 100.

Sources: Good 1950 for the weight of evidence; Siddiqi 2006, *Credit Risk Scorecards*, for its use
in points and for the information value; le Cessie and van Houwelingen 1992 (Applied Statistics 41,
191-201) for the ridge.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

MIN_CLOSED, MIN_CLASS = 200, 50  # leads under which nothing is suggested
MIN_VALUE = 50  # values with fewer leads are taken together
NO_EFFECT, TOO_GOOD = 0.02, 1.0  # information values
TRAINED_SHARE = 0.7  # the oldest leads; the newest are for the test
TOP = 100  # points of the best lead
MAX_PATTERNS = 4_000  # different leads that the regression looks at, the most frequent ones
MAX_ATTRIBUTES = 30  # in the regression, those that tell most
SPREAD = 0.6180339887498949  # its multiples, less their whole parts, lie evenly between 0 and 1
RIDGE = 1.0  # penalty per standardised coefficient, in units of log-likelihood

Lead = Mapping[str, Hashable]  # {attribute: value}; what is not in it is not so


@dataclass(frozen=True)
class Value:
    """One value of an attribute. `iv` is the information value of the whole attribute; `points`
    are 0 where it has no effect or others say the same."""

    attribute: str
    value: Hashable
    won: int
    lost: int
    woe: float
    iv: float
    points: int = 0
    warning: str = ""  # "no_effect", "too_good", "overlap"


def too_few(won: Sequence[bool]) -> tuple[int, int] | None:
    """(won, lost) when they are too few for suggestions, else None.

    >>> too_few([True] * 50 + [False] * 149), too_few([True] * 50 + [False] * 150)
    ((50, 149), None)
    """
    positives = sum(won)
    negatives = len(won) - positives
    short = len(won) < MIN_CLOSED or min(positives, negatives) < MIN_CLASS
    return (positives, negatives) if short else None


def weight_of_evidence(won: int, lost: int, all_won: int, all_lost: int) -> float:
    """ln of (share of the won leads that have it / share of the lost ones), counts raised by ½ so
    that a value without won or lost leads stays finite.

    >>> round(weight_of_evidence(20, 10, 50, 50), 4)  # ln(20.5 / 10.5)
    0.669
    >>> weight_of_evidence(7, 7, 90, 90)
    0.0
    """
    return log(((won + 0.5) / all_won) / ((lost + 0.5) / all_lost))


def information_value(parts: Sequence[tuple[int, int]], all_won: int, all_lost: int) -> float:
    """Σ (share of won - share of lost) x weight of evidence over (won, lost) of all parts.

    >>> round(information_value([(20, 10), (30, 40)], 50, 50), 4)  # 0.2 x 0.6690 + 0.2 x 0.2836
    0.1905
    """
    return sum(
        (won / all_won - lost / all_lost) * weight_of_evidence(won, lost, all_won, all_lost)
        for won, lost in parts
    )


def count_values(
    leads: Sequence[Lead], won: Sequence[bool]
) -> dict[str, dict[Hashable, tuple[int, int]]]:
    """{attribute: {value: (won, lost)}}

    >>> count_values([{"team": 1}, {"team": 1}, {}], [True, False, True])
    {'team': {1: (1, 1)}}
    """
    counts: Counter = Counter()
    for lead, is_won in zip(leads, won, strict=True):
        for attribute, value in lead.items():
            counts[attribute, value, bool(is_won)] += 1
    result: dict[str, dict[Hashable, tuple[int, int]]] = {}
    for attribute, value in dict.fromkeys((a, v) for a, v, _won in counts):
        result.setdefault(attribute, {})[value] = (
            counts[attribute, value, True], counts[attribute, value, False],
        )  # fmt: skip
    return result


@dataclass(frozen=True)
class Attribute:
    """An attribute with the values that have enough leads; `rest` is the weight of evidence of all
    other leads, the value that gives no points."""

    name: str
    values: dict[Hashable, Value]
    rest: float
    iv: float

    def gain(self, value: Hashable) -> float:
        """Weight of evidence above that of the rest."""
        known = self.values.get(value)
        return known.woe - self.rest if known else 0.0


def attributes(leads: Sequence[Lead], won: Sequence[bool]) -> list[Attribute]:
    """What each attribute tells alone, the most telling first.

    >>> leads = [{"team": 1}] * 80 + [{"team": 2}] * 90 + [{"team": 3}] * 30
    >>> found = attributes(leads, [True] * 60 + [False] * 20 + [True] * 20 + [False] * 100)
    >>> [(v.value, v.won, v.lost, round(v.woe, 2)) for v in found[0].values.values()]
    [(1, 60, 20, 1.49), (2, 20, 70, -0.83)]
    >>> found[0].rest  # team 3 has too few leads: neither better nor worse
    0.0
    """
    all_won = sum(won)
    all_lost = len(won) - all_won
    result = []
    for name, counts in count_values(leads, won).items():
        kept = {value: pair for value, pair in counts.items() if sum(pair) >= MIN_VALUE}
        rest = (
            all_won - sum(pair[0] for pair in kept.values()),
            all_lost - sum(pair[1] for pair in kept.values()),
        )
        big_rest = sum(rest) >= MIN_VALUE
        parts = [*kept.values(), *([rest] if big_rest else [])]
        iv = information_value(parts, all_won, all_lost)
        result.append(
            Attribute(
                name,
                {
                    value: Value(
                        name, value, *pair, weight_of_evidence(*pair, all_won, all_lost), iv
                    )
                    for value, pair in kept.items()
                },
                weight_of_evidence(*rest, all_won, all_lost) if big_rest else 0.0,
                iv,
            )
        )
    return sorted((a for a in result if a.values), key=lambda a: -a.iv)


def solve(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """x of matrix · x = right, for a symmetric positive definite matrix (Cholesky).

    >>> [round(x, 9) for x in solve([[4.0, 2.0], [2.0, 3.0]], [8.0, 8.0])]
    [1.0, 2.0]
    """
    size = len(right)
    root = [[0.0] * size for _row in range(size)]
    for i in range(size):
        for j in range(i + 1):
            left = matrix[i][j] - sum(root[i][k] * root[j][k] for k in range(j))
            root[i][j] = sqrt(left) if i == j else left / root[j][j]
    forward: list[float] = []
    for i in range(size):
        forward.append((right[i] - sum(root[i][k] * forward[k] for k in range(i))) / root[i][i])
    x = [0.0] * size
    for i in reversed(range(size)):
        known = sum(root[k][i] * x[k] for k in range(i + 1, size))
        x[i] = (forward[i] - known) / root[i][i]
    return x


def ridge_logistic(
    rows: Sequence[Sequence[float]],
    counts: Sequence[int],
    wins: Sequence[int],
    ridge: float = RIDGE,
) -> list[float]:
    """Coefficients of the columns: the log-odds of being won per unit. `counts` and `wins` say how
    many leads look like a row and how many of them were won.

    Maximises log-likelihood - ridge / 2 x Σ standardised coefficient², the constant left free, by
    Newton's method.

    >>> # 2 x 2 table without ridge: the log of the odds ratio, ln((30 / 10) / (20 / 40))
    >>> [round(b, 6) for b in ridge_logistic([[0.0], [1.0]], [60, 40], [20, 30], ridge=0)]
    [1.791759]
    """
    total = sum(counts)
    spread = []
    for column in zip(*rows, strict=True):
        mean = sum(x * n for x, n in zip(column, counts, strict=True)) / total
        square = sum(n * (x - mean) ** 2 for x, n in zip(column, counts, strict=True)) / total
        spread.append((mean, sqrt(square) or 1.0))
    scaled = [
        [1.0, *((x - mean) / sd for x, (mean, sd) in zip(row, spread, strict=True))]
        for row in rows
    ]
    size = len(spread) + 1
    weights = [0.0] * size
    for _round in range(25):
        step = solve(*_newton_step(scaled, counts, wins, weights, ridge))
        weights = [w + s for w, s in zip(weights, step, strict=True)]
        if max(map(abs, step)) < 1e-8:
            break
    return [w / sd for w, (_mean, sd) in zip(weights[1:], spread, strict=True)]


def _newton_step(
    rows: Sequence[Sequence[float]],
    counts: Sequence[int],
    wins: Sequence[int],
    weights: Sequence[float],
    ridge: float,
) -> tuple[list[list[float]], list[float]]:
    """(curvature, slope) of the penalised log-likelihood at `weights`."""
    size = len(weights)
    slope = [0.0, *(-ridge * w for w in weights[1:])]
    curvature = [[0.0] * size for _row in range(size)]
    for row, n, won in zip(rows, counts, wins, strict=True):
        odds = sum(w * x for w, x in zip(weights, row, strict=True))
        chance = 1 / (1 + exp(-max(-30.0, min(30.0, odds))))
        miss, bend = won - n * chance, n * chance * (1 - chance)
        for i, x in enumerate(row):
            slope[i] += miss * x
            bent = bend * x
            line = curvature[i]
            for j in range(i + 1):
                line[j] += bent * row[j]
    for i in range(size):
        curvature[i][i] += (ridge if i else 0.0) + 1e-9
        for j in range(i):
            curvature[j][i] = curvature[i][j]
    return curvature, slope


def patterns(
    chosen: Sequence[Attribute], leads: Sequence[Lead], won: Sequence[bool]
) -> tuple[list[tuple[float, ...]], list[int], list[int]]:
    """(rows, leads, won ones) of the most frequent different leads, as `ridge_logistic` wants them.
    Of equally frequent ones some of each time are taken, not only the oldest.

    >>> leads = [{"form": True}] * 60 + [{}] * 60
    >>> rows, counts, wins = patterns(attributes(leads, [True] * 80 + [False] * 40), leads,
    ...                               [True] * 80 + [False] * 40)
    >>> rows[1], counts, wins
    ((0.0,), [60, 60], [60, 20])
    """
    seen: dict[tuple[float, ...], list[int]] = {}
    for lead, is_won in zip(leads, won, strict=True):
        row = tuple(attribute.gain(lead.get(attribute.name)) for attribute in chosen)
        cell = seen.setdefault(row, [0, 0])
        cell[0] += 1
        cell[1] += bool(is_won)
    ranked = sorted(
        enumerate(seen.items()), key=lambda at: (-at[1][1][0], at[0] * SPREAD % 1)
    )[:MAX_PATTERNS]
    return (
        [row for _at, (row, _cell) in ranked],
        [cell[0] for _at, (_row, cell) in ranked],
        [cell[1] for _at, (_row, cell) in ranked],
    )


def coefficients(
    chosen: Sequence[Attribute], leads: Sequence[Lead], won: Sequence[bool]
) -> dict[str, float]:
    """{attribute: coefficient of its weight of evidence}, only those that still help beside the
    others: one below 0 would turn its own evidence round, so it goes and the rest is fitted again.

    >>> a = [{"a": 1}] * 60 + [{}] * 140
    >>> fitted = coefficients(attributes(a, [True] * 80 + [False] * 120), a,
    ...                       [True] * 80 + [False] * 120)
    >>> 0.8 < fitted["a"] < 1.0  # alone it is 1, the ridge takes a little
    True
    """
    left = list(chosen)[:MAX_ATTRIBUTES]
    while left:
        fitted = ridge_logistic(*patterns(left, leads, won))
        if min(fitted) > 0:
            return {a.name: b for a, b in zip(left, fitted, strict=True)}
        left = [a for a, b in zip(left, fitted, strict=True) if b > 0]
    return {}


def suggest(leads: Sequence[Lead], won: Sequence[bool]) -> list[Value]:
    """Every value with enough leads, with its points. Attributes that look as if they were filled
    in after the outcome get points of their own fit, and none of the others depends on them.

    >>> leads = [{"form": True}] * 100 + [{}] * 100
    >>> found = suggest(leads, [True] * 70 + [False] * 30 + [True] * 20 + [False] * 80)
    >>> [(v.attribute, v.value, v.points, v.warning) for v in found]
    [('form', True, 100, 'too_good')]
    """
    found = attributes(leads, won)
    telling = [a for a in found if a.iv >= NO_EFFECT]
    safe = [a for a in telling if a.iv <= TOO_GOOD]
    fitted = coefficients(safe, leads, won)
    scale = _scale(safe, fitted, leads)
    if len(safe) < len(telling):
        of_all = coefficients(telling, leads, won)
        scale = scale or _scale(telling, of_all, leads)
        fitted = {a.name: of_all.get(a.name, 0.0) for a in telling if a.iv > TOO_GOOD} | fitted
    result = []
    for attribute in found:
        slope = fitted.get(attribute.name, 0.0)
        for value in attribute.values.values():
            points = round(slope * attribute.gain(value.value) * scale)
            points = max(-TOP, min(TOP, points))
            result.append(
                Value(
                    value.attribute, value.value, value.won, value.lost, value.woe, value.iv,
                    points, _warning(attribute, slope),
                )
            )
    return result


def _scale(
    chosen: Sequence[Attribute], fitted: Mapping[str, float], leads: Sequence[Lead]
) -> float:
    """Points per unit of log-odds, so that the best of the leads has TOP points."""
    best = max(
        sum(fitted[a.name] * a.gain(lead.get(a.name)) for a in chosen if a.name in fitted)
        for lead in leads
    )
    return TOP / best if best > 1e-9 else 0.0


def _warning(attribute: Attribute, slope: float) -> str:
    if attribute.iv > TOO_GOOD:
        return "too_good"
    if attribute.iv < NO_EFFECT:
        return "no_effect"
    return "" if slope else "overlap"


def score(lead: Lead, points: Mapping[tuple[str, Hashable], int], cap: int = TOP) -> int:
    """The score that rules with these points give; never below 0.

    >>> score({"team": 1, "form": True}, {("team", 1): 30, ("form", True): 90})
    100
    >>> score({"team": 2}, {("team", 2): -5})
    0
    """
    raw = sum(points.get(pair, 0) for pair in lead.items())
    return max(0, min(raw, cap) if cap else raw)


def split(ordered: Sequence) -> tuple[Sequence, Sequence]:
    """(oldest 70 %, newest 30 %) of what is ordered by time.

    >>> split([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    ([1, 2, 3, 4, 5, 6, 7], [8, 9, 10])
    """
    cut = round(len(ordered) * TRAINED_SHARE)
    return ordered[:cut], ordered[cut:]


def threshold_of_share(scores: Sequence[int], share: float) -> int:
    """The lowest score at or above which at most this share of the leads stands.

    >>> threshold_of_share([10, 20, 30, 40], 0.5), threshold_of_share([10, 20, 30, 40], 0.1)
    (30, 41)
    """
    room = share * len(scores) + 1e-9
    ordered = sorted(scores, reverse=True)
    lowest = ordered[0] + 1
    for index, value in enumerate(ordered):
        last_of_ties = index + 1 == len(ordered) or ordered[index + 1] != value
        if last_of_ties and index + 1 <= room:
            lowest = value
    return lowest
