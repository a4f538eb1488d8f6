"""P-3: a segment of a million people, kept by difference."""

from datetime import datetime
from unittest.mock import patch

from odoo import fields
from odoo.tools import SQL

from bench.benchmarks.score import EVENTS, PERSONS
from bench.compare import create_equal_table, differences, empty
from bench.data.events import fill_events
from bench.data.leads import fill_leads
from bench.data.people import fill_people
from bench.data.segments import create_segment
from bench.floors import segments as floor
from bench.harness import Bench

MEMBERS = "nurture_segment_member"
COLUMNS = ("segment_id", "entered_at", "left_at")
BEFORE = datetime(2000, 1, 1)


def run(bench: Bench) -> None:
    """Fill, then measure the first filling, a pass without news, and one of 1 % moves."""
    env, now = bench.env, datetime.now().replace(microsecond=0)
    count = bench.sized(PERSONS, 1000)
    leads = fill_leads(env, count, now)
    persons = fill_people(env, leads, count)
    fill_events(env, persons, bench.sized(EVENTS, 10_000), now)
    env.cr.execute(SQL("DELETE FROM nurture_dirty"))
    segment = create_segment(env)
    create_equal_table(env, floor.TABLE, MEMBERS)
    create_equal_table(env, floor.EVENTS, "nurture_event")
    with patch.object(fields.Datetime, "now", lambda: now):
        _fill(bench, segment, len(persons), now)
        _nothing_new(bench, segment, len(persons), now)
        _some_move(bench, segment, len(persons), now)


def _fill(bench: Bench, segment, persons: int, now: datetime) -> None:
    def reset():
        empty(bench.env, MEMBERS, "nurture_segment_dirty", floor.TABLE)
        segment._request_pass(silent=True)
        bench.env.cr.commit()

    _measure(bench, "segment: first filling", segment, persons, now, reset)


def _nothing_new(bench: Bench, segment, persons: int, now: datetime) -> None:
    def reset():
        segment._request_pass(silent=False)
        bench.env.cr.commit()

    _measure(bench, "segment: nothing new", segment, persons, now, reset)


def _some_move(bench: Bench, segment, persons: int, now: datetime) -> None:
    """Half of a hundredth of all people is missing, as many are inside who should not be."""
    env = bench.env
    source = env.execute_query(
        SQL("SELECT person_id FROM %s WHERE left_at IS NULL ORDER BY person_id",
            SQL.identifier(MEMBERS))
    )  # fmt: skip
    inside = [row[0] for row in source]
    missing = inside[:: max(len(inside) * 200 // persons, 1)]
    [strangers] = env.execute_query(
        SQL(
            """SELECT array_agg(id) FROM (SELECT p.id FROM nurture_person p
                WHERE NOT p.id = ANY(%s) AND p.active ORDER BY p.id LIMIT %s) p""",
            inside,
            len(missing),
        )
    )
    strangers = strangers[0] or []

    def reset():
        empty(env, floor.EVENTS)
        env.cr.execute(SQL("DELETE FROM nurture_event WHERE source = 'segment'"))
        for table in (MEMBERS, floor.TABLE):
            env.cr.execute(_query_restore(table, segment.id, inside, missing, strangers))
        segment._request_pass(silent=False)
        env.cr.commit()

    _measure(bench, "segment: 1 % moves, told", segment, persons, now, reset, told=True)


def _query_restore(table, segment_id, inside, missing, strangers) -> SQL:
    """Everybody inside but the missing ones, and some who do not belong there."""
    people = [*(set(inside) - set(missing)), *strangers]
    return SQL(
        """TRUNCATE %(table)s;
           INSERT INTO %(table)s (segment_id, person_id, company_id, entered_at, silent_entry)
           SELECT %(segment)s, p.id, p.company_id, %(before)s, TRUE
             FROM nurture_person p WHERE p.id = ANY(%(people)s)""",
        table=SQL.identifier(table),
        segment=segment_id,
        before=BEFORE,
        people=people,
    )


def _measure(bench: Bench, name, segment, persons, now, reset, told=False) -> None:
    env = bench.env

    def ours():
        env["nurture.segment"]._cron_refresh_segments()

    def by_hand():
        floor.refresh(env, segment.id, now, told)

    timing = bench.compare(ours=ours, floor=by_hand, reset=reset)
    reset()
    ours()
    by_hand()
    env.cr.commit()
    wrong = differences(env, MEMBERS, floor.TABLE, "person_id", COLUMNS)
    if segment.state != "active":
        raise RuntimeError(segment.error)
    [(inside,)] = env.execute_query(
        SQL("SELECT count(*) FROM %s WHERE left_at IS NULL", SQL.identifier(MEMBERS))
    )
    bench.add(
        name,
        persons,
        timing.ours_s,
        **timing.as_kwargs(differences=wrong, members=inside),
        must="P-3 ratio <= 2",
        ok=timing.ours_s <= 2 * timing.floor_s and not wrong,
    )
