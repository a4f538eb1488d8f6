"""A gateway that reads every picture and link of a mail before it takes it."""

import time
from datetime import datetime

from odoo.tools import SQL

from bench.data.journeys import create_scenario, put_inside
from bench.data.leads import fill_leads
from bench.data.people import fill_people
from bench.harness import Bench
from bench.sink import Sink
from bench.watch import OPEN_MAILS, keep_only_jobs, look, wait_until
from bench.workers import Workers
from devkit.processes import free_port

PEOPLE = 1_000
PATIENCE_S = 3_600
STEPS = {
    "write": ("mail", {}, {"next": "rest"}),
    "rest": ("wait", {"delay_count": 30, "delay_unit": "days"}, {"next": "end"}),
    "end": ("exit", {}, {}),
}
UNREAD = SQL("SELECT count(*) FROM nurture_inbox WHERE state = 'new'")
MUST_BE_NONE = {
    "in_queue": SQL("SELECT count(*) FROM mail_mail WHERE state <> 'sent'"),
    "human_opens": SQL(
        "SELECT count(*) FROM nurture_event WHERE kind = 'mail_open' AND actor = 'human'"
    ),
    "human_clicks": SQL(
        "SELECT count(*) FROM nurture_event WHERE kind = 'mail_click' AND actor = 'human'"
    ),
    "counted_by_core": SQL(
        """SELECT count(*) FROM mailing_trace
            WHERE open_datetime IS NOT NULL OR links_click_datetime IS NOT NULL"""
    ),
}


def run(bench: Bench) -> None:
    """Each gets the mail once, and nobody counts as having opened it."""
    env, now = bench.env, datetime.now().replace(microsecond=0)
    people = bench.sized(PEOPLE, 50)
    persons = fill_people(env, fill_leads(env, 2 * people, now), 2 * people)
    scenario = create_scenario(env, "Gateway", STEPS)
    inside = put_inside(env, scenario, persons, now, most=people)
    keep_only_jobs(env, env.ref("lead_nurture.ir_cron_ingest_inbox"))
    port = free_port()
    env["ir.config_parameter"].set_param("web.base.url", f"http://127.0.0.1:{port}")
    env["ir.config_parameter"].set_param("web.base.url.freeze", "True")
    env.cr.commit()
    with Sink(prefetch=True) as sink, Workers(env.cr.dbname, 1, sink.port, http=port) as workers:
        started = time.monotonic()
        finished = wait_until(
            env,
            lambda: len(sink.deliveries) >= inside
            and not any(look(env, query) for query in (OPEN_MAILS, UNREAD)),
            PATIENCE_S,
        )
        spent = time.monotonic() - started
        faults = len(workers.faults())
    found = {key: look(env, query) for key, query in MUST_BE_NONE.items()}
    bench.add(
        "gateway: reads each mail before it takes it",
        inside,
        spent,
        must="one delivery each, no human opens and clicks, queue empty",
        ok=finished and sink.delivered == len(sink.deliveries) == inside and not any(found.values())
        and not faults and sum(sink.fetched.values()) >= 3 * inside,
        extra={"deliveries": sink.delivered, "fetched": dict(sink.fetched), **found,
               "errors_logged": faults},
    )  # fmt: skip
