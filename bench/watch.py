"""Watching servers at work from outside: what is committed now, and which jobs run."""

import time
from collections.abc import Callable

from odoo.api import Environment
from odoo.tools import SQL

#: mails of ours that are on their way, or whose fate is not written down yet
OPEN_MAILS = SQL("SELECT count(*) FROM nurture_send WHERE state IN ('queued', 'retry')")


def look(env: Environment, query: SQL) -> int:
    """One figure as it is committed now; a transaction of ours would go on seeing what was."""
    [(figure,)] = env.execute_query(query)
    env.cr.rollback()
    return figure


def keep_only_jobs(env: Environment, *more) -> None:
    """Only the lanes, the mail queue, what settles its mails, and these jobs, every minute."""
    crons = [env.ref("mail.ir_cron_mail_scheduler_action"),
             env.ref("lead_nurture.ir_cron_settle_sends"),
             *map(env.ref, env["ir.cron"]._nurture_lanes()), *more]  # fmt: skip
    env.flush_all()
    env.cr.execute(SQL("UPDATE ir_cron SET active = (id = ANY(%s))", [cron.id for cron in crons]))
    env.cr.execute(
        SQL(
            """UPDATE ir_cron SET nextcall = now() at time zone 'UTC',
                      interval_number = 1, interval_type = 'minutes' WHERE active"""
        )
    )
    env.invalidate_all()


def wait_until(env: Environment, done: Callable[[], bool], patience_s: float) -> bool:
    """Ask every second. Servers look for due jobs once a minute or when they are told; here they
    are told each time."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if done():
            return True
        env["ir.cron"]._notifydb()
        time.sleep(1)
    return False
