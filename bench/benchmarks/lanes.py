"""P-5: lanes on several servers move people side by side, each of them once."""

import time
from datetime import datetime

from odoo.tools import SQL

from bench.data.journeys import create_scenario, put_inside
from bench.data.leads import fill_leads
from bench.data.people import fill_people
from bench.harness import Bench
from bench.watch import keep_only_jobs, look
from bench.workers import Workers

TOKENS, MANY = 50_000, 4
PATIENCE_S, START_S, CALM_S = 1_800, 120, 5
STEPS = {
    "ask": ("branch", {"condition": "domain", "domain": "[('priority', 'in', ['2', '3'])]"},
            {"yes": "again", "no": "rest"}),
    "again": ("branch", {"condition": "domain", "domain": "[('city', '=', 'Hanoi')]"},
              {"yes": "rest", "no": "rest"}),
    "rest": ("wait", {"delay_count": 30, "delay_unit": "days"}, {"next": "end"}),
    "end": ("exit", {}, {}),
}  # fmt: skip
NOT_THERE_YET = SQL("SELECT count(*) FROM nurture_enrolment WHERE state = 'active'")
TWICE = SQL(
    """SELECT count(*) FROM (SELECT 1 FROM nurture_step_log
        GROUP BY enrolment_id, node_uid HAVING count(*) > 1) twice"""
)
ARRIVED = SQL("SELECT count(*) FROM nurture_enrolment WHERE state = 'waiting'")


def run(bench: Bench) -> None:
    """The same people with one lane on one server, then with four on four."""
    env, now = bench.env, datetime.now().replace(microsecond=0)
    people = bench.sized(TOKENS, 1_000)
    persons = fill_people(env, fill_leads(env, people, now), people)
    spent = {}
    wrong = tokens = 0
    for count in (1, MANY):
        scenario = create_scenario(env, f"{count} lanes", STEPS)
        env["ir.cron"]._nurture_set_lanes(count)
        keep_only_jobs(env)
        env.cr.commit()
        with Workers(env.cr.dbname, count, smtp_port=1, threads=1) as workers:
            _wait_until_up(bench, workers.alive())
            tokens = put_inside(env, scenario, persons, now)
            env.cr.commit()
            spent[count] = _race(bench)
        wrong += look(env, TWICE) + tokens - look(env, ARRIVED)
        env.cr.execute(SQL("TRUNCATE nurture_enrolment CASCADE"))
        env.cr.execute(SQL("UPDATE nurture_scenario SET state = 'archived'"))
        env.cr.commit()
        env.invalidate_all()
    gain = spent[1] / spent[MANY]
    bench.add(
        f"lanes: {MANY} servers, beside one",
        tokens,
        spent[MANY],
        must="P-5 each once, 1.7 x one lane on 2 cores",
        ok=not wrong and (gain >= 1.7 if bench.scale >= 1 else True),
        extra={"one_s": round(spent[1], 2), "gain": round(gain, 2), "wrong": wrong,
               "people_per_s": round(tokens / spent[MANY])},
    )  # fmt: skip


def _wait_until_up(bench: Bench, pids: list[int]) -> None:
    """Each server listens for jobs, which it does when it has loaded everything."""
    listening = SQL(
        """SELECT count(DISTINCT application_name) FROM pg_stat_activity
            WHERE datname = 'postgres' AND application_name = ANY(%s)""",
        [f"odoo-{pid}" for pid in pids],
    )
    deadline = time.monotonic() + START_S
    while look(bench.env, listening) < len(pids):
        if time.monotonic() > deadline:
            raise RuntimeError("the servers do not start")
        time.sleep(0.5)
    time.sleep(CALM_S)


def _race(bench: Bench) -> float:
    """Seconds until nobody is under way any more, to the tenth."""
    env = bench.env
    started = time.monotonic()
    env["nurture.enrolment"]._wake_lanes()
    env.cr.commit()
    told = started
    while look(env, NOT_THERE_YET):
        if time.monotonic() > started + PATIENCE_S:
            raise RuntimeError("the lanes did not arrive")
        if time.monotonic() > told + 1:
            told = time.monotonic()
            env["ir.cron"]._notifydb()
        time.sleep(0.1)
    return time.monotonic() - started
