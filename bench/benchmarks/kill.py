"""Servers are killed while they work: nothing is lost, nothing is done twice."""

import random
import time
from datetime import datetime

from odoo.tools import SQL

from bench.data.journeys import create_scenario, put_inside
from bench.data.leads import fill_leads
from bench.data.people import fill_people
from bench.harness import Bench
from bench.sink import Sink
from bench.watch import OPEN_MAILS, jobs_off, keep_only_jobs, look, wait_until
from bench.workers import Workers

PERSONS, KILLS, SERVERS, LANES = 50_000, 20, 3, 4
SEED = 4_711
#: seconds that one person may take on a slow machine, and what starting up takes
PATIENCE_S, START_S = 0.5, 1_800
#: and until a job that comes once a minute has had its next turn
TURN_S = 1_800
#: the share of the work after which nobody dies: what is left has to keep the servers busy
LAST_KILL = 0.7
STEPS = {
    "ask": ("branch", {"condition": "domain", "domain": "[('priority', '=', '3')]"},
            {"yes": "write", "no": "rest"}),
    "write": ("mail", {}, {"next": "rest"}),
    "rest": ("wait", {"delay_count": 1, "delay_unit": "minutes"}, {"next": "end"}),
    "end": ("exit", {}, {}),
}  # fmt: skip
UNDER_WAY = SQL("SELECT count(*) FROM nurture_enrolment WHERE ended_at IS NULL")
STEPS_TAKEN = SQL("SELECT count(*) FROM nurture_step_log")


def run(bench: Bench) -> None:
    """Some processes do the lanes and the mail queue; SIGKILL hits them at random moments of the
    work, one that is in the middle of a transaction; others take their places."""
    env, now = bench.env, datetime.now().replace(microsecond=0)
    people = bench.sized(PERSONS, 1_500)
    kills = max(int(KILLS * min(bench.scale * 10, 1)), 5)
    servers = SERVERS if kills == KILLS else SERVERS - 1
    leads = fill_leads(env, people, now)
    persons = fill_people(env, leads, people)
    scenario = create_scenario(env, "Kill", STEPS)
    env["ir.cron"]._nurture_set_lanes(LANES)
    env["ir.config_parameter"].set_param("mail.mail.queue.batch.size", "500")
    inside = put_inside(env, scenario, persons, now)
    jobs = keep_only_jobs(env)
    env.cr.commit()
    with Sink() as sink, Workers(env.cr.dbname, servers, sink.port) as workers:
        started = time.monotonic()
        done = _kill_while_they_work(bench, sink, workers, inside, kills)
        # nobody repairs anything: everybody has to arrive, and every mail to be settled
        finished = wait_until(
            env,
            lambda: not look(env, UNDER_WAY) and not look(env, OPEN_MAILS),
            START_S + inside * PATIENCE_S,
        )
        spent = time.monotonic() - started
        # a job whose start was killed three times in a row sits out one turn, that is core's own
        # way; nobody switches it on again: it comes back by itself
        wait_until(env, lambda: not jobs_off(env, jobs), TURN_S)
        off = jobs_off(env, jobs)
    found = {**_count(env, sink, inside), "jobs_off": ", ".join(off) or 0}
    bench.add(
        "kill: people of whom servers died",
        inside,
        spent,
        must="each step once, <= 1 extra mail per dialogue cut",
        ok=finished and done == kills and not any(found[key] for key in MUST_BE_NONE)
        and sink.extra_copies <= sink.broken_off,
        extra={"kills": done, "mails": len(sink.deliveries), "dialogues_cut": sink.broken_off,
               "extra_copies": sink.extra_copies, **found},
    )  # fmt: skip


def _kill_while_they_work(bench: Bench, sink: Sink, workers: Workers, inside, kills) -> int:
    """At seeded moments of the progress, whoever is in a transaction dies. → how many died"""
    rng = random.Random(SEED)
    expected = inside * 3 + inside // 2
    moments = sorted(rng.uniform(0.01, LAST_KILL) * expected for _kill in range(kills))
    done, deadline = 0, time.monotonic() + START_S + inside * PATIENCE_S
    while done < kills and time.monotonic() < deadline:
        if look(bench.env, STEPS_TAKEN) + sink.delivered >= moments[done]:
            busy = [pid for pid in _busy(bench) if pid in workers.alive()]
            if busy and workers.kill(rng.choice(busy)):
                done += 1
                bench.env["ir.cron"]._notifydb()
        time.sleep(rng.uniform(0.01, 0.1))
    return done


def _busy(bench: Bench) -> list[int]:
    """Processes of Odoo that are in the middle of a transaction on this database."""
    rows = bench.env.execute_query(
        SQL(
            """SELECT DISTINCT application_name FROM pg_stat_activity
                WHERE datname = current_database() AND backend_xid IS NOT NULL
                  AND application_name ~ '^odoo-[0-9]+$' AND pid <> pg_backend_pid()
             ORDER BY 1"""
        )
    )
    bench.env.cr.rollback()
    return [int(name.partition("-")[2]) for (name,) in rows]


MUST_BE_NONE = ("lost", "twice", "not_logged", "unsent", "jobs_off")


def _count(env, sink: Sink, inside: int) -> dict[str, int]:
    """What must not be: each figure is 0 when the promise holds."""
    env.cr.rollback()
    queries = {
        # people who did not arrive at the end
        "lost": SQL("SELECT %s - count(*) FROM nurture_enrolment WHERE state = 'done'", inside),
        # a person who was logged twice at a step, or got two rows in the ledger
        "twice": SQL(
            """SELECT (SELECT count(*) FROM (SELECT 1 FROM nurture_step_log
                        GROUP BY enrolment_id, node_uid HAVING count(*) > 1) l)
                    + (SELECT count(*) FROM (SELECT 1 FROM nurture_send
                        GROUP BY enrolment_id, node_uid HAVING count(*) > 1) s)"""
        ),
        # a person whose log does not tell the whole way: ask, perhaps write, rest, end
        "not_logged": SQL(
            """SELECT count(*) FROM nurture_enrolment e
                WHERE (SELECT count(*) FROM nurture_step_log l WHERE l.enrolment_id = e.id)
                   <> 3 + (SELECT count(*) FROM nurture_send s WHERE s.enrolment_id = e.id)
                   OR (SELECT count(*) FROM nurture_send s WHERE s.enrolment_id = e.id)
                   <> (SELECT (priority = '3')::int FROM crm_lead c WHERE c.id = e.lead_id)"""
        ),
    }
    found = {key: env.execute_query(query)[0][0] for key, query in queries.items()}
    ids = {row[0] for row in env.execute_query(SQL("SELECT message_id FROM nurture_send"))}
    found["unsent"] = len(ids - {message_id for message_id, _to in sink.deliveries})
    env.cr.rollback()
    return found
