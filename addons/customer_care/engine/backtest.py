"""How good were the forecasts? What was foreseen at an earlier day against what happened since.

A forecast earns its place by beating what costs nothing: "the last period repeats itself" and
"everybody buys at the mean rate". Errors are in purchases per customer and period. Source for the
picture by number of purchases: Fader, Hardie and Lee (2005), figure 4.
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite, sqrt
from typing import NamedTuple

from . import bgnbd

#: Below so many repeat buyers, or customers, nothing is forecast.
LEAST_REPEATERS = 50
LEAST_CUSTOMERS = 100
#: Below so many repeat buyers a forecast is only indicative.
SURE_REPEATERS = 100
#: Share by which the sum of forecasts may miss the sum of purchases.
MOST_TOTAL_ERROR = 0.25
#: Share of the customers that the top of the ranking holds.
TOP = 0.1
BINS = 10
#: Forecasts that agree to so many decimals stand at one place of the ranking: a million customers
#: come down to some ten thousand places.
ALIKE = 4
#: From this number of repeat purchases on, customers stand in one line of the picture.
MOST_PURCHASES = 7

GOOD, INDICATIVE, FALL_BACK, REFUSED = "good", "indicative", "fall_back", "refused"
EMPTY = "empty"
NO_PURCHASES = "no_purchases"
FEW_CUSTOMERS = "few_customers"
FEW_REPEATERS = "few_repeaters"
NO_FIT = "no_fit"
NO_BACKTEST = "no_backtest"
NOT_BETTER = "not_better"
TOTAL_OFF = "total_off"


class Outcome(NamedTuple):
    """Customers alike: known at the cut, foreseen for the period after it, and what came, of each.

    x: repeat purchases before the cut; T: days since the first purchase, at the cut;
    before: repeat purchases in the period of the same length right before the cut
    """

    x: int
    T: int
    before: float
    forecast: float
    actual: float
    customers: int = 1


@dataclass(frozen=True)
class Errors:
    """How far a way to forecast was off.

    rmse: root of the mean squared error; mae: mean absolute error (0 for all can win it: most
    customers buy nothing); total: (sum foreseen - sum bought) / sum bought, None if none bought
    """

    rmse: float
    mae: float
    total: float | None


@dataclass(frozen=True)
class Bin:
    """Customers who were foreseen alike: mean forecast beside mean purchases. `lowest` and
    `highest` bound what they have in common: the forecast, or the number of purchases."""

    lowest: float
    highest: float
    customers: int
    forecast: float
    actual: float


@dataclass(frozen=True)
class Report:
    """One backtest.

    errors, naive_repeat, naive_mean: of the model, of "the last period repeats itself", of
    "everybody at the mean rate" (horizon · sum of x / sum of T)
    bins: about ten equal parts by forecast, equal forecasts (see ALIKE) never parted, lowest first
    by_purchases: the customers with 0, 1, 2, … 7 and more repeat purchases before the cut
    gini: 0 a ranking by chance, 1 the best possible ranking; top_decile: share of the purchases
    made by the 10 % of customers who were foreseen to buy most. Equal forecasts count with
    their mean. None where nobody bought.
    reason: "" or why there is nothing to judge
    """

    customers: int = 0
    repeaters: int = 0
    forecast: float = 0.0
    actual: float = 0.0
    errors: Errors | None = None
    naive_repeat: Errors | None = None
    naive_mean: Errors | None = None
    bins: tuple[Bin, ...] = ()
    by_purchases: tuple[Bin, ...] = ()
    gini: float | None = None
    top_decile: float | None = None
    skipped: int = 0
    reason: str = ""

    @property
    def rmse(self) -> float | None:
        return self.errors and self.errors.rmse

    @property
    def mae(self) -> float | None:
        return self.errors and self.errors.mae

    @property
    def total_error(self) -> float | None:
        return self.errors and self.errors.total

    @property
    def naive_rmse(self) -> float | None:
        """Of the better naive way."""
        return self.errors and min(self.naive_repeat.rmse, self.naive_mean.rmse)

    @property
    def beats_naive(self) -> bool:
        return bool(self.errors) and self.errors.rmse < self.naive_rmse


@dataclass(frozen=True)
class Verdict:
    """What may be shown: forecasts as "good" or "indicative", or revenue so far ("fall_back",
    "refused"). `reasons` are the constants of this module, the first is the one to tell;
    `alive_reason` says why P(alive) is to be hidden, "" when it may be shown."""

    level: str
    reasons: tuple[str, ...] = ()
    alive_reason: str = ""

    @property
    def usable(self) -> bool:
        return self.level in (GOOD, INDICATIVE)


def evaluate(rows: Iterable[Outcome], horizon: float) -> Report:
    """Hold forecasts for `horizon` days against what happened. Rows whose forecast is no number
    are left out and counted.

    >>> rows = [Outcome(4, 80, 4, 3.0, 4), Outcome(1, 80, 0, 1.0, 0), Outcome(0, 80, 1, 0.5, 1)]
    >>> report = evaluate(rows, 40)
    >>> round(report.rmse, 4), round(report.mae, 4), report.total_error
    (0.866, 0.8333, -0.1)
    >>> evaluate([], 40).reason
    'empty'
    """
    tally = Tally()
    for row in rows:
        tally.add(row)
    return tally.report(horizon)


class Tally:
    """Sums over the customers, and purchases by forecast: equal forecasts become one entry."""

    def __init__(self):
        self.model = _Misses()
        self.repeat = _Misses()
        self.actuals: dict[float, int] = {}
        self.foreseen: dict[float, list[float]] = {}
        self.purchases: dict[int, list[float]] = {}
        self.repeaters = self.x = self.days = self.skipped = 0

    def add(self, row: Outcome) -> None:
        n, forecast, actual = row.customers, row.forecast, row.actual
        if not isfinite(forecast):
            self.skipped += n
            return
        self.model.add(forecast, actual, n)
        self.repeat.add(row.before, actual, n)
        self.repeaters += n * (row.x > 0)
        self.x += n * row.x
        self.days += n * row.T
        self.actuals[actual] = self.actuals.get(actual, 0) + n
        _count(self.foreseen, round(forecast, ALIKE), row)
        _count(self.purchases, min(row.x, MOST_PURCHASES), row)

    def report(self, horizon: float) -> Report:
        n = self.model.customers
        if not n:
            return Report(skipped=self.skipped, reason=EMPTY)
        mean = _Misses()
        rate = horizon * self.x / self.days if self.days else 0.0
        for actual, customers in self.actuals.items():
            mean.add(rate, actual, customers)
        ranking = sorted(self.foreseen.items(), reverse=True)
        best = sorted(((a, [c, a * c, a * c]) for a, c in self.actuals.items()), reverse=True)
        bought = self.model.actual > 0
        perfect = concentration(best) if bought else 0.0
        return Report(
            customers=n,
            repeaters=self.repeaters,
            forecast=self.model.forecast,
            actual=self.model.actual,
            errors=self.model.errors(),
            naive_repeat=self.repeat.errors(),
            naive_mean=mean.errors(),
            bins=tuple(_bins(ranking[::-1], n)),
            by_purchases=tuple(
                Bin(x, x, *_means(sums)) for x, sums in sorted(self.purchases.items())
            ),
            gini=concentration(ranking) / perfect if perfect > 0 else None,
            top_decile=_held(ranking, TOP * n) / self.model.actual if bought else None,
            skipped=self.skipped,
            reason="" if bought else NO_PURCHASES,
        )


class _Misses:
    """Sums of one way to forecast."""

    def __init__(self):
        self.customers = 0
        self.forecast = self.actual = self.squares = self.absolute = 0.0

    def add(self, forecast: float, actual: float, customers: int = 1) -> None:
        miss = forecast - actual
        self.customers += customers
        self.forecast += forecast * customers
        self.actual += actual * customers
        self.squares += miss * miss * customers
        self.absolute += abs(miss) * customers

    def errors(self) -> Errors:
        n, sold = self.customers, self.actual
        return Errors(
            rmse=sqrt(self.squares / n),
            mae=self.absolute / n,
            total=(self.forecast - sold) / sold if sold > 0 else None,
        )


#: what customers have in common -> customers, sum of forecasts, sum of purchases
Groups = list[tuple[float, list[float]]]


def _count(groups: dict, key: float, row: Outcome) -> None:
    sums = groups.setdefault(key, [0, 0.0, 0.0])
    sums[0] += row.customers
    sums[1] += row.customers * row.forecast
    sums[2] += row.customers * row.actual


def _means(sums: list[float]) -> tuple[int, float, float]:
    customers, forecast, actual = sums
    return customers, forecast / customers, actual / customers


def concentration(ranking: Groups) -> float:
    """Twice the area between the purchases held by the first customers of a ranking and an even
    spread: 0 for a ranking by chance. Inside a group of equals the line is straight.

    >>> concentration([(2, [1, 2, 4]), (1, [3, 3, 0])])  # a quarter of the customers holds all
    0.75
    """
    customers = sum(sums[0] for _key, sums in ranking)
    total = sum(sums[2] for _key, sums in ranking)
    held = area = 0.0
    for _key, (n, _forecast, actual) in ranking:
        area += n * (held + actual / 2)
        held += actual
    return 2 * area / (customers * total) - 1


def _held(ranking: Groups, customers: float) -> float:
    """Purchases of the first customers of a ranking; of a group that lies across, its share."""
    held = 0.0
    for _key, (n, _forecast, actual) in ranking:
        if n >= customers:
            return held + actual * customers / n
        held += actual
        customers -= n
    return held


def _bins(groups: Groups, customers: int) -> Iterable[Bin]:
    """About BINS equal parts of the groups, none of which is parted."""
    part: Groups = []
    passed = 0
    closed = 0
    for key, sums in groups:
        part.append((key, sums))
        passed += sums[0]
        if passed * BINS >= (closed + 1) * customers:
            closed = passed * BINS // customers
            yield _bin(part)
            part = []
    if part:
        yield _bin(part)


def _bin(part: Groups) -> Bin:
    sums = [sum(sums[i] for _key, sums in part) for i in range(3)]
    return Bin(part[0][0], part[-1][0], *_means(sums))


def verdict(fit: bgnbd.Fit, report: Report | None) -> Verdict:
    """May forecasts be shown? `fit` rests on all of history, `report` is the latest backtest.

    >>> few = bgnbd.fit([(0, 0, 90, 300), (1, 20, 90, 31)])
    >>> verdict(few, None)
    Verdict(level='refused', reasons=('few_repeaters',), alive_reason='few_repeaters')
    """
    lacking = _lacking(fit)
    if lacking:
        return Verdict(REFUSED, lacking, lacking[0])
    doubts = _doubts(report)
    if doubts:
        return Verdict(FALL_BACK, doubts, fit.alive_reason)
    if fit.repeaters < SURE_REPEATERS:
        return Verdict(INDICATIVE, (FEW_REPEATERS,), fit.alive_reason)
    return Verdict(GOOD, (), fit.alive_reason)


def _lacking(fit: bgnbd.Fit) -> tuple[str, ...]:
    """Why there can be no forecast at all."""
    if not fit.customers:
        return (EMPTY,)
    few = [FEW_CUSTOMERS] if fit.customers < LEAST_CUSTOMERS else []
    few += [FEW_REPEATERS] if fit.repeaters < LEAST_REPEATERS else []
    if not few and (fit.params is None or not fit.converged):
        few = [NO_FIT]
    return tuple(few)


def _doubts(report: Report | None) -> tuple[str, ...]:
    """Why forecasts are not to be believed."""
    if report is None or report.reason:
        return (report.reason if report else NO_BACKTEST,)
    doubts = [] if report.beats_naive else [NOT_BETTER]
    if abs(report.total_error) > MOST_TOTAL_ERROR:
        doubts.append(TOTAL_OFF)
    return tuple(doubts)
