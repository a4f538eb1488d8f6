"""P-7: the figures of every customer from his invoices; a night's delta; one form."""

import statistics
from datetime import datetime

from odoo import fields
from odoo.fields import Command
from odoo.tools import SQL

from bench.compare import create_equal_table, differences, empty
from bench.data.invoices import fill_invoices
from bench.data.partners import fill_partners
from bench.floors import customers as floor
from bench.forms import form_specification
from bench.harness import Bench, sql_spent

CUSTOMERS, INVOICES = 1_000_000, 3_000_000
DIRTY = 5_000
FORMS = 30
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
    _delta(bench, customers)
    _forms(bench, customers)


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
        **timing.as_kwargs(),
        must="P-7 ratio <= 1.5",
        ok=timing.ours_s <= 1.5 * timing.floor_s and not wrong,
        extra={"differences": wrong, "invoices": invoices},
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


def _delta(bench: Bench, customers: range) -> None:
    """The customers of one day's postings, evenly spread; their records are all wrong."""
    env = bench.env
    some = list(customers)[:: max(len(customers) // DIRTY, 1)][:DIRTY]

    def reset():
        empty(env, floor.TABLE, "care_dirty")
        env.cr.execute(
            SQL(
                "UPDATE care_customer SET revenue_net = 0, purchase_days = 1"
                " WHERE partner_id = ANY(%s)",
                some,
            )
        )
        env["care.dirty"]._mark({(partner, env.company.id) for partner in some})
        env.cr.commit()

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
        **timing.as_kwargs(),
        must="P-7 5k <= 3 s",
        ok=(timing.ours_s <= 3.0 and not wrong) if len(some) >= DIRTY else None,
        extra={"differences": wrong},
    )


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
    env = bench.env(user=user, context={})
    partners = env["res.partner"].browse(customers[:: max(len(customers) // FORMS, 1)][:FORMS])
    cares = env["care.customer"].search([("partner_id", "in", partners.ids)])
    whole = form_specification(partners)
    without = {name: sub for name, sub in whole.items() if not name.startswith("care_")}
    _open_each(bench, "form: care record", cares, form_specification(cares), limit_ms=5)
    with_s = _open_each(bench, "form: contact, with care", partners, whole)
    without_s = _open_each(bench, "form: contact, without care", partners, without)
    bench.rows[-2].extra["care_adds_ms"] = round(1000 * (with_s - without_s), 1)


def _open_each(bench: Bench, name: str, records, specification: dict, limit_ms=None) -> float:
    """Median of opening one record; queries and time in the database are medians as well."""
    walls, queries, sql_ms = [], [], []
    for res_id in [records.ids[0], *records.ids]:
        record = records.browse(res_id)  # alone: members of a recordset are read together
        with sql_spent(record.env) as spent:
            wall = bench.timed(lambda r=record: r.web_read(specification))
        walls.append(wall)
        queries.append(spent["queries"])
        sql_ms.append(spent["sql_ms"])
    in_sql = statistics.median(sql_ms[1:])
    wall = statistics.median(walls[1:])
    bench.add(
        name,
        1,
        wall,
        must="P-7 <= 5 ms of SQL" if limit_ms else "",
        ok=in_sql <= limit_ms if limit_ms else None,
        extra={"queries": int(statistics.median(queries[1:])), "sql_ms": round(in_sql, 2)},
    )
    return wall
