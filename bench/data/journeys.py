"""People who stand at the first step of a running scenario, all of them due."""

from datetime import datetime

from odoo.api import Environment
from odoo.tools import SQL

BODY = """<div><p>Hello <t t-out="object.contact_name">there</t>,</p>
<p>our <a href="https://www.shop.example/guide?step=1">guide</a> and our
<a href="https://www.shop.example/prices">prices</a> are new.</p>
<p><a href="/unsubscribe_from_list">Unsubscribe</a></p></div>"""
ADDRESS = "Shop <shop@shop.example>"


def create_scenario(env: Environment, name: str, steps: dict):
    """A running scenario of {name: (kind, vals, {label: name})}, entered by hand only."""
    scenario = env["nurture.scenario"].create(
        {
            "name": name,
            "user_id": env.ref("base.user_admin").id,
            "trigger_kind": "manual",
            "email_from": ADDRESS,
        }
    )
    nodes = {}
    for place, (step, (kind, vals, _exits)) in enumerate(steps.items()):
        nodes[step] = env["nurture.node"].create(
            {"version_id": scenario.draft_id.id, "name": step, "kind": kind, "sequence": place,
             **vals}
        )  # fmt: skip
        if kind == "mail":
            nodes[step].mailing_id.write({"subject": f"About {step}", "body_html": BODY})
    for step, (_kind, _vals, exits) in steps.items():
        for label, target in exits.items():
            nodes[step]._set_exit_to(label, nodes[target])
    env.flush_all()
    scenario.action_start()
    env.flush_all()
    return scenario


def put_inside(
    env: Environment, scenario, persons: range, now: datetime, most: int | None = None
) -> int:
    """Those of these people who have an open lead, at most so many, stand at the first step;
    → how many."""
    rows = env.execute_query(
        SQL(
            """INSERT INTO nurture_enrolment
                      (scenario_id, version_id, company_id, person_id, lead_id, node_id, visit,
                       state, run_at, enrolled_at, attempts)
               SELECT DISTINCT ON (i.person_id) %(scenario)s, %(version)s, %(company)s,
                      i.person_id, l.id, %(node)s, 1, 'active', %(now)s, %(now)s, 0
                 FROM nurture_identity i JOIN crm_lead l ON l.id = i.res_id
                WHERE i.kind = 'lead' AND i.person_id >= %(low)s AND i.person_id < %(high)s
                  AND l.active AND l.won_status = 'pending'
             ORDER BY i.person_id, l.id
                LIMIT %(most)s
            RETURNING id""",
            scenario=scenario.id,
            version=scenario.version_id.id,
            company=scenario.company_id.id,
            node=scenario.version_id._start_node().id,
            low=persons.start,
            high=persons.stop,
            now=now,
            most=most,
        )
    )
    env.invalidate_all()
    return len(rows)
