"""The links that customers hold: questions, the ways out of mails, a case, the public form."""

import time
from dataclasses import dataclass
from datetime import timedelta

from odoo import fields
from odoo.api import Environment
from odoo.tools.misc import hmac

OUTLIVED_S = 30 * 24 * 3600
CUSTOMERS = 6
PASSWORD = "a customer's own"


@dataclass
class Doors:
    """What stands in the links, and what a stranger would like to stand there."""

    #: tokens of questions that wait for an answer, one that expired, one of a shop's counter
    asked: list[str]
    expired: str
    counter: str
    #: (id, token) of the ways out
    stops: list[tuple[int, str]]
    reminders: list[tuple[int, str]]
    #: (id, token) of cases
    cases: list[tuple[int, str]]
    form: str
    #: a signed time of the form that is over
    old_stamp: str
    login: str


def open_doors(env: Environment, site: str) -> Doors:
    """Customers with a case each, who were asked about it, and who get reminders."""
    env["ir.config_parameter"].set_param("web.base.url", site)
    env["ir.config_parameter"].set_param("web.base.url.freeze", "True")
    env.company.care_frame_origins = "https://shop.example.com"
    partners = env["res.partner"].create([
        {"name": f"Customer {n}", "email": f"door{n}@bench.example"} for n in range(CUSTOMERS)
    ])  # fmt: skip
    team = env["care.team"].create({"name": "Doors", "form_open": True})
    cases = env["care.case"].create([
        {"name": "The grinder stopped", "partner_id": partner.id, "team_id": team.id}
        for partner in partners
    ])  # fmt: skip
    for case in cases:
        case._portal_ensure_token()
    questions = _ask(env, cases)
    reminders = _remind(env, partners)
    _let_in(env, partners[0])
    moment = int(time.time()) - OUTLIVED_S
    sign = hmac(env, "customer_care-contact-form", (team.id, moment))
    return Doors(
        asked=questions[1:].mapped("token"), expired=questions[0].token,
        counter=_create_program(env, "web").token,
        stops=[(one.id, one._get_stop_token()) for one in questions],
        reminders=[(one.id, one._get_token("stop")) for one in reminders],
        cases=[(case.id, case.access_token) for case in cases], form=team.form_key,
        old_stamp=f"{moment}-{sign}", login=partners[0].email,
    )  # fmt: skip


def _create_program(env: Environment, trigger: str):
    program = env["care.survey.program"].create(
        {"name": trigger, "metric": "nps", "trigger": trigger}
    )
    program.action_switch_on()
    return program


def _ask(env: Environment, cases):
    """The first one's time is over."""
    program, now = _create_program(env, "case_resolved"), fields.Datetime.now()
    questions = env["care.survey.invitation"].create([
        {"program_id": program.id, "company_id": case.company_id.id, "metric": program.metric,
         "partner_id": case.partner_id.id, "email": case.partner_id.email, "case_id": case.id,
         "event": f"door:{case.id}", "event_at": now}
        for case in cases
    ])  # fmt: skip
    questions._ensure_token()
    questions._set_sent(now)
    questions[0].expires_at = now - timedelta(days=1)
    return questions


def _remind(env: Environment, partners):
    """Reminders that have left."""
    rule = env["care.reminder.rule"].create({"name": "Runs out"})
    today = fields.Date.today()
    return env["care.reminder"].create([
        {"rule_id": rule.id, "kind": rule.kind, "channel": "mail", "partner_id": partner.id,
         "company_id": env.company.id, "cycle_on": today, "due_on": today, "send_on": today,
         "state": "sent"}
        for partner in partners
    ])  # fmt: skip


def _let_in(env: Environment, partner) -> None:
    """A customer with an account of his own."""
    env["res.users"].with_context(no_reset_password=True).create({
        "name": partner.name, "login": partner.email, "password": PASSWORD,
        "partner_id": partner.id, "group_ids": [(6, 0, env.ref("base.group_portal").ids)],
    })  # fmt: skip
