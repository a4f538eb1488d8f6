"""Segments of the sort that marketers keep: by behaviour, by a lead's fields, by both."""

from odoo.api import Environment
from odoo.fields import Command

from bench.data.leads import CITIES, FUNCTIONS

PAGE, PAGE_DAYS = "/product", 180
PLACES = CITIES[:3]
STUDENT = FUNCTIONS[4]
QUIET_DAYS, QUIET_KIND = 180, "meeting"

#: what the floor is told of it in SQL
CONDITIONS = (
    {
        "kind": "event", "event_kind": "visit", "url_pattern": PAGE, "min_count": 1,
        "window_days": PAGE_DAYS,
    },
    {"kind": "lead", "domain": repr([("city", "in", list(PLACES)), ("active", "=", True)])},
    {"kind": "lead", "domain": repr([("function", "=", STUDENT)]), "negate": True},
    {
        "kind": "event", "event_kind": QUIET_KIND, "count_operator": "most", "min_count": 0,
        "window_days": QUIET_DAYS,
    },
)  # fmt: skip


def create_segment(env: Environment):
    """The only segment at work, not filled yet."""
    Segment = env["nurture.segment"]
    Segment.search([("kind", "=", "dynamic")]).action_archive()
    segment = Segment.create(
        {
            "name": "Bench",
            "company_id": False,
            "tz": "UTC",
            "condition_ids": [Command.create(vals) for vals in CONDITIONS],
        }
    )
    segment.action_activate()
    return segment


def create_scenario(env: Environment):
    """A running scenario for the open leads of some places, in which nobody is yet."""
    scenario = env["nurture.scenario"].create(
        {
            "name": "Bench",
            "user_id": env.ref("base.user_admin").id,
            "trigger_kind": "lead",
            "trigger_domain": repr([("city", "in", list(PLACES))]),
            "enrol_since": "2000-01-01 00:00:00",
            "entry_limit": 0,
            "email_from": "bench@shop.example",
        }
    )
    ask, wait = env["nurture.node"].create(
        [
            {
                "version_id": scenario.draft_id.id, "name": "Ask", "kind": "branch", "sequence": 1,
                "condition": "domain", "domain": repr([("priority", "in", ["2", "3"])]),
            },
            {
                "version_id": scenario.draft_id.id, "name": "Wait", "kind": "wait", "sequence": 2,
                "delay_count": 30, "delay_unit": "days",
            },
        ]
    )  # fmt: skip
    end = env["nurture.node"].create(
        {"version_id": scenario.draft_id.id, "name": "End", "kind": "exit", "sequence": 3}
    )
    for node, label, target in ((ask, "yes", wait), (ask, "no", wait), (wait, "next", end)):
        node._set_exit_to(label, target)
    env.flush_all()
    scenario.action_start()
    return scenario
