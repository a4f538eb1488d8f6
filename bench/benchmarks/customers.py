"""P-7, P-8, P-11: the figures of every customer from his invoices; a night's delta; one form; an
invoice posted; memory that does not grow with the number of customers."""

import statistics
from datetime import datetime

from odoo import fields
from odoo.fields import Command
from odoo.tools import SQL

from bench.benchmarks import posting
from bench.compare import create_equal_table, differences, empty
from bench.data.invoices import fill_invoices
from bench.data.partners import fill_partners
from bench.floors import customers as floor
from bench.forms import form_specification
from bench.harness import Bench, cpu_spent, memory_growth, sql_spent

CUSTOMERS, INVOICES = 1_000_000, 3_000_000
DIRTY = 5_000
FORMS = 30
#: months of the past that the first night prints: each costs a pass over all customers
PAST_MONTHS = 3
#: P-11: how much more memory a build or a night of twice the customers may take, in MB
GROWTH_MB = 32
COLUMNS = (
    "company_id",
    "revenue_net",
    "invoiced",
    "credited",
    "purchase_days",
    "first_purchase",
    "previous_purchase",
    "last_purchase",
    "gap_days",
)


def run(bench: Bench) -> None:
    env = bench.env
    customers, contacts = fill_partners(env, bench.sized(CUSTOMERS, 1000))
    invoices = fill_invoices(env, customers, contacts, bench.sized(INVOICES, 3000))
    create_equal_table(env, floor.TABLE, "care_customer")
    _full(bench, customers, invoices)
    _repeated(bench, customers)
    _first_night(bench, customers)
    _delta(bench, customers)
    _moves(bench, customers)
    _forms(bench, customers)
    _memory(bench, customers)
    if bench.without:
        elsewhere = _fill_without(bench)
        posting.run(bench, (customers, elsewhere))


def _fill_without(bench: Bench) -> range:
    """The same customers and documents in the database without us."""
    customers, contacts = fill_partners(bench.without, bench.sized(CUSTOMERS, 1000))
    fill_invoices(bench.without, customers, contacts, bench.sized(INVOICES, 3000))
    bench.without.cr.commit()
    return customers


def build(env) -> None:
    """The full build, as the button and the cron start it, to its end."""
    env["care.build"]._start()._run()


def _full(bench: Bench, customers: range, invoices: int) -> None:
    """Nobody has a record yet."""
    env = bench.env

    def reset():
        empty(env, "care_customer", "care_status_change", "care_dirty", floor.TABLE)
        env.company.care_pool_gap = 0
        env.cr.commit()

    timing = bench.compare(
        ours=lambda: build(env),
        floor=lambda: floor.write_customers(env, fields.Datetime.now()),
        reset=reset,
    )
    reset()
    build(env)
    floor.write_customers(env, fields.Datetime.now())
    wrong = differences(env, "care_customer", floor.TABLE, "partner_id", COLUMNS)
    bench.add(
        "customers: full build",
        len(customers),
        timing.ours_s,
        **timing.as_kwargs(differences=wrong, invoices=invoices),
        must="P-7 ratio <= 1.5",
        ok=timing.ours_s <= 1.5 * timing.floor_s and not wrong,
    )


def _repeated(bench: Bench, customers: range) -> None:
    """Everybody has his record and nothing changed: nothing may be written."""
    env = bench.env
    timing = bench.compare(
        ours=lambda: build(env),
        floor=lambda: floor.write_customers(env, fields.Datetime.now()),
        reset=lambda: empty(env, floor.TABLE),
    )
    bench.add("customers: full, nothing new", len(customers), timing.ours_s, **timing.as_kwargs())


def _first_night(bench: Bench, customers: range) -> None:
    """From here on there is a model, borders and printed months, so a delta does every step."""
    bench.env.company.care_history_months = PAST_MONTHS
    spent = bench.timed(lambda: night(bench.env))
    bench.add("customers: the first night", len(customers), spent, extra={"months": PAST_MONTHS})


def _delta(bench: Bench, customers: range) -> None:
    """The customers of one day's postings, evenly spread; their records are all wrong."""
    env, some = bench.env, _spread(customers)

    def reset():
        empty(env, floor.TABLE, "care_dirty")
        _spoil(env, some, SQL("revenue_net = 0, purchase_days = 1"))

    timing = bench.compare(
        ours=lambda: env["care.customer"]._cron_refresh_customers(),
        floor=lambda: floor.write_customers(env, fields.Datetime.now(), some),
        reset=reset,
    )
    reset()
    env["care.customer"]._cron_refresh_customers()
    floor.write_customers(env, fields.Datetime.now())
    wrong = differences(env, "care_customer", floor.TABLE, "partner_id", COLUMNS)
    bench.add(
        "customers: delta of dirty ones",
        len(some),
        timing.ours_s,
        **timing.as_kwargs(differences=wrong),
        must="P-7 5k <= 3 s",
        ok=(timing.ours_s <= 3.0 and not wrong) if len(some) >= DIRTY else None,
    )


def _moves(bench: Bench, customers: range) -> None:
    """The same customers, and every one of them changes his segment and his status by it."""
    env, some = bench.env, _spread(customers)
    elsewhere = SQL(
        """revenue_net = 0, status = CASE status WHEN 'new' THEN 'churned' ELSE 'new' END,
           (rfm_recency, rfm_segment_id) =
               (SELECT recency, segment_id FROM care_rfm_cell c
                 WHERE c.frequency = k.rfm_frequency
                   AND c.recency = CASE WHEN k.rfm_recency > 3 THEN 1 ELSE 5 END)"""
    )
    turns, work = [], []
    for _turn in range(bench.repeat + 1):
        empty(env, "care_dirty", "care_segment_move", "care_status_change")
        _spoil(env, some, elsewhere)
        with cpu_spent(env) as cpu:
            turns.append(bench.timed(env["care.customer"]._cron_refresh_customers))
        work.append(cpu["s"])
    moves, changes = (env[model].search_count([]) for model in (
        "care.segment.move", "care.status.change"))
    seconds = statistics.median(turns[1:])
    bench.add(
        "customers: delta, all change segment", len(some), seconds, must="P-7 5k <= 3 s",
        ok=seconds <= 3.0 if len(some) >= DIRTY else None,
        extra={"moves": moves, "changes": changes, "cpu_s": round(statistics.median(work[1:]), 2)},
    )  # fmt: skip


def _spread(customers: range) -> list[int]:
    return list(customers)[:: max(len(customers) // DIRTY, 1)][:DIRTY]


def _spoil(env, some: list[int], wrong: SQL) -> None:
    """Make these customers' records wrong and mark them to be counted again."""
    env.cr.execute(SQL("UPDATE care_customer k SET %s WHERE partner_id = ANY(%s)", wrong, some))
    env["care.dirty"]._mark({(partner, env.company.id) for partner in some})
    env.cr.commit()


def _memory(bench: Bench, customers: range) -> None:
    """P-11: the peak of a build and of a night, for half of the customers and for all of them."""
    env, peaks = bench.env, {build: [], night: []}
    for start in (customers[len(customers) // 2], 0):
        empty(env, "care_customer", "care_dirty")
        env["care.build"]._start().position = start
        for work, found in peaks.items():
            with memory_growth() as memory:
                seconds = bench.timed(lambda work=work: work(env))
            found.append((round(memory["mb"], 1), seconds))
    for work, ((half, _half_s), (whole, spent)) in peaks.items():
        bench.add(
            f"customers: memory of the {work.__name__}", len(customers), spent, memory_mb=whole,
            must=f"P-11 grows <= {GROWTH_MB} MB", ok=whole - half <= GROWTH_MB,
            extra={"half_mb": half},
        )  # fmt: skip


def night(env) -> None:
    """Every step of the night, as the cron does it."""
    env["care.night"].search([]).unlink()
    env["care.night"]._cron_run_night()


def _forms(bench: Bench, customers: range) -> None:
    """One record opened, as a manager of customer care, with cold records and warm views."""
    user = bench.env["res.users"].create(
        {
            "name": "Bench",
            "login": f"bench.{datetime.now():%f}",
            "group_ids": [
                Command.link(bench.env.ref(f"{module}.{group}").id)
                for module, group in (
                    ("base", "group_user"),
                    ("customer_care", "group_customer_care_manager"),
                    ("account", "group_account_invoice"),
                )
            ],
        }
    )
    env = bench.env(user=user)
    env = env(context={**env["res.users"].context_get(), "allowed_company_ids": [env.company.id]})
    partners = env["res.partner"].browse(customers[:: max(len(customers) // FORMS, 1)][:FORMS])
    cares = env["care.customer"].search([("partner_id", "in", partners.ids)])
    whole = form_specification(partners)
    without = {name: sub for name, sub in whole.items() if not name.startswith("care_")}
    forms = {
        "form: care record": (cares, form_specification(cares)),
        "form: contact, with care": (partners, whole),
        "form: contact, without care": (partners, without),
    }
    opened = {name: [] for name in forms}
    for turn in range(-1, min(len(partners), len(cares))):  # the first one warms up
        for name, (records, specification) in forms.items():
            record = records.browse(records.ids[turn])  # alone: a recordset is read together
            spent = _open(bench, record, specification)
            if turn >= 0:
                opened[name].append(spent)
    for name, spents in opened.items():
        _add_form(bench, name, spents, limit_ms=5 if name == "form: care record" else None)


def _open(bench: Bench, record, specification: dict) -> tuple[float, int, float, float]:
    """Seconds in all, queries, milliseconds they take, milliseconds the database works."""
    with sql_spent(record.env) as spent:
        wall = bench.timed(lambda: record.web_read(specification))
    return wall, spent["queries"], spent["sql_ms"], spent["work_ms"]


def _add_form(bench: Bench, name: str, spents: list[tuple], limit_ms: float | None) -> None:
    wall, queries, sql_ms, work_ms = (
        statistics.median(column) for column in zip(*spents, strict=True))
    bench.add(
        name,
        1,
        wall,
        must=f"P-7 <= {limit_ms} ms of SQL" if limit_ms else "",
        ok=work_ms <= limit_ms if limit_ms else None,
        extra={"queries": int(queries), "sql_ms": round(sql_ms, 2), "work_ms": round(work_ms, 2)},
    )
