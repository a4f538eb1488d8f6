"""P-1 and P-2: scoring people by 30 rules of fit and 25 of behaviour."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tools import SQL

from bench.compare import create_equal_table, differences, empty
from bench.data.events import fill_events
from bench.data.leads import fill_leads
from bench.data.people import fill_people
from bench.data.rules import create_score_model
from bench.floors import score as floor
from bench.harness import Bench

PERSONS, EVENTS = 1_000_000, 10_000_000
DIRTY = 10_000
CORE_SAMPLE = 50_000
COLUMNS = ("company_id", "fit", "engagement", "total", "band", "grade")


def run(bench: Bench) -> None:
    """Fill, then measure the full score, its repetition, a batch of dirty people, and core."""
    env, now = bench.env, datetime.now().replace(microsecond=0)
    persons = fill(bench, now)
    model = create_score_model(env)
    create_equal_table(env, floor.TABLE, "nurture_score")
    with patch.object(fields.Datetime, "now", lambda: now):
        full_s = _full(bench, model, persons, now)
        _repeated(bench, model, persons, now)
        _dirty(bench, model, persons, now)
    _core(bench, len(persons) / full_s, now)


def fill(bench: Bench, now: datetime) -> range:
    """Leads, their people and a year of events; returns the ids of the people."""
    env, count = bench.env, bench.sized(PERSONS, 1000)
    leads = fill_leads(env, count, now)
    persons = fill_people(env, leads, count)
    fill_events(env, persons, bench.sized(EVENTS, 10_000), now)
    env["nurture.change"]._cron_reconcile_persons()
    drifted = env["nurture.change"].search_count([("kind", "=", "lead")])
    if drifted:
        raise RuntimeError(f"{drifted} copied leads are not joined as the addon would join them")
    return persons


def _full(bench: Bench, model, persons: range, now: datetime) -> float:
    """Everybody for the first time."""
    env = bench.env

    def reset():
        empty(env, "nurture_score", "nurture_dirty", floor.TABLE)
        model._request_pass(silent=True)
        env.cr.commit()

    timing = bench.compare(
        ours=env["nurture.score"]._cron_score,
        floor=lambda: floor.write_scores(env, model.id, now),
        reset=reset,
    )
    reset()
    env["nurture.score"]._cron_score()
    floor.write_scores(env, model.id, now)
    wrong = differences(env, "nurture_score", floor.TABLE, "person_id", COLUMNS)
    bench.add(
        "score: everybody, first time",
        len(persons),
        timing.ours_s,
        **timing.as_kwargs(differences=wrong, persons_per_s=round(len(persons) / timing.ours_s)),
        must="P-1 ratio <= 1.5",
        ok=timing.ours_s <= 1.5 * timing.floor_s and not wrong,
    )
    return timing.ours_s


def _repeated(bench: Bench, model, persons: range, now: datetime) -> None:
    """Everybody again while nothing changed: reading must cost what it costs, writing nothing."""
    env = bench.env

    def reset():
        empty(env, floor.TABLE)
        model._request_pass(silent=False)
        env.cr.commit()

    timing = bench.compare(
        ours=env["nurture.score"]._cron_score,
        floor=lambda: floor.write_scores(env, model.id, now),
        reset=reset,
    )
    bench.add("score: everybody, nothing new", len(persons), timing.ours_s, **timing.as_kwargs())


def _dirty(bench: Bench, model, persons: range, now: datetime) -> None:
    """Some people, evenly spread, about whom there is news."""
    env = bench.env
    some = list(persons)[:: max(len(persons) // DIRTY, 1)][:DIRTY]

    def reset():
        empty(env, floor.TABLE, "nurture_dirty")
        env["nurture.dirty"]._push(some)
        env.cr.commit()

    timing = bench.compare(
        ours=env["nurture.score"]._cron_score,
        floor=lambda: floor.write_scores(env, model.id, now, some),
        reset=reset,
    )
    bench.add(
        "score: dirty people",
        len(some),
        timing.ours_s,
        **timing.as_kwargs(),
        must="P-2 10k <= 2 s",
        ok=timing.ours_s <= 2.0 if len(some) >= DIRTY else None,
    )


def _core(bench: Bench, ours_per_s: float, now: datetime) -> None:
    """Core's predictive scoring of the newest leads, as its own job does it."""
    env = bench.env
    [(total,)] = env.execute_query(
        SQL("SELECT count(*) FROM crm_lead WHERE won_status = 'pending'")
    )
    days = 365 * min(CORE_SAMPLE / max(total, 1), 1)
    start = fields.Date.to_string((now - timedelta(days=days)).date())
    env["ir.config_parameter"].set_param("crm.pls_start_date", start)
    [(leads,)] = env.execute_query(
        SQL(
            "SELECT count(*) FROM crm_lead WHERE won_status = 'pending' AND create_date >= %s",
            start,
        )
    )
    spent = bench.timed(env["crm.lead"]._cron_update_automated_probabilities)
    core_per_s = leads / spent
    bench.add(
        "score: core's predictive job",
        leads,
        spent,
        must="P-1 ours >= 10 x per lead",
        ok=ours_per_s >= 10 * core_per_s,
        extra={"leads_per_s": round(core_per_s), "ours_is_x": round(ours_per_s / core_per_s, 1)},
    )
