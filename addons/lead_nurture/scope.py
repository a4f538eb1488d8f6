"""Whom to score, and as of when: what the statements about events and points are asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from odoo.tools import SQL


@dataclass(frozen=True)
class Scope:
    """`holds` makes a condition of the column that holds a person's id; `as_of` is the moment, an
    expression that may use the tables that `joined` adds beside nurture_event."""

    holds: Callable[[SQL], SQL]
    as_of: SQL
    joined: SQL = SQL()  # noqa: RUF009 an SQL object never changes

    @classmethod
    def of_ids(cls, ids, moment: datetime):
        """These persons, all as of one moment."""
        return cls(lambda column: _query_among(column, ids), _query_moment(moment))

    @classmethod
    def of_range(cls, low: int, high: int, moment: datetime):
        """Persons with low < id <= high, all as of one moment."""
        return cls(lambda column: _query_between(column, low, high), _query_moment(moment))

    @classmethod
    def of_sample(cls, low: int, high: int, every: int, moment: datetime):
        """Every k-th person with low < id <= high, all as of one moment."""
        if every == 1:
            return cls.of_range(low, high, moment)
        return cls(
            lambda column: _query_between_every(column, low, high, every), _query_moment(moment)
        )

    @classmethod
    def at_moments(cls, moments: dict[int, datetime]):
        """Each of these persons as of a moment of his own."""
        return cls(
            lambda column: _query_among(column, moments),
            _query_own_moment(),
            _query_asked(moments),
        )


def _query_moment(moment):
    return SQL("%s::timestamp", moment)


def _query_among(column, ids):
    return SQL("%s = ANY(%s)", column, list(ids))


def _query_between(column, low, high):
    return SQL("%(c)s > %(low)s AND %(c)s <= %(high)s", c=column, low=low, high=high)


def _query_between_every(column, low, high, every):
    return SQL("%s AND %s %% %s = 0", _query_between(column, low, high), column, every)


def _query_own_moment():
    return SQL("asked.moment")


def _query_asked(moments):
    return SQL(
        """ JOIN unnest(%s::int[], %s::timestamp[]) AS asked(person_id, moment)
              ON asked.person_id = nurture_event.person_id""",
        list(moments),
        list(moments.values()),
    )
