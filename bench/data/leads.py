"""Leads: most of them open, some won and some lost, with the fields that rules look at."""

import random
from datetime import datetime, timedelta

from odoo.api import Environment

from bench.bulk import RowTemplate, analyze, bare_tables, copy_rows, progress, reserve_ids

SEED = 20_191
HISTORY_DAYS = 365
SECOND_LEAD = 10

LEAD = [
    "id",
    "name",
    "contact_name",
    "partner_name",
    "email_from",
    "email_normalized",
    "email_domain_criterion",
    "phone",
    "phone_sanitized",
    "function",
    "city",
    "country_id",
    "source_id",
    "medium_id",
    "priority",
    "expected_revenue",
    "create_date",
    "write_date",
    "date_open",
]
FUNCTIONS = ("Owner", "Purchaser", "Engineer", "Head of Production", "Student", "Consultant", None)
CITIES = ("Hanoi", "Da Nang", "Bangkok", "Taipei", "Osaka", "Jakarta")
COUNTRIES = ("vn", "th", "tw", "jp", "id", "sg", "us", "de")


def fill_leads(env: Environment, persons: int, now: datetime) -> range:
    """Copy the leads of so many humans; returns their ids, human by human, then the second ones.

    Every tenth has two leads. A tenth of the leads is won, two tenths are lost.
    """
    templates = _templates(env)
    ids = reserve_ids(env, "crm_lead", persons + persons // SECOND_LEAD)
    rows = progress(_rows(env, ids, persons, now), len(ids), "leads")
    with bare_tables(env, "crm_lead"):
        copy_rows(
            env,
            "crm_lead",
            templates["open"].columns,
            (templates[outcome].line(*values) for outcome, values in rows),
        )
    analyze(env, "crm_lead")
    return ids


def person_of(place: int, persons: int) -> int:
    """Number of the human whose lead stands at this place.

    >>> [person_of(place, 20) for place in (0, 19, 20, 21)]
    [0, 19, 0, 10]
    """
    return place if place < persons else (place - persons) * SECOND_LEAD


def address_of(person: int, persons: int) -> tuple[str, str, str]:
    """(company, e-mail, phone) of a human; three work in each company."""
    company = f"Company {person % max(persons // 3, 1):06d}"
    host = company.lower().replace(" ", "") + ".example"
    return company, f"person{person}@{host}", f"+8490{person:07d}"


def _templates(env: Environment) -> dict[str, RowTemplate]:
    leads = env["crm.lead"].create(
        [
            {
                "name": f"Template {outcome}",
                "type": "lead",
                "email_from": f"{outcome}@leads.example",
                "phone": "+84901234567",
                "country_id": env.ref("base.vn").id,
            }
            for outcome in ("open", "won", "lost")
        ]
    )
    leads[1].action_set_won()
    leads[2].action_set_lost()
    return {
        outcome: RowTemplate(env, "crm_lead", lead.id, LEAD)
        for outcome, lead in zip(("open", "won", "lost"), leads, strict=True)
    }


def _rows(env: Environment, ids: range, persons: int, now: datetime):
    rng = random.Random(SEED)
    countries = [env.ref(f"base.{code}").id for code in COUNTRIES]
    sources = env["utm.source"].search([], limit=5).ids or [None]
    mediums = env["utm.medium"].search([], limit=5).ids or [None]
    for place, lead in enumerate(ids):
        person = person_of(place, persons)
        company, mail, phone = address_of(person, persons)
        made = now - timedelta(days=rng.random() * HISTORY_DAYS)
        outcome = rng.choices(("open", "won", "lost"), (7, 1, 2))[0]
        yield outcome, (
            lead, f"Request {place}", f"Person {person}", company, mail, mail,
            "@" + mail.partition("@")[2], phone, phone, rng.choice(FUNCTIONS), rng.choice(CITIES),
            rng.choice(countries), rng.choice(sources), rng.choice(mediums), rng.choice("0123"),
            round(rng.lognormvariate(8, 1), 2), made, made, made,
        )  # fmt: skip
