"""Which products go together, and how sure that is.

Two tables of counts are read. By basket (one customer's purchase day): support, confidence and
lift as every book has them. By customer: whether the pair is more than chance, because customers
are independent of one another and the baskets of one customer are not.

    support    = both / all                    how common the pair is
    confidence = both / with A                 how many who have A have B too
    lift       = confidence / (with B / all)   1: B is as common among them as everywhere

Agrawal, Imielinski, Swami 1993 (support, confidence); Brin et al. 1997 (lift).
"""
from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from math import exp, inf, lgamma, sqrt

#: Two-sided 95 %.
Z = 1.959964


@dataclass(frozen=True)
class Counts:
    """How often A and B appear among `total` baskets, or customers."""

    total: int
    a: int
    b: int
    both: int

    def flipped(self) -> Counts:
        return Counts(self.total, self.b, self.a, self.both)


@dataclass(frozen=True)
class Share:
    """A share with its parts; `value` is None when there is nothing to divide by."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """
        >>> Share(7, 10).value, Share(0, 0).value
        (0.7, None)
        """
        return self.part / self.whole if self.whole else None


def support(counts: Counts) -> float | None:
    """
    >>> support(Counts(100, 20, 30, 12)), support(Counts(0, 0, 0, 0))
    (0.12, None)
    """
    return Share(counts.both, counts.total).value


def confidence(counts: Counts) -> float | None:
    """
    >>> confidence(Counts(100, 20, 30, 12)), confidence(Counts(100, 0, 30, 0))
    (0.6, None)
    """
    return Share(counts.both, counts.a).value


def lift(counts: Counts) -> float | None:
    """
    >>> lift(Counts(100, 20, 30, 12))
    2.0
    >>> lift(Counts(100, 20, 100, 20))  # B is in every basket: A adds nothing
    1.0
    >>> lift(Counts(100, 20, 0, 0)) is None
    True
    """
    if not counts.a or not counts.b:
        return None
    return counts.both * counts.total / (counts.a * counts.b)


def lift_interval(counts: Counts) -> tuple[float, float]:
    """95 % of the lift, by the delta method on its logarithm over the four cells.

    With p = shares of the total: var(ln lift) = (sum over cells of p g^2 - 1) / total, where g is
    1/p11 - 1/pA - 1/pB for both, -1/pA for A alone, -1/pB for B alone, and 0 for neither.

    >>> low, high = lift_interval(Counts(100, 20, 30, 12))
    >>> round(low, 3), round(high, 3)
    (1.424, 2.808)
    >>> lift_interval(Counts(100, 20, 30, 0))
    (0.0, inf)
    """
    found = lift(counts)
    if not found:
        return 0.0, inf
    both, a, b = (n / counts.total for n in (counts.both, counts.a, counts.b))
    slope = 1 / both - 1 / a - 1 / b
    spread = both * slope**2 + (a - both) / a**2 + (b - both) / b**2 - 1
    error = Z * sqrt(max(spread, 0.0) / counts.total)
    return found * exp(-error), found * exp(error)


def chance_of_luck(counts: Counts) -> float:
    """Probability of so many together or more if A and B had nothing to do with each other.

    Fisher's exact test, one-sided: the hypergeometric tail. Its terms fall, so it is short.

    >>> round(chance_of_luck(Counts(10, 5, 5, 5)), 6)  # 1 / C(10, 5)
    0.003968
    >>> chance_of_luck(Counts(10, 5, 5, 0)), chance_of_luck(Counts(0, 0, 0, 0))
    (1.0, 1.0)
    >>> chance_of_luck(Counts(10, 4, 10, 4))  # B is everywhere
    1.0
    """
    total, both = counts.total, counts.both
    a, b = sorted((counts.a, counts.b))  # both ways the same, to the last digit
    if both <= max(0, a + b - total):
        return 1.0
    if both * total < a * b:  # fewer than expected: as many have A and no B, turned around
        return 1 - _tail(total, a, total - b, a - both + 1)
    return _tail(total, a, b, both)


def _tail(total: int, a: int, b: int, both: int) -> float:
    """Probability of `both` or more, where terms fall from `both` on."""
    if both > min(a, b):
        return 0.0
    tail = term = exp(
        _ln_choose(a, both) + _ln_choose(total - a, b - both) - _ln_choose(total, b))
    for k in range(both, min(a, b)):
        term *= (a - k) * (b - k) / ((k + 1) * (total - a - b + k + 1))
        tail += term
        if term <= tail * 1e-16:
            break
    return min(tail, 1.0)


def _ln_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def borderline(lucks: Sequence[float], tested: int, rate: float = 0.05) -> float:
    """The largest chance of luck that still counts, so that `rate` of what counts is luck.

    Thousands of pairs are looked at, and one in twenty looks good by luck alone. Benjamini and
    Hochberg 1995: the largest p with p <= rate x its rank / tested; -1 when none is.

    >>> borderline([0.001, 0.02, 0.9], tested=3)
    0.02
    >>> borderline([0.02], tested=1000)
    -1.0
    >>> borderline([], tested=0)
    -1.0
    """
    limit = -1.0
    for rank, luck in enumerate(sorted(lucks), start=1):
        if luck <= rate * rank / max(tested, len(lucks)):
            limit = luck
    return limit


@dataclass(frozen=True)
class Judged:
    """What the counts of a pair say about A → B."""

    support: float | None
    confidence: float | None
    lift: float | None
    low: float
    high: float
    luck: float


def judge(counts: Counts) -> Judged:
    """
    >>> judge(Counts(0, 0, 0, 0))
    Judged(support=None, confidence=None, lift=None, low=0.0, high=inf, luck=1.0)
    >>> judge(Counts(1, 1, 1, 1)).lift, judge(Counts(1, 1, 1, 1)).luck  # one basket tells nothing
    (1.0, 1.0)
    """
    low, high = lift_interval(counts)
    return Judged(
        support(counts), confidence(counts), lift(counts), low, high, chance_of_luck(counts))


def chance(followed: Share, least: int) -> float | None:
    """The chance that the next one follows; None when fewer than `least` stand behind it.

    >>> chance(Share(10, 40), 20), chance(Share(3, 4), 20), chance(Share(0, 0), 0)
    (0.25, None, None)
    """
    return followed.value if followed.whole >= least else None


# ---- counting: what SQL does with millions of lines, for a handful -------------------------------


@dataclass(frozen=True)
class Pair:
    """What is counted of A → B.

    baskets: purchase days with both; customers: who have both
    waiting: who had A and not B on the day they first bought A, which is `days` ago at least
    later: those of them who bought B within `days` after it
    """

    baskets: int
    customers: int
    waiting: int
    later: int


def count_pairs(
    rows: Iterable[tuple[Hashable, date, Hashable]], today: date, days: int
) -> dict[tuple[Hashable, Hashable], Pair]:
    """All ordered pairs that one customer has at least, from (customer, day, item) rows.

    The same item twice on one day is one.

    >>> spring = date(2026, 3, 1)
    >>> found = count_pairs([
    ...     (1, spring, "cup"), (1, spring, "cup"), (1, date(2026, 3, 20), "lid"),
    ...     (2, spring, "cup")], date(2026, 6, 30), 30)
    >>> found["cup", "lid"]
    Pair(baskets=0, customers=1, waiting=2, later=1)
    >>> found["lid", "cup"]
    Pair(baskets=0, customers=1, waiting=0, later=0)
    >>> count_pairs([], spring, 30), count_pairs([(1, spring, "cup")], spring, 30)
    ({}, {})
    """
    baskets: dict[tuple, set] = defaultdict(set)
    firsts: dict[Hashable, dict[Hashable, date]] = defaultdict(dict)
    for customer, day, item in rows:
        baskets[customer, day].add(item)
        firsts[customer][item] = min(day, firsts[customer].get(item, day))
    together = Counter(
        frozenset(pair) for items in baskets.values() for pair in combinations(items, 2))
    found = {}
    for pair in {frozenset(p) for mine in firsts.values() for p in combinations(mine, 2)}:
        for a, b in (tuple(pair), tuple(pair)[::-1]):
            holders = [mine for mine in firsts.values() if a in mine]
            waiting = [mine for mine in holders if (today - mine[a]).days >= days
                       and not (b in mine and mine[b] <= mine[a])]
            found[a, b] = Pair(
                together[pair], sum(b in mine for mine in holders), len(waiting),
                sum(b in mine and (mine[b] - mine[a]).days <= days for mine in waiting))
    return found
