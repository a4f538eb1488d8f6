"""Real purchases: the CDNOW sample as partners and posted invoices, figures checked to the cent.

The file ships inside the `lifetimes` wheel: 6,919 purchases of 2,357 customers, 1997-01-01 to
1998-06-30, in dollars (Fader and Hardie's 1/10 systematic sample). Each line becomes one posted
invoice with its journal items. Most are copies of an invoice that the ORM posted and reach the
figures by a full build; every ORM_STRIDE-th customer is invoiced by the ORM itself afterwards and
reaches them by the delta. Both ways must tell the truth of the file.

A purchase is a day (several invoices on one day are one). Eight customers have bought nothing but
one free item for 0.00: a posted invoice that nobody credited, hence a purchase that is worth
nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
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


def run(bench: Bench) -> None:
    """The check as a benchmark: its row is not about speed, its `ok` is."""
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
