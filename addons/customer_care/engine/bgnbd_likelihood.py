"""The likelihood of the BG/NBD model over a million customers, with its slope and curvature.

ll of a customer = lnΓ(r+x) - lnΓ(r) + r ln alpha + lnΓ(a+b) + lnΓ(b+x) - lnΓ(b) - lnΓ(a+b+x)
+ logsumexp(-(r+x) ln(alpha+T), [x > 0] ln a - ln(b+x-1) - (r+x) ln(alpha+t_x)).

Written with the softplus s(d) = ln(1 + e^d) the last line is -(r+x) ln(alpha+T) + s(d), where
d = ln a - ln(b+x-1) + (r+x) (ln(alpha+T) - ln(alpha+t_x)). So
- everything but s(d) needs the customers counted by (x, T) only: a few thousand numbers;
- who has no repeat purchase (most customers of most shops) needs nothing else;
- days are whole numbers: their logarithms are looked up, not computed, per customer.

The parameters are walked in logarithms: θ = ln r, ln(alpha / mean T), ln a, ln b.
"""
from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, lgamma, log, log1p

from .counted import Counted
from .newton import Matrix, Slope, Vector, in_logarithms
from .special import digamma, trigamma

_BITS = 20
_MASK = (1 << _BITS) - 1
#: ln(alpha + day) and 1 / (alpha + day) by day
Days = tuple[list[float], list[float]]
#: r, alpha (in days), a, b
Four = tuple[float, float, float, float]


@dataclass
class Group:
    """The customers with the same number x of repeat purchases.

    ages: customers by T; t_x, T, weight: one entry per distinct row, empty for x = 0
    """

    x: int
    ages: dict[int, float]
    t_x: array
    T: array
    weight: array

    @property
    def customers(self) -> float:
        return sum(self.ages.values())


@dataclass
class Table:
    """All customers, equal ones collapsed, in the order of x, t_x, T."""

    groups: list[Group]
    customers: int
    repeaters: int
    rows: int
    dropped: int
    mean_age: float

    def sample(self, most: int) -> Table:
        """Every n-th distinct row of the repeaters, so that about `most` are left; the others'
        weight goes to them. The table itself when it is small enough."""
        stride = sum(len(group.T) for group in self.groups) // most
        if stride < 2:
            return self
        groups = [_thinned(group, stride) for group in self.groups]
        return Table(
            groups, self.customers, self.repeaters, self.rows, self.dropped, self.mean_age
        )


def collapse(rows: Iterable[tuple[int, int, int, int]]) -> Table:
    """Count equal customers of (x, t_x, T, weight) and drop the impossible ones. Rows in the order
    of x, t_x, T spare the memory to sort them.

    >>> table = collapse([(0, 0, 9, 2), (0, 0, 9, 1), (1, 4, 9, 1), (1, 10, 9, 7), (1, 0, 9, 1)])
    >>> table.customers, table.repeaters, table.rows, table.dropped
    (4, 1, 2, 8)
    """
    found: dict[int, Counted] = {}
    customers = dropped = 0
    for x, t_x, T, weight in rows:
        if possible(x, t_x, T) and weight > 0:
            if x not in found:
                found[x] = Counted("q")
            found[x].add(t_x << _BITS | T, weight)
            customers += weight
        else:
            dropped += max(weight, 1)
    groups = [_group(x, found.pop(x).in_order()) for x in sorted(found)]
    days = sum(T * n for group in groups for T, n in group.ages.items())
    return Table(
        groups=groups,
        customers=customers,
        repeaters=customers - int(sum(group.customers for group in groups if not group.x)),
        rows=sum(len(group.T) or len(group.ages) for group in groups),
        dropped=dropped,
        mean_age=days / customers if customers else 1.0,
    )


def possible(x: int, t_x: int, T: int) -> bool:
    """Can there be such a customer?

    >>> possible(0, 0, 1), possible(2, 30, 30), possible(2, 31, 30), possible(2, 0, 30)
    (True, True, False, False)
    """
    if x < 0 or not 1 <= T <= _MASK:
        return False
    return 0 < t_x <= T if x else t_x == 0


def _group(x: int, counted: Counted) -> Group:
    """The customers of one x from their (t_x, T), which stand in one number each."""
    ages: dict[int, float] = defaultdict(float)
    for number, weight in zip(counted.numbers, counted.weights, strict=True):
        ages[number & _MASK] += weight
    rows = counted if x else Counted("q")
    return Group(
        x=x,
        ages=dict(ages),
        t_x=array("i", (number >> _BITS for number in rows.numbers)),
        T=array("i", (number & _MASK for number in rows.numbers)),
        weight=rows.weights,
    )


def _thinned(group: Group, stride: int) -> Group:
    """Every stride-th row of one group, as heavy together as the whole group."""
    part = slice(min(stride // 2, max(len(group.T) - 1, 0)), None, stride)
    weight = group.weight[part]
    if not weight:
        return group
    more = sum(group.weight) / sum(weight)
    weight = array("d", [more * one for one in weight])
    return Group(group.x, group.ages, group.t_x[part], group.T[part], weight)


def slope_of(table: Table) -> Slope:
    """The log-likelihood of a table as a function of the four logarithms."""
    longest = max(T for group in table.groups for T in group.ages)

    def slope(point: Vector) -> tuple[float, Vector, Matrix]:
        r, alpha, a, b = map(exp, point)
        four = (r, alpha * table.mean_age, a, b)
        days = (
            [log(four[1] + day) for day in range(longest + 1)],
            [1.0 / (four[1] + day) for day in range(longest + 1)],
        )
        sums = _Sums()
        for group in table.groups:
            sums.add_counts(group, four, days)
            if group.x:
                sums.add_softplus(group, four, _softplus_sums(group, four, days))
        return sums.value, *in_logarithms(four, sums.gradient, sums.hessian)

    return slope


class _Sums:
    """Value, gradient and Hessian by r, alpha, a, b, summed up group by group."""

    def __init__(self):
        self.value = 0.0
        self.gradient = [0.0] * 4
        self.hessian = [[0.0] * 4 for _ in range(4)]

    def add_counts(self, group: Group, four: Four, days: Days) -> None:
        """Everything but the softplus."""
        (r, alpha, a, b), x, (logs, parts) = four, group.x, days
        n = logs_T = parts_T = squares_T = 0.0
        for T, weight in group.ages.items():
            n += weight
            logs_T += weight * logs[T]
            parts_T += weight * parts[T]
            squares_T += weight * parts[T] * parts[T]
        self.value += n * (
            lgamma(r + x) - lgamma(r) + r * log(alpha)
            + lgamma(a + b) + lgamma(b + x) - lgamma(b) - lgamma(a + b + x)
        ) - (r + x) * logs_T
        both = n * (digamma(a + b) - digamma(a + b + x))
        self.gradient[0] += n * (digamma(r + x) - digamma(r) + log(alpha)) - logs_T
        self.gradient[1] += n * r / alpha - (r + x) * parts_T
        self.gradient[2] += both
        self.gradient[3] += both + n * (digamma(b + x) - digamma(b))
        both = n * (trigamma(a + b) - trigamma(a + b + x))
        hessian = self.hessian
        hessian[0][0] += n * (trigamma(r + x) - trigamma(r))
        hessian[0][1] += n / alpha - parts_T
        hessian[1][1] += (r + x) * squares_T - n * r / alpha**2
        hessian[2][2] += both
        hessian[2][3] += both
        hessian[3][3] += both + n * (trigamma(b + x) - trigamma(b))

    def add_softplus(self, group: Group, four: Four, sums: tuple[float, ...]) -> None:
        """Σ s(d): its slope is Σ q ∇d, its curvature Σ q(1-q) ∇d ∇dᵀ + Σ q ∇²d."""
        value, q, qd, qg, qgg, c, cd, cg, cdd, cdg, cgg = sums
        s, by_a, by_b = four[0] + group.x, 1.0 / four[2], 1.0 / (four[3] + group.x - 1)
        self.value += value
        self.gradient[0] += qd
        self.gradient[1] -= s * qg
        self.gradient[2] += by_a * q
        self.gradient[3] -= by_b * q
        hessian = self.hessian
        hessian[0][0] += cdd
        hessian[0][1] -= s * cdg + qg
        hessian[0][2] += by_a * cd
        hessian[0][3] -= by_b * cd
        hessian[1][1] += s * s * cgg + s * qgg
        hessian[1][2] -= s * by_a * cg
        hessian[1][3] += s * by_b * cg
        hessian[2][2] += by_a * by_a * (c - q)
        hessian[2][3] -= by_a * by_b * c
        hessian[3][3] += by_b * by_b * (c + q)


def _softplus_sums(group: Group, four: Four, days: Days) -> tuple[float, ...]:
    """Over the rows of a group, by weight: Σ s(d), with q = s'(d) = 1 - P(alive), c = q(1-q),
    D = ln(alpha+T) - ln(alpha+t_x), G = g(t_x) - g(T) where g(day) = 1/(alpha+day), and
    S = g(t_x) + g(T): Σ q, qD, qG, qGS, c, cD, cG, cD², cDG, cG².
    This loop is where the time goes: it is one loop on purpose."""
    logs, parts = days
    s = four[0] + group.x
    base = log(four[2]) - log(four[3] + group.x - 1)
    value = sq = sqd = sqg = sqgg = sc = scd = scg = scdd = scdg = scgg = 0.0
    for t_x, T, weight in zip(group.t_x, group.T, group.weight, strict=True):
        D = logs[T] - logs[t_x]
        d = base + s * D
        if d > 0.0:
            e = exp(-d)
            q = weight / (1.0 + e)
            c = q * e / (1.0 + e)
            value += weight * (d + log1p(e))
        else:
            e = exp(d)
            q = weight * e / (1.0 + e)
            c = q / (1.0 + e)
            value += weight * log1p(e)
        near, far = parts[t_x], parts[T]
        G = near - far
        cd, cg = c * D, c * G
        sq += q
        sqd += q * D
        sqg += q * G
        sqgg += q * G * (near + far)
        sc += c
        scd += cd
        scg += cg
        scdd += cd * D
        scdg += cd * G
        scgg += cg * G
    return value, sq, sqd, sqg, sqgg, sc, scd, scg, scdd, scdg, scgg
