"""Bulk rows by COPY, each one a variation of a row that the ORM itself wrote.

A benchmark needs millions of rows, and the ORM writes some thirty invoices a second. So the ORM
creates one record of each kind, its row is read back whole, and the copies differ from it in the
columns that are named. Whatever columns the installed addons add are thereby filled as they would.
"""

import io
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

from odoo.api import Environment
from odoo.tools import SQL, split_every

CHUNK = 20_000

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_text(value) -> str:
    r"""One value in the text format of COPY.

    >>> copy_text(None), copy_text(True), copy_text(12.5), copy_text("a\tb")
    ('\\N', 't', '12.5', 'a\\tb')
    """
    if value is None or value is False:
        return "f" if value is False else "\\N"
    if value is True:
        return "t"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).translate(_ESCAPES)


def copy_rows(env: Environment, table: str, columns: list[str], lines: Iterable[str]) -> int:
    """Copy ready-made lines into the table; one commit per chunk keeps memory flat."""
    statement = SQL(
        "COPY %s (%s) FROM STDIN",
        SQL.identifier(table),
        SQL(", ").join(map(SQL.identifier, columns)),
    )
    total = 0
    for chunk in split_every(CHUNK, lines, list):
        env.cr.copy_expert(statement.code, io.StringIO("".join(chunk)))
        env.cr.commit()
        total += len(chunk)
    return total


class RowTemplate:
    """The row of one existing record, from which copies with other values are made."""

    def __init__(self, env: Environment, table: str, res_id: int, varying: list[str]):
        env.flush_all()
        self.env, self.table, self.varying = env, table, varying
        self.columns = _column_names(env, table)
        missing = set(varying) - set(self.columns)
        if missing:
            raise ValueError(f"{table} has no column {', '.join(sorted(missing))}")
        values = self._read_row(res_id)
        slots = [
            "%s" if column in varying else value.replace("%", "%%")
            for column, value in zip(self.columns, values, strict=True)
        ]
        self._line = "\t".join(slots) + "\n"
        order = [column for column in self.columns if column in varying]
        self._order = [varying.index(column) for column in order]

    def _read_row(self, res_id: int) -> list[str]:
        stream = io.StringIO()
        statement = SQL(
            "COPY (SELECT %s FROM %s WHERE id = %s) TO STDOUT",
            SQL(", ").join(map(SQL.identifier, self.columns)),
            SQL.identifier(self.table),
            res_id,
        )
        self.env.cr.copy_expert(
            self.env.cr.mogrify(statement.code, statement.params).decode(), stream
        )
        return stream.getvalue().rstrip("\n").split("\t")

    def line(self, *values) -> str:
        """The copy whose `varying` columns hold these values, in the order of `varying`."""
        return self._line % tuple(copy_text(values[index]) for index in self._order)

    def copy(self, rows: Iterable[tuple]) -> int:
        return copy_rows(self.env, self.table, self.columns, (self.line(*row) for row in rows))


def _column_names(env: Environment, table: str) -> list[str]:
    rows = env.execute_query(
        SQL(
            """SELECT attname FROM pg_attribute
                WHERE attrelid = %s::regclass AND attnum > 0
                  AND NOT attisdropped AND attgenerated = ''
                ORDER BY attnum""",
            table,
        )
    )
    return [name for (name,) in rows]


def reserve_ids(env: Environment, table: str, count: int) -> range:
    """Take `count` consecutive ids from the sequence of the table."""
    [(last,)] = env.execute_query(
        SQL(
            "SELECT setval(seq, nextval(seq) + %s) FROM pg_get_serial_sequence(%s, 'id') AS seq",
            count,
            table,
        )
    )
    return range(last - count, last)


@contextmanager
def bare_tables(env: Environment, *tables: str) -> Iterator[None]:
    """Take plain indexes and foreign keys off the tables while they are filled, and put them back.

    Foreign keys checked row by row take ten times as long as the copy itself; put back they are
    checked by one join each, so wrong rows still fail. Unique indexes stay, they guard the data.
    A database whose filling was interrupted is of no more use: benchmarks run in databases that
    are dropped afterwards.
    """
    indexes, keys = _query_indexes(env, tables), query_foreign_keys(env, tables)
    for table, name, _definition in keys:
        env.cr.execute(
            SQL("ALTER TABLE %s DROP CONSTRAINT %s", SQL.identifier(table), SQL.identifier(name))
        )
    for name, _definition in indexes:
        env.cr.execute(SQL("DROP INDEX %s", SQL.identifier(name)))
    env.cr.commit()
    yield
    for _name, definition in indexes:
        env.cr.execute(verbatim(definition))
        env.cr.commit()
    for table, name, definition in keys:
        env.cr.execute(
            SQL(
                "ALTER TABLE %s ADD CONSTRAINT %s %s",
                SQL.identifier(table),
                SQL.identifier(name),
                verbatim(definition),
            )
        )
    env.cr.commit()
    _wait_until_used(env, tables)


def _wait_until_used(env: Environment, tables: tuple[str, ...], patience_s: int = 30) -> None:
    """Wait for transactions elsewhere on the server that began before the indexes were built.

    PostgreSQL leaves a new index aside while such a transaction might need rows that it does not
    hold; queries measured meanwhile would read whole tables.
    """
    env.cr.commit()
    for _second in range(patience_s):
        unused = env.execute_query(
            SQL(
                """SELECT 1
                     FROM pg_index, pg_snapshot_xmin(pg_current_snapshot()) oldest
                    WHERE indrelid = ANY(%s::regclass[]) AND indcheckxmin
                      AND pg_index.xmin::text::bigint >= oldest::text::bigint %% (2 ^ 32)::bigint
                    LIMIT 1""",
                list(tables),
            )
        )
        env.cr.commit()
        if not unused:
            return
        time.sleep(1)
    print("  An old transaction on this server keeps new indexes unused: figures will be too high.")


def _query_indexes(env: Environment, tables: tuple[str, ...]) -> list[tuple]:
    return env.execute_query(
        SQL(
            """SELECT c.relname, pg_get_indexdef(c.oid)
                 FROM pg_index i
                 JOIN pg_class c ON c.oid = i.indexrelid
                WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisunique""",
            list(tables),
        )
    )


def query_foreign_keys(env: Environment, tables: tuple[str, ...]) -> list[tuple]:
    return env.execute_query(
        SQL(
            """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
                 FROM pg_constraint
                WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])""",
            list(tables),
        )
    )


def verbatim(definition: str) -> SQL:
    """SQL that PostgreSQL itself wrote down; a percent sign in it is no placeholder."""
    return SQL(definition.replace("%", "%%"))


def analyze(env: Environment, *tables: str) -> None:
    for table in tables:
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
    env.cr.commit()


def progress(rows: Iterable[tuple], total: int, what: str, say: Callable = print) -> Iterator:
    """Pass the rows on and say at every tenth how far the filling is."""
    step = max(total // 10, CHUNK)
    for number, row in enumerate(rows, 1):
        yield row
        if number % step == 0:
            say(f"  {what}: {number:,} of {total:,}", flush=True)
