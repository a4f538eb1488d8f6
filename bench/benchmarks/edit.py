"""Steps change while people travel them: versions are published in the middle of everything."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import SQL
from psycopg2 import errors as pg

from bench.clock import PacedClock
from bench.data.journeys import BODY, create_scenario, put_inside
from bench.data.leads import fill_leads
from bench.data.people import fill_people
from bench.harness import Bench
from bench.watch import look

PERSONS, LANES = 1_000, 3
PATIENCE_S = 3_600
#: they set out one after the other within this time
SETTING_OUT = timedelta(minutes=10)
#: so long people walk on, at most, while a change is prepared and published
MEANWHILE = timedelta(minutes=3)
#: and so long from one look at them to the next
A_LOOK = timedelta(minutes=1)
STEPS = {
    "first": ("mail", {}, {"next": "wait"}),
    "wait": ("wait", {"delay_count": 10, "delay_unit": "minutes"}, {"next": "second"}),
    "second": ("mail", {}, {"next": "rest"}),
    "rest": ("wait", {"delay_count": 10, "delay_unit": "minutes"}, {"next": "end"}),
    "end": ("exit", {}, {}),
}
#: what runs beside each other, each on a connection of its own: (model, job), how often
JOBS = {
    ("nurture.enrolment", "_cron_advance"): LANES,
    ("nurture.version.plan", "_cron_move_people"): 1,
    ("nurture.node.stat", "_cron_fold_numbers"): 1,
    ("nurture.enrolment", "_cron_leave"): 1,
}
CONFLICTS = (pg.SerializationFailure, pg.DeadlockDetected)
INSIDE = SQL("SELECT count(*) FROM nurture_enrolment WHERE ended_at IS NULL")
MAILS_OF = """SELECT count(*) FROM nurture_send s JOIN nurture_node n ON n.id = s.node_id
               WHERE n.name->>'en_US' = %s"""
ONE_AFTER_THE_OTHER = """
    UPDATE nurture_enrolment e
       SET run_at = e.run_at + (%s * (o.turn::float / o.crowd))
      FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS turn, count(*) OVER () AS crowd
              FROM nurture_enrolment) o
     WHERE o.id = e.id RETURNING e.id"""
MUST_BE_NONE = {
    "still_inside": INSIDE,
    "lost": SQL("SELECT count(*) FROM nurture_enrolment WHERE state <> 'done'"),
    "failed": SQL("SELECT count(*) FROM nurture_enrolment WHERE last_error IS NOT NULL"),
    "twice": SQL(
        """SELECT count(*) FROM (SELECT 1 FROM nurture_send
            GROUP BY enrolment_id, node_uid HAVING count(*) > 1) s"""
    ),
    # went the whole way, and did not get one of the mails that each version has
    "missed": SQL(
        """SELECT count(*) FROM nurture_enrolment e
            WHERE e.exit_reason = 'finished'
              AND (SELECT count(*) FROM nurture_send s JOIN nurture_node n ON n.id = s.node_id
                    WHERE s.enrolment_id = e.id AND n.name->>'en_US' IN ('first', 'second')) <> 2"""
    ),
    # mails without a row in the ledger, or rows without a mail
    "not_in_ledger": SQL(
        """SELECT abs((SELECT count(*) FROM nurture_send)
                    - (SELECT count(*) FROM mailing_trace))"""
    ),
    "plans_left": SQL("SELECT count(*) FROM nurture_version_plan WHERE state <> 'done'"),
}


def run(bench: Bench) -> None:
    """Lanes, the job that changes versions, the folding of numbers and the look-out for goals all
    run while three versions are published and people reach the goal."""
    env = bench.env
    clock = PacedClock()
    with patch.object(fields.Datetime, "now", staticmethod(clock.now)):
        scenario, persons = _travel(env, bench.sized(PERSONS, 200))
        errors: list[str] = []
        stop = threading.Event()
        threads = [
            threading.Thread(target=_job, args=(errors, stop, env.cr.dbname, *job), daemon=True)
            for job, number in JOBS.items()
            for _number in range(number)
        ]
        started = time.monotonic()
        for thread in threads:
            thread.start()
        clock.start(env.cr.dbname)
        _publish_meanwhile(env, scenario, persons, clock)
        _wait(env, lambda: not look(env, INSIDE))
        spent = time.monotonic() - started
        clock.stop()
        stop.set()
        for thread in threads:
            thread.join()
        env["nurture.version.plan"]._cron_move_people()
    found = {key: look(env, query) for key, query in MUST_BE_NONE.items()}
    found["miscounted"] = _count_again(env, scenario)
    goals = look(env, SQL("SELECT count(*) FROM nurture_enrolment WHERE exit_reason = 'goal'"))
    bench.add(
        "edit: three versions published under way",
        len(persons),
        spent,
        must="all done, nothing twice, numbers = recount",
        ok=not errors and not any(found.values()) and len(scenario.plan_ids) == len(CHANGES),
        extra={"goals": goals, "moves": look(env, SQL(
            "SELECT count(*) FROM nurture_enrolment WHERE plan_id IS NOT NULL")), **found,
            "errors": errors[:3]},
    )  # fmt: skip


def _travel(env: Environment, people: int):
    """A scenario with a goal and so many people at its first step. → it, their numbers"""
    now = fields.Datetime.now()
    persons = fill_people(env, fill_leads(env, people * 3 // 2, now), people * 3 // 2)
    scenario = create_scenario(env, "Edit", STEPS)
    scenario.write({"goal_ids": [fields.Command.create({"purpose": "goal", "event_kind": "call"})]})
    env.flush_all()
    inside = put_inside(env, scenario, persons, now, most=people)
    env.execute_query(SQL(ONE_AFTER_THE_OTHER, SETTING_OUT))
    env.cr.commit()
    rows = env.execute_query(SQL("SELECT person_id FROM nurture_enrolment ORDER BY id"))
    env.cr.rollback()
    if len(rows) != inside:
        raise RuntimeError("somebody was inside before")
    return scenario, [person for (person,) in rows]


def _job(errors: list[str], stop: threading.Event, dbname: str, model: str, job: str) -> None:
    """As the scheduler does it: over and over; after a conflict once more."""
    with Registry(dbname).cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        while not stop.is_set():
            try:
                getattr(env[model], job)()
                cr.commit()
            except CONFLICTS:
                cr.rollback()
            except Exception as error:  # told by the row of the result
                errors.append(f"{job}: {error!r}")
                cr.rollback()
            env.invalidate_all()
            time.sleep(0.05)


# ------------------------------------------------------------
# What is published, and when
# ------------------------------------------------------------


def _publish_meanwhile(env: Environment, scenario, persons: list[int], clock: PacedClock) -> None:
    """Each change when so many have had a mail and the people of the change before have come over;
    right after it some people reach the goal. While it is prepared people walk on, but not far."""
    for turn, (mail, share, change) in enumerate(CHANGES):
        enough = share * len(persons)
        _wait(env, lambda m=mail, e=enough: _had_mail(env, clock, m) >= e)
        clock.run_at_most(MEANWHILE)
        _wait(env, lambda: not look(env, MUST_BE_NONE["plans_left"]))
        _again(env, lambda c=change: _publish(env, scenario, c))
        _again(env, lambda t=turn: _reach_goal(env, persons[t :: 4 * len(CHANGES)]))
        clock.run_at_most(None)


def _had_mail(env: Environment, clock: PacedClock, mail: str) -> int:
    """Time passes only while somebody looks: the moment to publish is never slept through."""
    clock.run_at_most(A_LOOK)
    return look(env, SQL(MAILS_OF, mail))


def _publish(env: Environment, scenario, change: Callable) -> None:
    scenario.action_edit_steps()
    draft = scenario.draft_id
    change(draft, {node.name: node for node in draft.node_ids})
    env.flush_all()
    action = scenario.action_publish()
    env["nurture.publish"].browse(action["res_id"]).action_apply()


def _longer_and_one_more(draft, steps) -> None:
    """The wait becomes longer, and a mail comes behind it."""
    steps["wait"].delay_count = 20
    news = draft.env["nurture.node"].create(
        {"version_id": draft.id, "name": "news", "kind": "mail", "sequence": 9}
    )
    news.mailing_id.write({"subject": "News", "body_html": BODY})
    news._set_exit_to("next", steps["second"])
    steps["wait"]._set_exit_to("next", news)


def _without_the_rest(draft, steps) -> None:
    """A step at which people stand is removed."""
    draft.editor_remove(draft.revision, steps["rest"].id)


def _first_comes_later(draft, steps) -> None:
    """A mail that people had moves behind where they stand."""
    steps["wait"].sequence = -1
    steps["wait"]._set_exit_to("next", steps["first"])
    steps["first"]._set_exit_to("next", steps["news"])


#: which mail went to what share of the people when this is published
CHANGES = (
    ("first", 0.5, _longer_and_one_more),
    ("second", 0.1, _without_the_rest),
    ("second", 0.3, _first_comes_later),
)


def _reach_goal(env: Environment, persons: list[int]) -> None:
    now = fields.Datetime.now()
    env["nurture.event"]._insert_events(
        [
            {"person_id": person, "kind": "call", "occurred_at": now, "actor": "human",
             "dedup_key": f"edit:{person}"}
            for person in persons
        ]
    )  # fmt: skip


# ------------------------------------------------------------
# Tools
# ------------------------------------------------------------


def _again(env: Environment, work: Callable[[], None]) -> None:
    """A commit, after conflicts a later one."""
    while True:
        try:
            work()
            env.flush_all()
            env.cr.commit()
            return
        except CONFLICTS:
            env.cr.rollback()
            env.invalidate_all()
            time.sleep(0.05)


def _wait(env: Environment, reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not reached() and time.monotonic() < deadline:
        time.sleep(0.1)
    env.invalidate_all()


def _count_again(env: Environment, scenario) -> int:
    """Versions of which the numbers kept are not those of the log."""
    env.invalidate_all()
    stat = env["nurture.node.stat"]
    kept = {version: stat._numbers(scenario, version) for version in scenario.version_ids}
    stat._recount(scenario)
    wrong = sum(stat._numbers(scenario, version) != kept[version] for version in kept)
    env.cr.rollback()
    return wrong
