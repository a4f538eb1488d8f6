"""Real purchases: the CDNOW sample as partners and posted invoices, figures checked to the cent.

The file ships inside the `lifetimes` wheel: 6,919 purchases of 2,357 customers, 1997-01-01 to
1998-06-30, in dollars (Fader and Hardie's 1/10 systematic sample). Each line becomes one posted
invoice with its journal items. Most are copies of an invoice that the ORM posted and reach the
figures by a full build; every ORM_STRIDE-th customer is invoiced by the ORM itself afterwards and
reaches them by the delta. Both ways must tell the truth of the file.

The forecast model is then made from these figures as the published one was: weeks 1 to 39 to
learn from, weeks 40 to 78 to be held against (Fader, Hardie and Lee 2005). Its card must show the
published parameters, expectation and holdout.

A purchase is a day (several invoices on one day are one). Eight customers have bought nothing but
one free item for 0.00: a posted invoice that nobody credited, hence a purchase that is worth
nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

from odoo.api import Environment
from odoo.fields import Command

from .bulk import analyze
from .data.invoice_lines import copy_whole_invoices
from .data.partners import create_partners
from .harness import Bench

ORM_STRIDE = 40
PREFIX = "CDNOW"
#: Week 40 begins; the file ends with week 78.
CUT, END = date(1997, 10, 1), datetime(1998, 6, 30, 12)
WEEK = 7
#: What the card shows: (published, how far off it may be).
PUBLISHED = {
    "r": (0.243, 0.003),
    "alpha in weeks": (4.414, 0.045),
    "a": (0.793, 0.01),
    "b": (2.426, 0.025),
    "purchases to come, x=2, t_x=30.43, T=38.86": (1.226, 0.012),
    "RMSE of the last period repeated": (1.97, 0.02),
}
#: The holdout is to be at least this good.
HOLDOUT = {"RMSE": (0.0, 1.65), "total": (-0.20, 0.20), "Gini": (0.65, 1.0), "top": (0.46, 1.0)}


@dataclass(frozen=True)
class Purchase:
    """One line of the file."""

    customer: str
    day: date
    amount: Decimal


@dataclass
class Truth:
    """What the file says about one customer."""

    revenue: Decimal = Decimal(0)
    days: set[date] = field(default_factory=set)

    def figures(self) -> tuple[Decimal, int, date, date]:
        return self.revenue, len(self.days), min(self.days), max(self.days)


@dataclass
class Report:
    """What was loaded and every way in which the figures differ from the file."""

    customers: int = 0
    purchases: int = 0
    by_orm: int = 0
    file_revenue: Decimal = Decimal(0)
    care_revenue: Decimal = Decimal(0)
    differences: list[str] = field(default_factory=list)

    def __str__(self):
        state = "agree" if not self.differences else f"{len(self.differences)} DIFFERENCES"
        return (
            f"CDNOW: {self.customers} customers, {self.purchases} invoices ({self.by_orm} by the"
            f" ORM), revenue {self.care_revenue} of {self.file_revenue} in the file: {state}"
        )


def read_purchases() -> list[Purchase]:
    """The lines of the file; importing the package would import pandas for nothing."""
    spec = find_spec("lifetimes")
    if spec is None:
        raise RuntimeError("The CDNOW purchases ship in the package lifetimes: install it first.")
    path = Path(spec.submodule_search_locations[0], "datasets", "CDNOW_sample.txt")
    return [parse_line(line) for line in path.read_text().splitlines() if line.strip()]


def parse_line(line: str) -> Purchase:
    """Number in the full set, number in the sample, day, pieces, dollars.

    >>> parse_line(" 00004 0001 19970118  2   29.73")
    Purchase(customer='0001', day=datetime.date(1997, 1, 18), amount=Decimal('29.73'))
    """
    _whole_set, customer, day, _pieces, amount = line.split()
    return Purchase(customer, date(int(day[:4]), int(day[4:6]), int(day[6:])), Decimal(amount))


def truth_of(purchases: Iterable[Purchase]) -> dict[str, Truth]:
    truths: dict[str, Truth] = defaultdict(Truth)
    for purchase in purchases:
        truth = truths[purchase.customer]
        truth.revenue += purchase.amount
        truth.days.add(purchase.day)
    return dict(truths)


def check(env: Environment) -> Report:
    """Load the file into the current company, build the figures and compare every customer."""
    if env.company.currency_id.name != "USD":
        raise ValueError("CDNOW is in dollars: the company must keep its books in USD.")
    purchases = read_purchases()
    partners = _load_partners(env, purchases)
    by_orm = set(sorted(partners)[::ORM_STRIDE])
    copied = [purchase for purchase in purchases if purchase.customer not in by_orm]
    posted = [purchase for purchase in purchases if purchase.customer in by_orm]
    _copy_invoices(env, copied, partners)
    env["care.build"]._start()._run()
    _post_invoices(env, posted, partners)
    env["care.customer"]._cron_refresh_customers()
    env.cr.commit()
    report = Report(len(partners), len(purchases), len(posted))
    _compare(env, report, truth_of(purchases), partners)
    return report


def forecast(env: Environment) -> tuple[dict[str, float], list[str]]:
    """The figures on the card of the published fit, and those that are not as published."""
    # The engine can be imported once the addons are on the path, that is with a database open.
    from odoo.addons.customer_care.engine import bgnbd

    card = env["care.model"]._fit(env.company, END, cut=CUT)
    env.cr.commit()
    x, t_x, age = 2, 213, 272  # weeks 30.43 and 38.86
    found = {
        "r": card.cut_r,
        "alpha in weeks": card.cut_alpha / WEEK,
        "a": card.cut_a,
        "b": card.cut_b,
        "purchases to come, x=2, t_x=30.43, T=38.86": bgnbd.expected_purchases(
            card._params("cut_"), 39 * WEEK, x, t_x, age
        ),
        "RMSE of the last period repeated": card.naive_repeat_rmse,
        "RMSE": card.rmse,
        "total": card.total_error,
        "Gini": card.gini,
        "top": card.top_decile,
    }
    wrong = [
        f"{name}: {found[name]:.4f}, published {published}"
        for name, (published, away) in PUBLISHED.items()
        if abs(found[name] - published) > away
    ]
    wrong += [
        f"{name}: {found[name]:.4f} is not within {low} and {high}"
        for name, (low, high) in HOLDOUT.items()
        if not low <= found[name] <= high
    ]
    return found, wrong


def run(bench: Bench) -> None:
    """The checks as benchmarks: their rows are not about speed, their `ok` is."""
    report = None

    def work():
        nonlocal report
        report = check(bench.env)

    spent = bench.timed(work)
    print(report)
    for difference in report.differences[:20]:
        print("  " + difference)
    bench.add(
        "cdnow: load, build, compare",
        report.purchases,
        spent,
        must="equal to the cent",
        ok=not report.differences,
        extra={"customers": report.customers, "differences": len(report.differences)},
    )
    figures, wrong = {}, []

    def learn():
        nonlocal figures, wrong
        figures, wrong = forecast(bench.env)

    spent = bench.timed(learn)
    for line in wrong:
        print("  " + line)
    bench.add(
        "cdnow: forecast model, holdout",
        report.customers,
        spent,
        must="as published",
        ok=not wrong,
        extra={name: round(value, 4) for name, value in figures.items()},
    )


def _load_partners(env: Environment, purchases: list[Purchase]) -> dict[str, int]:
    customers = sorted({purchase.customer for purchase in purchases})
    ids = create_partners(env, [f"{PREFIX} {customer}" for customer in customers])
    return dict(zip(customers, ids, strict=True))


def _copy_invoices(env: Environment, purchases: list[Purchase], partners: dict[str, int]):
    copy_whole_invoices(
        env,
        [
            (partners[buy.customer], f"{PREFIX} {buy.customer}", buy.day, float(buy.amount))
            for buy in purchases
        ],
    )
    analyze(env, "account_move", "account_move_line", "res_partner")


def _post_invoices(env: Environment, purchases: list[Purchase], partners: dict[str, int]):
    moves = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": partners[buy.customer],
                "invoice_date": buy.day,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "CDs", "price_unit": float(buy.amount), "tax_ids": False}
                    )
                ],
            }
            for buy in purchases
        ]
    )
    moves._post(soft=False)
    env.cr.commit()


def _compare(env: Environment, report: Report, truths: dict[str, Truth], partners: dict[str, int]):
    cares = env["care.customer"].search([("partner_id", "in", list(partners.values()))])
    found = {
        care.partner_id.id: (
            Decimal(str(care.revenue_net)).quantize(Decimal("0.01")),
            care.purchase_days,
            care.first_purchase,
            care.last_purchase,
        )
        for care in cares
    }
    if len(cares) != len(found):
        report.differences.append(f"{len(cares)} rows for {len(found)} customers")
    for customer, truth in truths.items():
        report.file_revenue += truth.revenue
        figures = found.get(partners[customer])
        if figures:
            report.care_revenue += figures[0]
        if figures != truth.figures():
            report.differences.append(f"{customer}: file {truth.figures()}, figures {figures}")
    if report.file_revenue != report.care_revenue:
        report.differences.append(f"sum {report.care_revenue} is not {report.file_revenue}")
