"""The table that the floor fills, and whether ours and the floor say the same."""

from odoo.api import Environment
from odoo.tools import SQL

from .bulk import query_foreign_keys, verbatim


def create_equal_table(env: Environment, table: str, model_table: str) -> None:
    """A table like that of the model: columns, defaults, indexes and foreign keys.

    The keys belong to it: checking them is work that no correct table of records can leave out.
    """
    env.cr.execute(
        SQL(
            "CREATE TABLE %s (LIKE %s INCLUDING ALL)",
            SQL.identifier(table),
            SQL.identifier(model_table),
        )
    )
    for _table, name, definition in query_foreign_keys(env, (model_table,)):
        env.cr.execute(
            SQL(
                "ALTER TABLE %s ADD CONSTRAINT %s %s",
                SQL.identifier(table),
                SQL.identifier(f"{table}_{name}"),
                verbatim(definition),
            )
        )
    env.cr.commit()


def empty(env: Environment, *tables: str) -> None:
    for table in tables:
        env.cr.execute(SQL("TRUNCATE %s", SQL.identifier(table)))
    env.cr.commit()


def differences(env: Environment, ours: str, floor: str, key: str, columns: tuple[str, ...]) -> int:
    """How many records (told apart by `key`) differ between the two tables in these columns."""
    names = SQL(", ").join(map(SQL.identifier, (key, *columns)))
    a = SQL("SELECT %s FROM %s", names, SQL.identifier(ours))
    b = SQL("SELECT %s FROM %s", names, SQL.identifier(floor))
    [(count,)] = env.execute_query(
        SQL(
            """SELECT count(DISTINCT %(key)s)
                 FROM ((%(a)s EXCEPT %(b)s) UNION ALL (%(b)s EXCEPT %(a)s)) differing""",
            key=SQL.identifier(key),
            a=a,
            b=b,
        )
    )
    return count
