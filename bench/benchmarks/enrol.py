"""P-3: 300k people enter a scenario in one go, by its trigger and by hand."""

from datetime import datetime
from unittest.mock import patch

from odoo import fields
from odoo.tools import SQL

from bench.benchmarks.score import PERSONS
from bench.compare import create_equal_table, differences, empty
from bench.data.leads import fill_leads
from bench.data.people import fill_people
from bench.data.segments import create_scenario
from bench.floors import enrol as floor
from bench.harness import Bench

ENROLMENTS = "nurture_enrolment"


def run(bench: Bench) -> None:
    """Fill, then let everybody with an open lead in some places in (scale 1: about 300k), and look
    once more, when nobody is new."""
    env, now = bench.env, datetime.now().replace(microsecond=0)
    count = bench.sized(PERSONS, 1000)
    fill_people(env, fill_leads(env, count, now), count)
    scenario = create_scenario(env)
    create_equal_table(env, floor.TABLE, ENROLMENTS)
    with patch.object(fields.Datetime, "now", lambda: now):
        _measure(bench, "enrol: by its trigger", scenario, now, _by_trigger)
        _measure(bench, "enrol: by hand, all that match", scenario, now, _by_hand)
        _nobody_new(bench, scenario)


def _by_trigger(env, scenario):
    """Runs on until it is done, as the framework calls a job again that says that more is left."""
    while not scenario.full_pass_at:
        env["nurture.scenario"]._cron_enrol()


def _by_hand(env, scenario):
    job = env["nurture.enrol.job"].create({"scenario_id": scenario.id, "source": "match"})
    while job.state in ("waiting", "running"):
        env["nurture.enrol.job"]._cron_run_jobs()
    if job.state != "done":
        raise RuntimeError(job.error)


def _measure(bench: Bench, name, scenario, now: datetime, enter) -> None:
    env = bench.env

    def reset():
        env.cr.execute(SQL("TRUNCATE nurture_enrolment, nurture_enrol_job CASCADE"))
        env.cr.execute(SQL("UPDATE nurture_scenario SET seen_lead_id = 0, full_pass_at = NULL"))
        empty(env, floor.TABLE)
        env.invalidate_all()

    def ours():
        enter(env, scenario)

    def by_hand():
        floor.enrol(env, scenario, now)

    timing = bench.compare(ours=ours, floor=by_hand, reset=reset)
    reset()
    ours()
    by_hand()
    env.cr.commit()
    if scenario.state != "running":
        raise RuntimeError(scenario.pause_reason)
    wrong = differences(env, ENROLMENTS, floor.TABLE, "person_id", ("lead_id",))
    entered = env["nurture.enrolment"].search_count([("scenario_id", "=", scenario.id)])
    bench.add(
        name,
        entered,
        timing.ours_s,
        **timing.as_kwargs(differences=wrong),
        must="P-3 ratio <= 2",
        ok=timing.ours_s <= 2 * timing.floor_s and not wrong,
    )


def _nobody_new(bench: Bench, scenario) -> None:
    """A full pass when everybody is inside; and a small one, as made every minute."""
    env = bench.env
    scenario._write_marks({"full_pass_at": None, "seen_lead_id": None})
    bench.add("enrol: full pass, nobody new", _inside(env), bench.timed(
        env["nurture.scenario"]._cron_enrol
    ))  # fmt: skip
    bench.add("enrol: small pass, nobody new", _inside(env), bench.timed(
        env["nurture.scenario"]._cron_enrol
    ))  # fmt: skip


def _inside(env) -> int:
    return env["nurture.enrolment"].search_count([("is_open", "=", True)])
