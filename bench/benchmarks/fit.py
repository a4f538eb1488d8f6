"""P-10: how long it takes to learn how a million customers buy, and how near the truth that is."""

from dataclasses import asdict
from math import sqrt

from bench.data.buyers import Buyers, spend
from bench.harness import Bench, memory_growth

CUSTOMERS = 1_000_000
YEAR = 365
SECONDS, MEGABYTES = 30, 1024
#: How far the expectation of a new customer's first year may lie from the truth, at scale 1. Nobody
#: buys twice on a day here, the model knows no such rule: that alone is one in a hundred.
NEAR = 0.02
MUST = "P-10 1M: <= 30 s, <= 1 GiB, a new customer's year within 2 %"


def run(bench: Bench) -> None:
    """Draw customers with known parameters, find the parameters again, forecast everybody."""
    # The engine can be imported once the addons are on the path, that is with a database open.
    from odoo.addons.customer_care.engine import bgnbd, gamma_gamma

    shops = {
        "quick leavers": bgnbd.Params(0.6, 60.0, 0.8, 4.0),
        "regular buyers": bgnbd.Params(2.0, 120.0, 0.5, 8.0),
    }
    for seed, (shop, truth) in enumerate(shops.items()):
        buyers = Buyers(truth, bench.sized(CUSTOMERS, 10_000), seed)
        found = _fit(bench, shop, bgnbd, buyers, truth)
        _forecast(bench, shop, bgnbd, buyers, found)
    _values(bench, gamma_gamma, buyers)


def _fit(bench: Bench, shop: str, bgnbd, buyers: Buyers, truth):
    with memory_growth() as memory:
        found, spent = _timed(bench, lambda: bgnbd.fit(buyers.rows()))
    year, true_year = (bgnbd.expected_new(params, YEAR) for params in (found.params, truth))
    n = found.customers
    bench.add(
        f"fit: purchases to come, {shop}",
        n,
        spent,
        memory_mb=memory["mb"],
        must=MUST,
        ok=found.converged and spent <= SECONDS and memory["mb"] <= MEGABYTES
        and abs(year / true_year - 1) <= NEAR * max(sqrt(CUSTOMERS / n), 1),
        extra={"rows": found.rows, "passes": found.passes, "year_off_%": _off(year, true_year),
               **_all_off(found.params, truth)},
    )  # fmt: skip
    return found.params


def _forecast(bench: Bench, shop: str, bgnbd, buyers: Buyers, params) -> None:
    def everybody():
        return sum(
            bgnbd.expected_purchases(params, YEAR, x, t_x, T)
            for x, t_x, T, _one in buyers.rows()
        )

    total, spent = _timed(bench, everybody)
    bench.add(f"fit: next year of everybody, {shop}", len(buyers.x), spent,
              extra={"purchases": round(total)})  # fmt: skip


def _values(bench: Bench, gamma_gamma, buyers: Buyers) -> None:
    truth = gamma_gamma.Params(6.0, 4.0, 15.0)
    means = spend(truth, buyers, seed=9)
    rows = ((x + 1, mean, 1) for x, mean in zip(buyers.x, means, strict=True))
    with memory_growth() as memory:
        found, spent = _timed(bench, lambda: gamma_gamma.fit(rows))
    bench.add("fit: value of a purchase", found.customers, spent, memory_mb=memory["mb"],
              must="converged", ok=found.converged,
              extra={"rows": found.rows, **_all_off(found.params, truth)})  # fmt: skip


def _timed(bench: Bench, work) -> tuple:
    """What `work` returns, and the seconds it took."""
    results = []
    spent = bench.timed(lambda: results.append(work()))
    return results[0], spent


def _off(found: float, true: float) -> float:
    return round(100 * (found / true - 1), 2)


def _all_off(found, truth) -> dict[str, float]:
    """Distance of each parameter from the true one, in percent."""
    true = asdict(truth)
    return {
        f"{name}_off_%": _off(value, true[name])
        for name, value in asdict(found).items() if true[name]
    }
