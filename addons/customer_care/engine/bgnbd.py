"""How many purchases are still to come: the BG/NBD model of customers without a contract.

Source: Fader, Hardie and Lee (2005), "Counting your customers the easy way: an alternative to the
Pareto/NBD model", Marketing Science 24(2). A customer buys at random with a rate of his own
(gamma distributed: r, alpha) and after each purchase leaves for good with a probability of his
own (beta distributed: a, b).

Time is in days. Of each customer three numbers matter:
x: repeat purchase days (the first purchase is none), t_x: last minus first purchase,
T: the moment of looking minus the first purchase (at least 1).
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import copysign, exp, expm1, log, log1p, sqrt

from .bgnbd_likelihood import Table, collapse, slope_of
from .newton import Top, maximise

#: Logarithms of the parameters (alpha in mean T) are looked for within ± this.
BOUND = 12.0
#: Where the search starts (r, alpha in mean T, a, b): quick leavers, slow leavers, regular buyers.
STARTS = ((0.5, 0.5, 1.0, 2.0), (1.0, 1.0, 0.5, 10.0), (5.0, 0.5, 2.0, 5.0))
#: So many distinct rows are enough to find the neighbourhood of the top.
SAMPLE = 20_000

EMPTY = "empty"
NO_REPEAT = "no_repeat"
NOT_CONVERGED = "not_converged"
NO_DROPOUT = "no_dropout"
SAME_DROPOUT = "same_dropout"

#: Mean probability to leave after a purchase below which nobody seems to leave.
LEAST_DROPOUT = 0.001
#: a + b above which all customers leave alike (the probabilities differ by < 3.6 points).
MOST_ALIKE = 200.0


@dataclass(frozen=True)
class Params:
    """What the customers of a company have in common; `alpha` in days."""

    r: float
    alpha: float
    a: float
    b: float

    @property
    def dropout(self) -> float:
        """Mean probability to leave after a purchase = a / (a + b)."""
        return self.a / (self.a + self.b)


@dataclass(frozen=True)
class Fit:
    """The parameters that explain the customers best, and what they rest on.

    params: None where there is nothing to fit, see `reason`
    log_likelihood: of the customers that were used, time in days
    customers, repeaters: used, and those of them with a repeat purchase (sums of weights)
    rows: distinct (x, t_x, T)
    dropped: customers whose numbers are impossible
    passes: how often all rows were read for it
    reason: "" or why there are no parameters, or why they cannot be trusted
    """

    params: Params | None
    log_likelihood: float
    customers: int
    rows: int
    dropped: int
    converged: bool
    repeaters: int = 0
    passes: int = 0
    reason: str = ""

    @property
    def alive_reason(self) -> str:
        """Why P(alive) must not be shown, "" when it may.

        >>> Fit(Params(1, 90, 1, 5000), -1, 9, 9, 0, True).alive_reason
        'no_dropout'
        >>> Fit(Params(1, 90, 100, 500), -1, 9, 9, 0, True).alive_reason
        'same_dropout'
        """
        if self.params is None:
            return self.reason
        if self.params.dropout < LEAST_DROPOUT:
            return NO_DROPOUT
        return SAME_DROPOUT if self.params.a + self.params.b > MOST_ALIKE else ""


def fit(rows: Iterable[tuple[int, int, int, int]]) -> Fit:
    """Maximum likelihood over rows of (x, t_x, T, how many customers are like that).

    Equal rows are collapsed. The search starts on a systematic sample when there are many
    distinct rows (every n-th in the order of x, t_x, T: no chance in it); the last steps, and the
    result, rest on all rows. No penaliser. Impossible rows (t_x > T, a repeat purchase on day 0,
    negative numbers) are dropped and counted.

    >>> found = fit([(0, 0, 90, 60), (1, 20, 90, 20), (3, 60, 90, 15), (6, 85, 90, 5)])
    >>> found.converged, found.customers, found.repeaters, found.rows
    (True, 100, 40, 4)
    >>> fit([(0, 0, 90, 60)]).reason
    'no_repeat'
    """
    table = collapse(rows)
    if not table.customers or not table.repeaters:
        reason = NO_REPEAT if table.customers else EMPTY
        return _result(table, None, 0, reason)
    top, passes = _search(table)
    return _result(table, top, passes, "" if top.converged else NOT_CONVERGED)


def _search(table: Table) -> tuple[Top, int]:
    """The top of the likelihood, and the passes through all rows that it took to find it."""
    sample = table.sample(SAMPLE)
    begin = max(
        (maximise(slope_of(sample), list(map(log, start)), BOUND) for start in STARTS),
        key=lambda top: top.value,
    )
    if sample is table:
        return begin, begin.evaluations
    top = maximise(slope_of(table), begin.point, BOUND)
    return top, top.evaluations


def _result(table: Table, top: Top | None, passes: int, reason: str) -> Fit:
    params = None
    if top:
        r, alpha, a, b = map(exp, top.point)
        params = Params(r, alpha * table.mean_age, a, b)
    return Fit(
        params=params,
        log_likelihood=top.value if top else 0.0,
        customers=table.customers,
        rows=table.rows,
        dropped=table.dropped,
        converged=bool(top and top.converged),
        repeaters=table.repeaters,
        passes=passes,
        reason=reason,
    )


def p_alive(params: Params, x: int, t_x: int, T: int) -> float:
    """Probability that the customer has not left for good
    = 1 / (1 + [x > 0] a/(b+x-1) ((alpha+T)/(alpha+t_x))^(r+x)).

    It is 1 for everybody without a repeat purchase: nobody leaves before one. It is therefore no
    test of churn. Times before the first purchase count as 0, a purchase after T as one at T; where
    a is 0 nobody ever leaves.

    >>> cdnow = Params(0.243, 4.414 * 7, 0.793, 2.426)
    >>> round(p_alive(cdnow, 2, 213, 272), 3)
    0.727
    >>> p_alive(cdnow, 0, 0, 272), p_alive(Params(0.2, 1.0, 0.0, 2.0), 2, 213, 272)
    (1.0, 1.0)
    >>> p_alive(cdnow, 1, 50, -90) == p_alive(cdnow, 1, 50, 50)
    True
    """
    if x <= 0 or params.a <= 0:
        return 1.0
    t_x = max(t_x, 0)
    T = max(T, t_x)
    odds = log(params.a / (params.b + x - 1)) + (params.r + x) * log(
        (params.alpha + T) / (params.alpha + t_x)
    )
    return 1.0 / (1.0 + exp(odds)) if odds < 700 else 0.0


def expected_purchases(params: Params, t: float, x: int, t_x: int, T: int) -> float:
    """Purchases to be expected in the next `t` days = P(alive) · E[Y(t) | alive].

    >>> cdnow = Params(0.243, 4.414 * 7, 0.793, 2.426)
    >>> round(expected_purchases(cdnow, 39 * 7, 2, 213, 272), 3)  # published: 1.226
    1.226
    """
    return p_alive(params, x, t_x, T) * purchases_alive(params, t, x, max(T, t_x, 0))


def expected_new(params: Params, t: float) -> float:
    """Repeat purchases to be expected of a new customer in his first `t` days.

    >>> cdnow = Params(0.243, 4.414 * 7, 0.793, 2.426)
    >>> round(expected_new(cdnow, 39 * 7), 3)
    1.197
    """
    return purchases_alive(params, t, 0, 0)


def p_no_purchase(params: Params, t: float, x: int, t_x: int, T: int) -> float:
    """Probability that the customer buys nothing in the next `t` days
    = 1 - P(alive) (1 - ((alpha+T)/(alpha+T+t))^(r+x)).

    >>> cdnow = Params(0.243, 4.414 * 7, 0.793, 2.426)
    >>> round(p_no_purchase(cdnow, 90, 0, 0, 30), 2), p_no_purchase(cdnow, 0, 2, 213, 272)
    (0.8, 1.0)
    """
    quiet = exp(-(params.r + x) * log1p(max(t, 0) / (params.alpha + max(T, t_x, 0))))
    return 1.0 - p_alive(params, x, t_x, T) * (1.0 - quiet)


@lru_cache(maxsize=32768)
def purchases_alive(params: Params, t: float, x: int, T: int) -> float:
    """Purchases to be expected in the next `t` days of a customer who has not left
    = (a+b+x-1)/(a-1) [1 - (1-z)^(a-1) ₂F₁(a+b-1-r, a-1; a+b+x-1; z)], z = t/(alpha+T+t).

    That is Euler's form of the paper's (1-z)^(r+x) ₂F₁(r+x, b+x; a+b+x-1; z), which takes its place
    where Euler's terms would cancel each other. Where a is large the probabilities to leave lie
    close together: two of them (mean ± one standard deviation) stand for all. The removable gaps
    at a = 1 and a + b + x = 1 are stepped over. Many customers share (x, T): answers are kept.

    >>> round(purchases_alive(Params(2.0, 100.0, 1e-5, 1e5), 50.0, 3, 400), 4)  # (r+x) t/(alpha+T)
    0.5
    """
    if t <= 0:
        return 0.0
    r, a, b = params.r, params.a, params.b
    if a > 300.0:
        return _two_points(params, t, x, T)
    a += 1e-6 if abs(a - 1.0) < 1e-6 else 0.0
    c = a + b + x - 1.0
    c += 1e-6 if abs(c) < 1e-6 else 0.0
    span = params.alpha + T + t
    if r + x > c:
        power, (sign, size) = r + x, _hypergeometric(r + x, b + x, c, t / span)
    else:
        power, (sign, size) = a - 1.0, _hypergeometric(c - r - x, a - 1.0, c, t / span)
    size -= power * log1p(t / (params.alpha + T))
    if size < 0.5 and sign > 0:
        return -c / (a - 1.0) * expm1(size)
    return c / (a - 1.0) * (1.0 - sign * exp(size))


def _hypergeometric(a: float, b: float, c: float, z: float) -> tuple[float, float]:
    """Sign and logarithm of ₂F₁(a, b; c; z) for 0 <= z < 1, by its series.

    >>> sign, size = _hypergeometric(1.0, 1.0, 2.0, 0.5)  # -ln(1-z)/z
    >>> round(sign * exp(size), 12)
    1.38629436112
    """
    term = total = 1.0
    scale = 0.0
    for n in range(1_000_000):
        term *= (a + n) * (b + n) / ((c + n) * (n + 1.0)) * z
        total += term
        if abs(term) <= 1e-16 * abs(total):
            break
        if abs(total) > 1e200:
            term, total, scale = term * 1e-200, total * 1e-200, scale + 200 * log(10)
    return copysign(1.0, total), log(abs(total)) + scale


def _two_points(params: Params, t: float, x: int, T: int) -> float:
    """E[Y(t) | alive] where all leave alike: the mean of (1 - (1 + q t/(alpha+T))^-(r+x)) / q at
    the two probabilities q that have the mean and the deviation of the beta (a, b + x)."""
    size = params.a + params.b + x
    mean = params.a / size
    deviation = sqrt(mean * (1.0 - mean) / (size + 1.0))
    share = t / (params.alpha + T)
    return sum(
        -expm1(-(params.r + x) * log1p(q * share)) / q
        for q in (mean - deviation, mean + deviation)
    ) / 2
