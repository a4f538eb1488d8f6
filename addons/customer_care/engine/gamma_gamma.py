"""What a customer's purchases are worth: the gamma-gamma model of spend.

Source: Fader and Hardie (2013), "The gamma-gamma model of monetary value"; Fader, Hardie and Lee
(2005), "RFM and CLV". The amounts of a customer vary around his own mean (gamma, shape p), the
means vary between customers (inverse gamma: q, gamma). Few purchases lean on everybody's mean,
many speak for themselves. The model holds where amounts do not depend on how often one buys.

Of each customer two numbers matter: x, his purchases including the first, and m, the mean value
of a purchase in the company's currency.
"""
from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, replace
from heapq import merge
from math import exp, inf, isfinite, lgamma, log, sqrt
from operator import mul

from .counted import Counted
from .newton import Matrix, Slope, Top, Vector, in_logarithms, maximise
from .special import digamma, trigamma

#: Logarithms of p, q and gamma (in mean values) are looked for within ± this.
BOUND = 12.0
#: Where the search starts: p, q, gamma in mean values.
STARTS = ((1.0, 2.0, 1.0), (6.0, 4.0, 0.5), (0.3, 3.0, 5.0))
#: So many distinct rows are enough to find the neighbourhood of the top.
SAMPLE = 20_000
#: Up to this q the mean of all customers is (nearly) infinite: the formula is not to be used.
LEAST_Q = 1.05
#: Purchases worth the median that are mixed into a customer's own mean where the model is not
#: to be used.
WEIGHT = 2.0
#: |correlation| of number and value of purchases above which the model's premise is in doubt.
MOST_CORRELATION = 0.3

EMPTY = "empty"
NO_MONEY = "no_money"
NO_REPEAT = "no_repeat"
SAME_VALUE = "same_value"
HEAVY_TAIL = "heavy_tail"
NOT_CONVERGED = "not_converged"
CORRELATED = "correlated"


@dataclass(frozen=True)
class Params:
    """What the customers' spend has in common; `gamma` and `median` (of the customers' means) in
    the company's currency."""

    p: float
    q: float
    gamma: float
    median: float = 0.0


@dataclass(frozen=True)
class Fit:
    """The parameters that explain the values best, and what they rest on.

    params: None where there is nothing to fit, see `reason`
    log_likelihood: of the customers that were used, money in the company's currency
    customers, repeaters: used, and those of them with two or more purchases (sums of weights)
    rows: distinct (x, m)
    dropped: customers whose mean value is not above zero, or without a purchase
    median: of the mean values, what a customer of whom nothing is known is worth
    correlation: of x and m, None where one of them does not vary
    reason: "" or why there are no parameters, or why they are not used
    """

    params: Params | None
    log_likelihood: float
    customers: int
    rows: int
    dropped: int
    converged: bool
    repeaters: int = 0
    median: float = 0.0
    correlation: float | None = None
    reason: str = ""

    @property
    def warning(self) -> str:
        """"correlated" where frequent buyers spend otherwise than rare ones, else ""."""
        return CORRELATED if abs(self.correlation or 0.0) > MOST_CORRELATION else ""

    def value(self, x: int, m: float) -> float:
        """Expected value of a customer's next purchase, by the model or by its fall-back.

        >>> fit([(1, 20.0, 5), (3, 20.0, 5)]).value(3, 20.0)
        20.0
        """
        if self.params:
            return expected_value(self.params, x, m)
        return shrunk(self.median, x, m)


@dataclass
class _Table:
    """The customers by number of purchases: (x, mean values in units of `scale`, weights)."""

    groups: list[tuple[int, array, array]]
    customers: int
    repeaters: int
    rows: int
    dropped: int
    scale: float
    median: float
    correlation: float | None

    def sample(self, most: int) -> _Table:
        """Every n-th row in the order of x and m, so that about `most` are left."""
        stride = self.rows // most
        if stride < 2:
            return self
        picked = slice(stride // 2, None, stride)
        groups = [
            (x, values[picked], weights[picked]) if len(values) > stride else (x, values, weights)
            for x, values, weights in self.groups
        ]
        return replace(self, groups=groups)


def fit(rows: Iterable[tuple[int, float, int]]) -> Fit:
    """Maximum likelihood over rows of (purchases incl. the first, mean value, how many are so).

    ll of a customer = lnΓ(px+q) - lnΓ(px) - lnΓ(q) + q ln gamma + (px-1) ln m + px ln x
    - (px+q) ln(gamma + x m). Equal rows are collapsed; with many the search starts on every n-th
    row and ends on all. Values that are zero or negative are dropped and counted.

    >>> found = fit([(1, 9.0, 30), (1, 21.0, 20), (2, 14.0, 20), (3, 30.0, 10), (5, 11.0, 20)])
    >>> found.converged, found.customers, found.repeaters, found.median
    (True, 100, 50, 11.0)
    >>> fit([(3, 20.0, 50)]).reason, fit([(3, -20.0, 50)]).reason
    ('same_value', 'no_money')
    """
    table = _collapse(rows)
    reason = _refusal(table)
    if reason:
        return _result(table, None, reason)
    sample = table.sample(SAMPLE)
    top = max(
        (maximise(_slope_of(sample), list(map(log, start)), BOUND) for start in STARTS),
        key=lambda found: found.value,
    )
    if sample is not table:
        top = maximise(_slope_of(table), top.point, BOUND)
    reason = "" if top.converged else NOT_CONVERGED
    return _result(table, top, HEAVY_TAIL if exp(top.point[1]) <= LEAST_Q else reason)


def expected_value(params: Params, x: int, m: float) -> float:
    """Expected value of a purchase = (gamma p + x m p) / (p x + q - 1); of a customer without
    purchases (x = 0) the mean of all. With q <= 1.05 the own mean, shrunk to the median. A mean
    below zero (more was given back than bought) counts as zero.

    >>> cdnow = Params(6.25, 3.74, 15.44)
    >>> round(expected_value(cdnow, 0, 0.0), 1), round(expected_value(cdnow, 2, 22.35), 2)
    (35.2, 24.66)
    """
    if params.q <= LEAST_Q:
        return shrunk(params.median, x, m)
    return params.p * (params.gamma + x * max(m, 0.0)) / (params.p * x + params.q - 1.0)


def shrunk(median: float, x: int, m: float) -> float:
    """A customer's own mean and two purchases worth the median: (2 median + x m) / (2 + x).

    >>> shrunk(30.0, 2, 50.0), shrunk(30.0, 0, 0.0)
    (40.0, 30.0)
    """
    return (WEIGHT * median + x * max(m, 0.0)) / (WEIGHT + x)


def _refusal(table: _Table) -> str:
    """Why nothing can be fitted, "" when it can."""
    if not table.customers:
        return NO_MONEY if table.dropped else EMPTY
    if not table.repeaters:
        return NO_REPEAT
    lowest = min(values[0] for _x, values, _weights in table.groups)
    highest = max(values[-1] for _x, values, _weights in table.groups)
    return SAME_VALUE if highest - lowest <= 1e-9 * highest else ""


def _result(table: _Table, top: Top | None, reason: str) -> Fit:
    params, value = None, 0.0
    if top:
        p, q, gamma = map(exp, top.point)
        params = Params(p, q, gamma * table.scale, table.median)
        value = top.value - table.customers * log(table.scale)
    return Fit(
        params=params,
        log_likelihood=value,
        customers=table.customers,
        rows=table.rows,
        dropped=table.dropped,
        converged=bool(top and top.converged),
        repeaters=table.repeaters,
        median=table.median,
        correlation=table.correlation,
        reason=reason,
    )


def _collapse(rows: Iterable[tuple[int, float, int]]) -> _Table:
    """Count equal customers, drop what has no value, and measure the values once. Rows in the
    order of x and m spare the memory to sort them."""
    found: dict[int, Counted] = {}
    customers = dropped = 0
    for x, m, weight in rows:
        if x > 0 and isfinite(m) and m > 0 and weight > 0:
            if x not in found:
                found[x] = Counted("d")
            found[x].add(m, weight)
            customers += weight
        else:
            dropped += max(weight, 1)
    by_x = {x: found.pop(x).in_order() for x in sorted(found)}
    money = sum(sum(map(mul, one.numbers, one.weights)) for one in by_x.values())
    scale = money / customers if customers else 1.0
    groups = [
        (x, array("d", (m / scale for m in one.numbers)), one.weights) for x, one in by_x.items()
    ]
    return _Table(
        groups=groups,
        customers=customers,
        repeaters=int(sum(sum(weights) for x, _values, weights in groups if x > 1)),
        rows=sum(len(values) for _x, values, _weights in groups),
        dropped=dropped,
        scale=scale,
        median=_median(by_x.values(), customers),
        correlation=_correlation(groups, customers),
    )


def _median(counted: Iterable[Counted], customers: int) -> float:
    """The value that half of the customers do not exceed; 0 when there is nobody."""
    left = customers / 2
    for m, weight in merge(*(zip(one.numbers, one.weights, strict=True) for one in counted)):
        left -= weight
        if left <= 0:
            return m
    return 0.0


def _correlation(groups: list[tuple[int, array, array]], customers: int) -> float | None:
    """Pearson's correlation of x and m over the customers."""
    if not customers:
        return None
    mean_x = sum(x * sum(weights) for x, _values, weights in groups) / customers
    xx = mm = xm = 0.0
    for x, values, weights in groups:
        off = x - mean_x
        for m, weight in zip(values, weights, strict=True):
            xm += weight * off * (m - 1.0)  # the mean of the scaled values is 1
            mm += weight * (m - 1.0) ** 2
        xx += off * off * sum(weights)
    return xm / sqrt(xx * mm) if xx > 1e-9 and mm > 1e-9 else None


def _logs(values: array, weights: array) -> float:
    """Σ ln m over the customers of a group."""
    return sum(weight * log(m) for m, weight in zip(values, weights, strict=True))


def _slope_of(table: _Table) -> Slope:
    """The log-likelihood of a table as a function of the logarithms of p, q and gamma."""
    known = [(*group, sum(group[2]), _logs(*group[1:])) for group in table.groups]

    def slope(point: Vector) -> tuple[float, Vector, Matrix]:
        three = p, q, gamma = tuple(map(exp, point))
        value, gradient, hessian = 0.0, [0.0] * 3, [[0.0] * 3 for _ in range(3)]
        for x, values, weights, n, logs_m in known:
            logs = parts = squares = 0.0
            for m, weight in zip(values, weights, strict=True):
                part = 1.0 / (gamma + x * m)
                logs -= weight * log(part)
                parts += weight * part
                squares += weight * part * part
            px, u = p * x, p * x + q
            value += n * (lgamma(u) - lgamma(px) - lgamma(q) + q * log(gamma) + px * log(x))
            value += (px - 1.0) * logs_m - u * logs
            gradient[0] += x * (n * (digamma(u) - digamma(px) + log(x)) + logs_m - logs)
            gradient[1] += n * (digamma(u) - digamma(q) + log(gamma)) - logs
            gradient[2] += n * q / gamma - u * parts
            hessian[0][0] += x * x * n * (trigamma(u) - trigamma(px))
            hessian[0][1] += x * n * trigamma(u)
            hessian[0][2] -= x * parts
            hessian[1][1] += n * (trigamma(u) - trigamma(q))
            hessian[1][2] += n / gamma - parts
            hessian[2][2] += u * squares - n * q / gamma**2
        return value if isfinite(value) else -inf, *in_logarithms(three, gradient, hessian)

    return slope
