"""How many will renew: the shifted beta geometric model of agreements with renewals.

Source: Fader and Hardie (2007), "How to project customer retention"; (2010), "Customer-base
valuation in a contractual setting". At each renewal a customer leaves with a chance of his own,
the same every time; the chances of all follow a beta distribution (alpha, beta). Those with a
high chance go first, so retention seems to rise with age though nobody changes his mind.

A row is (renewals passed, lost, how many): lost at the t-th renewal is (t, True, n), still there
after the s-th (s, False, n). Renewals are the periods of the agreement (mostly years).
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, exp, floor, inf, lgamma

from .newton import Matrix, Slope, Vector, in_logarithms, maximise
from .special import digamma, trigamma

#: Logarithms of alpha and beta are looked for within ± this.
BOUND = 12.0
#: Below so many losses a projection is not to be shown.
LEAST_LOST = 30

EMPTY = "empty"
NONE_LOST = "none_lost"
ALL_AT_ONCE = "all_at_once"
ONE_PERIOD = "one_period"
ALIKE = "alike"
FEW = "few"
NOT_CONVERGED = "not_converged"

#: (losses, renewals passed) -> how many
Counts = dict[tuple[int, int], float]


@dataclass(frozen=True)
class Params:
    """How the chance to leave is spread over customers: its mean is alpha / (alpha + beta)."""

    alpha: float
    beta: float


@dataclass(frozen=True)
class Fit:
    """churn: losses per renewal, whatever the age; the fall-back where `params` is None

    reason: why there are no parameters, or why they should not be relied on; "" when they may
    """

    params: Params | None
    log_likelihood: float
    customers: float
    lost: float
    churn: float | None
    dropped: float
    reason: str


def fit(rows: Iterable[tuple[int, bool, float]]) -> Fit:
    """The most likely alpha and beta.

    >>> fit([(1, True, 5)]).reason, fit([]).reason, fit([(3, False, 5)]).reason
    ('all_at_once', 'empty', 'none_lost')
    >>> found = fit([(1, True, 50), (2, True, 20), (3, True, 10), (3, False, 40)])
    >>> round(found.params.alpha, 2), round(found.params.beta, 2), found.reason
    (0.83, 1.15, '')
    """
    counts, dropped = _collapse(rows)
    customers = sum(counts.values())
    lost = sum(n for (i, _j), n in counts.items() if i)
    chances = sum(n * (i + j) for (i, j), n in counts.items())
    churn = lost / chances if chances else None
    reason = _refusal(counts, lost)
    if reason:
        return Fit(None, 0.0, customers, lost, churn, dropped, reason)
    top = maximise(_slope_of(counts), [0.0, 0.5], BOUND)
    params = Params(*map(exp, top.point))
    if params.alpha + params.beta > 1e4:  # the spread between customers has gone
        return Fit(None, top.value, customers, lost, churn, dropped, ALIKE)
    reason = FEW if lost < LEAST_LOST else "" if top.converged else NOT_CONVERGED
    return Fit(params, top.value, customers, lost, churn, dropped, reason)


def renewals_of(days: int, ended: bool, period: float) -> int:
    """What a lifetime says, in renewals every `period` days: the one at which it was lost, or how
    many it has passed. An end within a twentieth of a period after a renewal was at that renewal
    (years and months are not all of one length); until then a renewal is undecided.

    >>> year = 365.25
    >>> [renewals_of(days, True, year) for days in (30, 365, 366, 400)]
    [1, 1, 1, 2]
    >>> [renewals_of(days, False, year) for days in (30, 366, 400)]
    [0, 0, 1]
    """
    periods = max(days / period - 0.05, 0.0)
    return max(ceil(periods), 1) if ended else floor(periods)


def retention(params: Params, renewal: int) -> float:
    """Part of those there before the `renewal`-th renewal who renew: (beta+t-1) / (alpha+beta+t-1).

    >>> round(retention(Params(0.668, 3.806), 1), 3)
    0.851
    """
    return (params.beta + renewal - 1) / (params.alpha + params.beta + renewal - 1)


def survival(params: Params, renewals: int) -> float:
    """Part still there after so many renewals: B(alpha, beta+t) / B(alpha, beta).

    >>> round(survival(Params(0.668, 3.806), 7), 3)
    0.489
    >>> survival(Params(0.668, 3.806), 0)
    1.0
    """
    alpha, beta = params.alpha, params.beta
    return exp(_log_beta(alpha, beta + renewals) - _log_beta(alpha, beta)) if renewals else 1.0


def expected_renewals(params: Params, passed: int, discount: float = 0.0) -> float:
    """Renewals still to come of a customer who passed so many, the next one not discounted (DERL).

    Σ_{k≥1} S(passed + k) / S(passed) · (1 + discount)^(1-k), discount per period. Without a
    discount it is (beta + passed) / (alpha - 1), and infinite up to alpha = 1.

    >>> expected_renewals(Params(3.0, 4.0), 0)
    2.0
    >>> round(expected_renewals(Params(0.668, 3.806), 0, 0.1), 2)
    5.41
    """
    alpha, beta = params.alpha, params.beta
    if discount <= 0.0:
        return (beta + passed) / (alpha - 1) if alpha > 1 else inf
    total, term, renewal = 0.0, 1.0, passed
    while term > 1e-12 * max(total, 1.0):
        renewal += 1
        term *= retention(params, renewal)
        total += term
        term /= 1 + discount
    return total


def _collapse(rows: Iterable[tuple[int, bool, float]]) -> tuple[Counts, float]:
    """Equal customers together: one loss after t - 1 renewals is (1, t - 1)."""
    counts: Counts = {}
    dropped = 0.0
    for renewals, lost, n in rows:
        if n <= 0 or renewals < (1 if lost else 0):
            dropped += max(n, 0)
            continue
        key = (1, renewals - 1) if lost else (0, renewals)
        counts[key] = counts.get(key, 0) + n
    return counts, dropped


def _refusal(counts: Counts, lost: float) -> str:
    if not counts:
        return EMPTY
    if not lost:
        return NONE_LOST
    if set(counts) == {(1, 0)}:
        return ALL_AT_ONCE
    seen = max(i + j for i, j in counts)
    return ONE_PERIOD if seen < 2 else ""


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _slope_of(counts: Counts) -> Slope:
    """Σ n (lnB(alpha+i, beta+j) - lnB(alpha, beta)) as a function of the two logarithms."""
    total = sum(counts.values())
    terms = [*counts.items(), ((0, 0), -total)]

    def slope(point: Vector) -> tuple[float, Vector, Matrix]:
        alpha, beta = two = tuple(map(exp, point))
        value, gradient, hessian = 0.0, [0.0] * 2, [[0.0] * 2 for _ in range(2)]
        for (i, j), n in terms:
            a, b = alpha + i, beta + j
            both, bend = digamma(a + b), trigamma(a + b)
            value += n * _log_beta(a, b)
            gradient[0] += n * (digamma(a) - both)
            gradient[1] += n * (digamma(b) - both)
            hessian[0][0] += n * (trigamma(a) - bend)
            hessian[0][1] -= n * bend
            hessian[1][1] += n * (trigamma(b) - bend)
        return value, *in_logarithms(two, gradient, hessian)

    return slope
