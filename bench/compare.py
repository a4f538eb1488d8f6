"""Whether ours and the floor say the same."""

from odoo.api import Environment
from odoo.tools import SQL


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
