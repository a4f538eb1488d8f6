"""SA-1: the past of deals that are there at installation, rebuilt by the job, and cut once."""

from datetime import datetime

from odoo.tools import SQL

from bench.bulk import analyze
from bench.data.pipeline import MOVES, fill_moved_deals
from bench.harness import Bench, memory_growth

DEALS = 100_000
#: "minutes": the whole at scale 1
LIMIT_S, LIMIT_MB = 300, 200
HISTORY = "sales_stage_history"


def run(bench: Bench) -> None:
    """Fill, rebuild, and look whether a job that is cut in the middle ends with the same rows
    (scale 1: 100k deals with 500k moves)."""
    env = bench.env
    ids = fill_moved_deals(env, bench.sized(DEALS, 300), datetime.now().replace(microsecond=0))
    env.cr.execute(SQL("TRUNCATE sales_stage_history CASCADE"))
    env.cr.commit()
    with memory_growth() as memory:
        spent = bench.timed(lambda: _rebuild(env))
    whole, stays = _fingerprint(env), _count(env)
    _cut_in_the_middle(env)
    _rebuild(env, again=False)
    bench.add(
        "backfill: history of deals",
        len(ids),
        spent,
        memory_mb=memory["mb"],
        must=f"<= {LIMIT_S} s, <= {LIMIT_MB} MB",
        ok=spent <= LIMIT_S and memory["mb"] <= LIMIT_MB and whole == _fingerprint(env),
        extra={"moves": len(ids) * MOVES, "stays": stays, "after_cut": whole == _fingerprint(env)},
    )


def _job(env):
    return env["sales.backfill"].search([("subject", "=", "history")])


def _rebuild(env, again: bool = True) -> None:
    if again:
        _job(env)._set_waiting()
    while _job(env).state != "done":
        env["sales.backfill"]._cron_backfill_facts()
        if _job(env).failure:
            raise RuntimeError(_job(env).failure)


def _cut_in_the_middle(env) -> None:
    """Half of the steps are committed; the step in which the server dies is not."""
    job = _job(env)
    job._set_waiting()
    env.cr.execute(SQL("TRUNCATE sales_stage_history CASCADE"))
    while job.done_count < job.total // 2:
        job._step()
        env.cr.commit()
    job._step()
    env.cr.rollback()
    env.invalidate_all()
    analyze(env, HISTORY)


def _count(env) -> int:
    return env["sales.stage.history"].search_count([])


def _fingerprint(env) -> str:
    """One value for all that is told, whatever the ids."""
    [(value,)] = env.execute_query(
        SQL(
            """SELECT md5(string_agg(concat_ws('|', lead_id, stage_id, entered_at, left_at, seconds,
                                                direction, outcome, skipped), ','
                                     ORDER BY lead_id, entered_at, stage_id))
                 FROM sales_stage_history"""
        )
    )
    return value
