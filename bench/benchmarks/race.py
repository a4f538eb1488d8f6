"""The event that somebody waits for against the clock: one outcome each, whoever is faster."""

import random
import threading
import time
from datetime import datetime, timedelta

from odoo import fields
from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import SQL, split_every
from psycopg2 import errors as pg

from bench.data.journeys import create_scenario, put_inside
from bench.data.leads import fill_leads
from bench.data.people import fill_people
from bench.harness import Bench
from bench.watch import look

TRIALS = 10_000
LANES, EVENT_WRITERS = 2, 4
#: events that arrive together, as a batch of the inbox brings them
TOGETHER = 10
#: how far an event may come before or after its turn, in people; lanes begin a little later
SPREAD, AHEAD_S = 600, 0.3
PATIENCE_S = 3_600
SEED = 9_001
STEPS = {
    "wait": (
        "wait_event",
        {"event_kind": "call", "event_scope": "any", "delay_count": 1, "delay_unit": "minutes"},
        {"yes": "called", "timeout": "silent"},
    ),
    "called": ("exit", {}, {}),
    "silent": ("exit", {}, {}),
}
CONFLICTS = (pg.SerializationFailure, pg.DeadlockDetected)
OUTCOMES = SQL(
    """SELECT label, count(*) FROM nurture_step_log l JOIN nurture_node n ON n.id = l.node_id
        WHERE n.kind = 'wait_event' GROUP BY label"""
)
MUST_BE_NONE = {
    "still_inside": SQL("SELECT count(*) FROM nurture_enrolment WHERE ended_at IS NULL"),
    # left the wait by both ways, or by none: one log row at the wait, one at the end it names
    "two_outcomes": SQL(
        """SELECT count(*) FROM (
               SELECT 1 FROM nurture_step_log l JOIN nurture_node n ON n.id = l.node_id
             GROUP BY l.enrolment_id
               HAVING count(*) <> 2
                   OR count(*) FILTER (WHERE n.name->>'en_US' = 'called')
                   <> count(*) FILTER (WHERE l.label = 'yes')
                   OR count(*) FILTER (WHERE n.name->>'en_US' = 'silent')
                   <> count(*) FILTER (WHERE l.label = 'timeout')) wrong"""
    ),
    "waiters_left": SQL("SELECT count(*) FROM nurture_waiter"),
}


def run(bench: Bench) -> None:
    """Lanes end the waits whose time is up while other connections write the event of the very
    same people."""
    env = bench.env
    trials = bench.sized(TRIALS, 500)
    persons = _stand_waiting(env, trials)
    dbname = env.cr.dbname
    errors: list[str] = []
    stop = threading.Event()
    lanes = [_thread(errors, _lane, dbname, stop) for _number in range(LANES)]
    rng = random.Random(SEED)
    turns = dict(zip(persons, range(len(persons)), strict=True))
    heard = sorted(persons, key=lambda person: turns[person] + rng.uniform(-SPREAD, SPREAD))
    writers = [
        _thread(errors, _write_events, dbname, heard[number::EVENT_WRITERS])
        for number in range(EVENT_WRITERS)
    ]
    started = time.monotonic()
    for thread in writers:
        thread.start()
    time.sleep(AHEAD_S)
    for thread in lanes:
        thread.start()
    for thread in writers:
        thread.join()
    while look(env, MUST_BE_NONE["still_inside"]) and time.monotonic() < started + PATIENCE_S:
        time.sleep(0.2)
    stop.set()
    for thread in lanes:
        thread.join()
    spent = time.monotonic() - started
    found = {key: look(env, query) for key, query in MUST_BE_NONE.items()}
    split = dict(env.execute_query(OUTCOMES))
    bench.add(
        "race: event against clock",
        len(persons),
        spent,
        must="one outcome each",
        ok=not errors and not any(found.values()) and sum(split.values()) == len(persons),
        extra={"by_event": split.get("yes", 0), "by_clock": split.get("timeout", 0), **found,
               "errors": errors[:3]},
    )  # fmt: skip


def _stand_waiting(env: Environment, trials: int) -> list[int]:
    """So many people whose wait has just ended, in the order in which lanes will take them."""
    now = fields.Datetime.now()
    people = trials * 3 // 2
    persons = fill_people(env, fill_leads(env, people, now), people)
    scenario = create_scenario(env, "Race", STEPS)
    early = now - timedelta(hours=1)
    inside = put_inside(env, scenario, persons, early, most=trials)
    while env["nurture.enrolment"]._advance_batch(early):
        env.cr.commit()
    env.cr.execute(
        SQL("UPDATE nurture_enrolment SET run_at = %s + id * interval '1 microsecond'", early)
    )
    env.cr.commit()
    rows = env.execute_query(SQL("SELECT person_id FROM nurture_enrolment ORDER BY id"))
    env.cr.rollback()
    if len(rows) != inside or look(env, SQL("SELECT count(*) FROM nurture_waiter")) != inside:
        raise RuntimeError("not everybody waits")
    return [person for (person,) in rows]


def _thread(errors: list[str], work, *arguments) -> threading.Thread:
    def guarded():
        try:
            work(*arguments)
        except Exception as error:  # told by the row of the result
            errors.append(repr(error))

    return threading.Thread(target=guarded, daemon=True)


def _lane(dbname: str, stop: threading.Event) -> None:
    """As the job does it: a batch, a commit, the next."""
    with Registry(dbname).cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        while not stop.is_set():
            done = env["nurture.enrolment"]._advance_batch_safely()
            cr.commit()
            if not done:
                time.sleep(0.01)


def _write_events(dbname: str, persons: list[int]) -> None:
    """As the inbox does it: a few events, a commit; after a conflict once more."""
    rng = random.Random(SEED + len(persons))
    with Registry(dbname).cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        for group in split_every(TOGETHER, persons, list):
            now = datetime.now().replace(microsecond=0)
            vals = [
                {"person_id": person, "kind": "call", "occurred_at": now, "actor": "human",
                 "dedup_key": f"race:{person}"}
                for person in group
            ]  # fmt: skip
            while not _insert(env, vals):
                time.sleep(rng.uniform(0, 0.05))


def _insert(env: Environment, vals: list[dict]) -> bool:
    try:
        env["nurture.event"]._insert_events(vals)
        env.cr.commit()
    except CONFLICTS:
        env.cr.rollback()
        return False
    return True
