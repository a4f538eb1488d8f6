"""P-4: a step that sends a mail, beside core's own mass mailing of the same mail."""

import warnings
from datetime import datetime
from unittest.mock import patch

from odoo.tools import SQL

from bench.benchmarks.gateway import STEPS
from bench.data.journeys import ADDRESS, BODY, create_scenario, put_inside
from bench.data.leads import fill_leads
from bench.data.people import fill_people
from bench.harness import Bench, memory_growth

PEOPLE, OLD_TRACES = 10_000, 1_000_000
WARM_UP = 100
#: core needs minutes for a thousand mails when a million traces are there
CORE_SAMPLE = 200


def run(bench: Bench) -> None:
    """The same mail to as many people, twice: with no history, and with a long one."""
    env, now = bench.env, datetime.now().replace(microsecond=0)
    people, old = bench.sized(PEOPLE, 500), bench.sized(OLD_TRACES, 1_000)
    needed = 2 * (2 * people + 2 * WARM_UP + CORE_SAMPLE)
    persons = fill_people(env, fill_leads(env, needed, now), needed)
    leads = _open_leads(env, persons)
    scenario = create_scenario(env, "Advance", STEPS)
    mailing = _create_mailing(env)
    env.cr.commit()
    take = iter(range(0, len(leads), 1))

    def some(count):
        return [leads[next(take)] for _number in range(count)]

    _ours(bench, scenario, some(WARM_UP), now)
    _core(bench, mailing, some(WARM_UP))
    core_s, _mb = _core(bench, mailing, some(people))
    ours_s, memory = _ours(bench, scenario, some(people), now)
    bench.add(
        "advance: send step",
        people,
        ours_s,
        floor_s=core_s,
        memory_mb=memory,
        must="P-4 at least core's rate",
        ok=ours_s <= core_s,
        extra={"ours_per_s": round(people / ours_s), "core_per_s": round(people / core_s)},
    )
    node = scenario.version_id.node_ids.filtered("mailing_id")
    for one in (mailing, node.mailing_id):
        _fill_traces(env, one, old)
    core_s, _mb = _core(bench, mailing, some(CORE_SAMPLE))
    ours_s, memory = _ours(bench, scenario, some(people), now)
    core_per_s, ours_per_s = CORE_SAMPLE / core_s, people / ours_s
    bench.add(
        f"advance: send step, {old:,} older traces",
        people,
        ours_s,
        memory_mb=memory,
        must="P-4 20 x core at 1M",
        ok=ours_per_s >= 20 * core_per_s if bench.scale >= 1 else None,
        extra={"ours_per_s": round(ours_per_s), "core_per_s": round(core_per_s, 1),
               "ours_is_x": round(ours_per_s / core_per_s, 1)},
    )  # fmt: skip


def _open_leads(env, persons: range) -> list[tuple[int, int]]:
    """(person, lead), one open lead a person."""
    return env.execute_query(
        SQL(
            """SELECT DISTINCT ON (i.person_id) i.person_id, l.id
                 FROM nurture_identity i JOIN crm_lead l ON l.id = i.res_id
                WHERE i.kind = 'lead' AND i.person_id BETWEEN %s AND %s
                  AND l.active AND l.won_status = 'pending'
             ORDER BY i.person_id, l.id""",
            persons.start,
            persons.stop,
        )
    )


def _create_mailing(env):
    return env["mailing.mailing"].create(
        {
            "subject": "About write",
            "body_html": BODY,
            "email_from": ADDRESS,
            "mailing_model_id": env["ir.model"]._get_id("crm.lead"),
            "mailing_domain": "[('id', '=', 0)]",
        }
    )


def _ours(bench: Bench, scenario, pairs, now) -> tuple[float, float]:
    """The lane takes these people over the step. → (seconds, MB)"""
    env = bench.env
    persons = [person for person, _lead in pairs]
    inside = put_inside(env, scenario, range(min(persons), max(persons) + 1), now)
    env.cr.commit()

    def advance():
        while env["nurture.enrolment"]._advance_batch_safely():
            env.cr.commit()

    with memory_growth() as memory:
        spent = bench.timed(advance)
    [(mails,)] = env.execute_query(
        SQL(
            """SELECT count(*) FROM nurture_send s JOIN mail_mail m ON m.nurture_send_id = s.id
                WHERE s.scenario_id = %s AND s.person_id = ANY(%s)""",
            scenario.id,
            persons,
        )
    )
    if not mails == inside == len(pairs):
        raise RuntimeError(f"{len(pairs)} people, {inside} inside, {mails} mails")
    return spent, memory["mb"]


def _core(bench: Bench, mailing, pairs) -> tuple[float, float]:
    """Core writes the same mails; its queue is left out, as ours is."""
    env = bench.env
    ids = [lead for _person, lead in pairs]
    before = env["mail.mail"].search_count([("mailing_id", "=", mailing.id)])
    with (
        patch.object(type(env["mail.mail"]), "send", lambda *_a, **_kw: True),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore", DeprecationWarning)  # core's own, at each 50 mails
        spent = bench.timed(lambda: mailing._action_send_mail(ids))
    made = env["mail.mail"].search_count([("mailing_id", "=", mailing.id)]) - before
    if made != len(ids):
        raise RuntimeError(f"core wrote {made} mails of {len(ids)}")
    return spent, 0.0


def _fill_traces(env, mailing, count: int) -> None:
    """Traces of people to whom this mailing went long ago."""
    env.cr.execute(
        SQL(
            """INSERT INTO mailing_trace (trace_type, model, res_id, email, mass_mailing_id,
                      message_id, trace_status, sent_datetime, create_date)
               SELECT 'mail', 'crm.lead', -n, 'old' || n || '@people.example', %s,
                      '<old-' || %s || '-' || n || '@bench>', 'sent', now(), now()
                 FROM generate_series(1, %s) n""",
            mailing.id,
            mailing.id,
            count,
        )
    )
    env.cr.execute(SQL("ANALYZE mailing_trace"))
    env.cr.commit()
