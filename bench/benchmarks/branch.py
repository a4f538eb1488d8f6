"""P-3: 5,000 people at a branch on conditions, and at a switch of three cases."""

from datetime import datetime

from odoo.fields import Command
from odoo.tools import SQL

from bench.compare import create_equal_table, differences, empty
from bench.data.journeys import create_scenario, put_inside
from bench.data.leads import CITIES, FUNCTIONS, fill_leads
from bench.data.people import fill_people
from bench.floors import branch as floor
from bench.harness import Bench

TOKENS = 5_000
PAST = 5  # steps that everybody has behind him
PEOPLE, LOG = "nurture_enrolment", "nurture_step_log"
HERE, CHIEF, CALLED = (
    [("city", "in", list(CITIES[:3]))],
    [("function", "=", FUNCTIONS[0])],
    [("phone", "!=", False)],
)
WAIT = ("wait", {"delay_count": 30}, {"next": "end"})


def run(bench: Bench) -> None:
    """The whole step for all of them at once: arrival, decision, log, way on (scale 1: 5,000)."""
    env, now = bench.env, datetime.now().replace(microsecond=0)
    count = bench.sized(TOKENS * 4, 1_000)
    persons = fill_people(env, fill_leads(env, count, now), count)
    create_equal_table(env, floor.PEOPLE, PEOPLE)
    create_equal_table(env, floor.LOG, LOG)
    ask = create_scenario(
        env,
        "Ask",
        {
            "ask": (
                "branch",
                {"condition": "domain", "domain": repr(HERE)},
                {"yes": "wait", "no": "wait"},
            ),
            "wait": WAIT,
            "end": ("exit", {}, {}),
        },
    )
    here = SQL("l.city = ANY(%s)", list(CITIES[:3]))
    yes_no = SQL("CASE WHEN %s THEN 'yes' ELSE 'no' END", here)
    _measure(bench, "branch: conditions", ask, persons, yes_no, now)
    sort = _create_switch(env)
    labels = dict(zip(("a", "b", "c"), sort.version_id._start_node()._case_labels(), strict=True))
    cases = SQL(
        "CASE WHEN %s THEN %s WHEN l.function = %s THEN %s WHEN l.phone IS NOT NULL THEN %s "
        "ELSE 'else' END",
        here, labels["a"], FUNCTIONS[0], labels["b"], labels["c"],
    )  # fmt: skip
    _measure(bench, "branch: switch of three cases", sort, persons, cases, now)


def _create_switch(env):
    cases = [
        Command.create({"name": name, "domain": repr(domain), "sequence": place})
        for place, (name, domain) in enumerate((("a", HERE), ("b", CHIEF), ("c", CALLED)))
    ]
    scenario = env["nurture.scenario"].create(
        {
            "name": "Sort", "user_id": env.ref("base.user_admin").id, "trigger_kind": "manual",
            "email_from": "bench@shop.example",
        }
    )  # fmt: skip
    sort, wait, end = env["nurture.node"].create(
        [
            {"version_id": scenario.draft_id.id, "name": kind, "kind": kind, "sequence": place,
             **({"case_ids": cases} if kind == "switch" else {})}
            for place, kind in enumerate(("switch", "wait", "exit"))
        ]
    )  # fmt: skip
    for case in sort.case_ids:
        case.to_id = wait
    sort.else_id, wait.next_id = wait, end
    env.flush_all()
    scenario.action_start()
    return scenario


def _add_past(env) -> None:
    """Everybody has taken some steps before: a log that is in use is not empty."""
    env.cr.execute(
        SQL(
            """INSERT INTO nurture_step_log (enrolment_id, scenario_id, company_id, person_id,
                                             node_uid, visit, arrived_at, left_at, label)
               SELECT id, scenario_id, company_id, person_id, 'past', -past, enrolled_at,
                      enrolled_at, 'next'
                 FROM nurture_enrolment CROSS JOIN generate_series(1, %s) past""",
            PAST,
        )
    )


def _measure(bench: Bench, name, scenario, persons: range, way: SQL, now: datetime) -> None:
    env, node = bench.env, scenario.version_id._start_node()

    def reset():
        env.cr.execute(SQL("TRUNCATE nurture_enrolment, nurture_node_delta CASCADE"))
        put_inside(env, scenario, persons, now, bench.sized(TOKENS, 200))
        empty(env, floor.PEOPLE, floor.LOG)
        _add_past(env)
        env.cr.execute(SQL("INSERT INTO bench_enrolment SELECT * FROM nurture_enrolment"))
        env.cr.execute(SQL("INSERT INTO bench_step_log SELECT * FROM nurture_step_log"))
        for table in (PEOPLE, LOG, floor.PEOPLE, floor.LOG):
            env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
        env.cr.commit()

    def ours():
        people = env["nurture.enrolment"].search([("scenario_id", "=", scenario.id)])
        failed = people._do_step(node, False, now)
        if failed:
            raise RuntimeError(failed[0])

    timing = bench.compare(ours=ours, floor=lambda: floor.move(env, node, way, now), reset=reset)
    reset()
    ours()
    floor.move(env, node, way, now)
    env.cr.commit()
    wrong = differences(env, LOG, floor.LOG, "enrolment_id", ("visit", "label"))
    wrong += differences(env, PEOPLE, floor.PEOPLE, "id", ("node_id", "visit"))
    bench.add(
        name,
        env["nurture.enrolment"].search_count([("scenario_id", "=", scenario.id)]),
        timing.ours_s,
        **timing.as_kwargs(differences=wrong),
        must="P-3 ratio <= 2",
        ok=timing.ours_s <= 2 * timing.floor_s and not wrong,
    )
