"""P-4: core's queue with our guard around each mail, beside the queue without it."""

from datetime import datetime
from unittest.mock import patch

from odoo.tools import SQL, config

from bench.benchmarks.gateway import STEPS
from bench.data.journeys import create_scenario, put_inside
from bench.data.leads import fill_leads
from bench.data.people import fill_people
from bench.harness import Bench
from bench.sink import Sink

MAILS = 10_000


def run(bench: Bench) -> None:
    """As many mails of a scenario, and as many of which core does not know that they are ours."""
    env, now = bench.env, datetime.now().replace(microsecond=0)
    mails = bench.sized(MAILS, 200)
    persons = fill_people(env, fill_leads(env, 4 * mails, now), 4 * mails)
    scenario = create_scenario(env, "Send", STEPS)
    put_inside(env, scenario, persons, now, most=2 * mails)
    env["ir.config_parameter"].set_param("mail.mail.queue.batch.size", "1000")
    env.cr.commit()
    while env["nurture.enrolment"]._advance_batch_safely():
        env.cr.commit()
    env.cr.execute(
        SQL(
            """UPDATE mail_mail SET nurture_send_id = NULL WHERE id IN (
               SELECT id FROM mail_mail WHERE state = 'outgoing' ORDER BY id LIMIT %s)""",
            mails,
        )
    )
    # each half has the queue to itself
    env.cr.execute(
        SQL(
            """UPDATE mail_mail SET scheduled_date = now() + interval '1 day'
                WHERE nurture_send_id IS NOT NULL"""
        )
    )
    env.cr.commit()
    with Sink() as sink, patch.dict(
        config.options, {"smtp_server": "127.0.0.1", "smtp_port": sink.port}
    ):
        core_s = bench.timed(lambda: _empty_queue(env, mails))
        core_sent = sink.delivered
        env.cr.execute(SQL("UPDATE mail_mail SET scheduled_date = NULL"))
        ours_s = bench.timed(lambda: _empty_queue(env, mails))
        ours_sent = sink.delivered - core_sent
    bench.add(
        "send: queue to server",
        mails,
        ours_s,
        floor_s=core_s,
        must="each once, at most 1.5 x the queue without our guard",
        ok=core_sent == ours_sent == mails and not sink.extra_copies and ours_s <= 1.5 * core_s,
        extra={"mails_per_s": round(mails / ours_s), "without_guard": round(mails / core_s)},
    )


def _empty_queue(env, mails: int) -> None:
    """As the job does it: batches of 1,000, a commit after each mail."""
    for _run in range(0, mails, 1000):
        env["mail.mail"].process_email_queue()
        env.cr.commit()
