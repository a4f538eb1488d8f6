"""Mail servers as they are: full, slow, refusing, and breaking off in the middle of a mail."""

import time
from datetime import datetime
from unittest.mock import patch

from odoo.tools import SQL, config, mute_logger

from bench.benchmarks.gateway import STEPS
from bench.data.journeys import create_scenario, put_inside
from bench.data.leads import fill_leads
from bench.data.people import fill_people
from bench.harness import Bench
from bench.sink import CUT, Sink
from bench.watch import look

MAILS = 1_000
#: a retry comes a day later at most
ROUNDS = 8
SLOW_S = 0.2


def run(bench: Bench) -> None:
    """Each seventh mail meets another fault; in the end each was delivered or failed for good."""
    env, now = bench.env, datetime.now().replace(microsecond=0)
    mails = bench.sized(MAILS, 70)
    persons = fill_people(env, fill_leads(env, 2 * mails, now), 2 * mails)
    scenario = create_scenario(env, "Faults", STEPS)
    inside = put_inside(env, scenario, persons, now, most=mails)
    env.cr.commit()
    while env["nurture.enrolment"]._advance_batch_safely():
        env.cr.commit()
    place = {
        message_id: number
        for number, (message_id,) in enumerate(
            env.execute_query(SQL("SELECT message_id FROM nurture_send ORDER BY id"))
        )
    }
    env.cr.commit()
    started = time.monotonic()
    with patch.dict(config.options, {"smtp_server": "127.0.0.1", "smtp_port": 1}):
        _round(env)  # nobody answers at all
    with Sink(answer=lambda message_id, tries: _answer(place[message_id], tries)) as sink:
        with patch.dict(config.options, {"smtp_port": sink.port, "smtp_server": "127.0.0.1"}):
            for _round_number in range(ROUNDS):
                _round(env)
    spent = time.monotonic() - started
    states = dict(env.execute_query(SQL("SELECT state, count(*) FROM nurture_send GROUP BY 1")))
    env.cr.rollback()
    refused = sum(1 for number in place.values() if number % 7 == 1)
    left = look(env, SQL("SELECT count(*) FROM mail_mail WHERE state = 'outgoing'"))
    bench.add(
        "faults: mails to a bad server",
        inside,
        spent,
        must="delivered once or failed for good, none lost",
        ok=states == {"sent": inside - refused, "failed": refused} and not left
        and sink.delivered == len(sink.deliveries) == inside - refused,
        extra={"delivered": sink.delivered, "refused_for_good": refused, "states": states,
               "left_in_queue": left, "tries": sum(sink.tries.values())},
    )  # fmt: skip


def _answer(number: int, tries: int) -> bytes | None:
    """What becomes of a mail, by its number and how often it was tried."""
    kind = number % 7
    if kind == 1:
        return b"554 5.7.1 We do not want this\r\n"
    if kind == 2 and tries == 0:
        return b"451 4.7.1 Greylisted, come again\r\n"
    if kind == 3 and tries < 2:
        return b"452 4.2.2 Mailbox full\r\n"
    if kind == 4 and tries == 0 and number % 3 == 0:
        return CUT
    if kind == 5 and number % 10 == 0:
        time.sleep(SLOW_S)
    return None


@mute_logger("odoo.addons.mail.models.mail_mail", "odoo.addons.base.models.ir_mail_server")
def _round(env) -> None:
    """The queue, until it has nothing more to do now; then what became of it; then a day later."""
    for _run in range(2):
        env["mail.mail"].process_email_queue()
        env.cr.commit()
    env["nurture.send"]._cron_settle_sends()
    env.cr.commit()
    env.cr.execute(
        SQL("UPDATE mail_mail SET scheduled_date = NULL WHERE state = 'outgoing'")
    )
    env.cr.commit()
    env.invalidate_all()
