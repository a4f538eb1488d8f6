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


def keep_only_jobs(env: Environment, *more) -> list[int]:
    """Only the lanes, the mail queue, what settles its mails, and these jobs, every minute.
    → their ids"""
    crons = [env.ref("mail.ir_cron_mail_scheduler_action"),
             env.ref("lead_nurture.ir_cron_settle_sends"),
             *map(env.ref, env["ir.cron"]._nurture_lanes()), *more]  # fmt: skip
    ids = [cron.id for cron in crons]
    env.flush_all()
    env.cr.execute(SQL("UPDATE ir_cron SET active = (id = ANY(%s))", ids))
    env.cr.execute(
        SQL(
            """UPDATE ir_cron SET nextcall = now() at time zone 'UTC',
                      interval_number = 1, interval_type = 'minutes' WHERE active"""
        )
    )
    env.invalidate_all()
    return ids


def jobs_off(env: Environment, ids: list[int]) -> list[str]:
    """Those of these jobs that core has switched off, or whose last run it counts as failed."""
    rows = env.execute_query(
        SQL(
            """SELECT a.name->>'en_US' FROM ir_cron c
                 JOIN ir_act_server a ON a.id = c.ir_actions_server_id
                WHERE c.id = ANY(%s) AND (NOT c.active OR c.failure_count > 0)
             ORDER BY 1""",
            ids,
        )
    )
    env.cr.rollback()
    return [name for (name,) in rows]


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
