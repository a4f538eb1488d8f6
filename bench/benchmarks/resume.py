"""P-7, RELIABILITY 1: killed in the middle of the full count and of the night, it goes on, and
every figure is that of an undisturbed run."""

import subprocess
import sys
import time
from graphlib import TopologicalSorter

from odoo.tools import SQL

from bench.data.invoices import fill_invoices
from bench.data.partners import fill_partners
from bench.harness import Bench

CUSTOMERS, INVOICES = 200_000, 600_000
#: shares of the work done at which the process dies
KILLS = (0.3, 0.7)
CHUNKS = 60
#: seconds that a process may take to start and to get so far
PATIENCE_S = 3_600
#: rows that say how far the work is
PROGRESS = {"care.build", "care.night", "care.dirty"}


def run(bench: Bench) -> None:
    env = bench.env
    customers, contacts = fill_partners(env, bench.sized(CUSTOMERS, 2_000))
    fill_invoices(env, customers, contacts, bench.sized(INVOICES, 6_000))
    env["care.build"].search([]).unlink()
    env["care.night"].search([]).unlink()
    env.cr.commit()
    for work in (_Build(bench, len(customers)), _Night(bench, len(customers))):
        work.begin()
        before = Figures(env, f"before_{work.name}")
        work.finish()
        undisturbed = Figures(env, f"undisturbed_{work.name}")
        before.restore()
        work.begin()
        start = time.perf_counter()
        kills = [share for share in KILLS if work.kill_at(share)]
        work.finish()
        spent = time.perf_counter() - start
        wrong = undisturbed.differences(before.changed())
        bench.add(
            f"resume: {work.name} killed", len(customers), spent,
            must="every figure as if undisturbed",
            ok=not wrong and len(kills) == len(KILLS) and work.ended(),
            extra={"kills": len(kills), "differences": sum(wrong.values()), **wrong,
                   "tables": len(undisturbed.models)},
        )  # fmt: skip


class _Work:
    """Something that counts in chunks, done in this process or in one that dies."""

    name = ""

    def __init__(self, bench: Bench, customers: int):
        self.env = bench.env
        self.size = customers // CHUNKS

    def kill_at(self, share: float) -> bool:
        """Another process works until so much is done, and is killed without any warning."""
        command = [sys.executable, "-m", "bench.counter", self.env.cr.dbname, self.name,
                   str(self.size)]  # fmt: skip
        deadline = time.monotonic() + PATIENCE_S
        with subprocess.Popen(command) as process:
            while process.poll() is None and time.monotonic() < deadline:
                if share <= self.look() < 1:
                    process.kill()
                    process.wait()
                    self._wait_for_release()
                    return True
                time.sleep(0.002)
        return False

    def look(self) -> float:
        """The share of the work that is done, as others see it."""
        [(share,)] = self.env.execute_query(self.query)
        self.env.cr.rollback()
        return float(share or 0)

    def ended(self) -> bool:
        return self.look() == 1

    def _wait_for_release(self) -> None:
        """Until the database has noticed that its client is gone."""
        while not self.env["care.customer"]._query_lock():
            self.env.cr.rollback()
            time.sleep(0.05)
        self.env.cr.rollback()


class _Build(_Work):
    name = "build"
    query = SQL(
        """SELECT CASE WHEN state = 'done' THEN 1 ELSE done * 0.99 / GREATEST(total, 1) END
             FROM care_build ORDER BY id DESC LIMIT 1""")

    def begin(self) -> None:
        self.env["care.build"]._start()
        self.env.cr.commit()

    def finish(self) -> None:
        self.env["care.build"]._cron_build_customers()
        self.env.cr.commit()
        self.env.invalidate_all()


class _Night(_Work):
    """A night that has something to do: the passing days moved everybody to another status and
    another segment."""

    name = "night"
    query = SQL("SELECT avg((state = 'done')::int) FROM care_night")

    def begin(self) -> None:
        self.env["care.night"].search([]).unlink()
        self.env.cr.execute(
            """UPDATE care_customer SET status = 'reactivated', rfm_recency = 1, rfm_frequency = 1,
                      rfm_monetary = 1, rfm_segment_id = NULL""")
        self.env.cr.commit()

    def finish(self) -> None:
        self.env.invalidate_all()
        self.env["care.night"]._cron_run_night()
        self.env.cr.commit()


class Figures:
    """A copy of all that customer care has stored: its tables and what it measured of companies."""

    def __init__(self, env, label: str):
        self.env = env
        self.label = label
        stored = {
            name: model for name, model in env.items()
            if name.startswith("care.") and model._auto and not model._transient
            and not model._abstract and name not in PROGRESS}  # fmt: skip
        arrows = {name: {field.comodel_name for field in self._links(model)} & stored.keys()
                  for name, model in stored.items()}  # fmt: skip
        self.models = {name: stored[name] for name in TopologicalSorter(arrows).static_order()}
        for table in (*self._tables(), "res_company"):
            env.cr.execute(SQL(
                "CREATE TABLE %s AS TABLE %s", self._copy(table), SQL.identifier(table)))
        env.cr.commit()

    def restore(self) -> None:
        """Everything as it was when the copy was made."""
        cr, tables = self.env.cr, self._tables()
        # Not at one blow: invoices point at cases, and a cascade would take the invoices along.
        for table in reversed(tables):
            cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))
        for table in tables:
            cr.execute(SQL("INSERT INTO %s SELECT * FROM %s", SQL.identifier(table),
                           self._copy(table)))
        measured = SQL(", ").join(
            SQL.identifier(field.name) for field in self.env["res.company"]._fields.values()
            if field.name.startswith("care_") and field.store and field.column_type)
        cr.execute(SQL(
            "UPDATE res_company c SET (%s) = (SELECT %s FROM %s k WHERE k.id = c.id)",
            measured, measured, self._copy("res_company")))
        cr.commit()
        self.env.invalidate_all()

    def differences(self, changing: set[str]) -> dict[str, int]:
        """Table: rows of either side that the other does not have, where there are any. The
        moment of counting is no figure, nor is the id of a row that the count has made."""
        found = {}
        for model in self.models.values():
            columns = [
                field for field in model._fields.values()
                if field.store and field.column_type and field.name != "id"
                and field.type != "datetime" and field.comodel_name not in changing]  # fmt: skip
            if count := self._query_differing(model._table, columns):
                found[model._table] = count
        return found

    def changed(self) -> set[str]:
        """Models of which rows have come, gone or changed since the copy."""
        return {name for name, model in self.models.items()
                if self._query_differing(model._table, [model._fields["id"]])}  # fmt: skip

    def _query_differing(self, table: str, fields: list) -> int:
        # Sums of floats depend on the order of the rows, in the thirteenth digit.
        names = SQL(", ").join(
            SQL("round(%s::numeric, 6)", SQL.identifier(field.name))
            if field.type in ("float", "monetary") else SQL.identifier(field.name)
            for field in fields)
        a = SQL("SELECT %s FROM %s", names, SQL.identifier(table))
        b = SQL("SELECT %s FROM %s", names, self._copy(table))
        return self.env.execute_query(SQL(
            """SELECT count(*) FROM ((%(a)s EXCEPT ALL %(b)s) UNION ALL
                                     (%(b)s EXCEPT ALL %(a)s)) differing""", a=a, b=b))[0][0]

    def _tables(self) -> list[str]:
        return [model._table for model in self.models.values()]

    def _copy(self, table: str) -> SQL:
        return SQL.identifier(f"bench_{self.label}_{table}")

    @staticmethod
    def _links(model):
        return [field for field in model._fields.values()
                if field.type == "many2one" and field.store and field.comodel_name != model._name]
