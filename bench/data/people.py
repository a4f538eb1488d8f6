"""Persons and their identities, as the join of leads to persons would have made them."""

from odoo.api import Environment

from bench.bulk import RowTemplate, analyze, bare_tables, progress, reserve_ids
from bench.data.leads import address_of, person_of

PERSON = ["id", "name", "email_normalized", "phone_sanitized"]
IDENTITY = ["id", "person_id", "res_id", "value"]


def fill_people(env: Environment, leads: range, persons: int) -> range:
    """Copy a person per human and an identity per lead; returns the ids of the persons."""
    person_row, identity_row = _templates(env)
    ids = reserve_ids(env, "nurture_person", persons)
    with bare_tables(env, "nurture_person", "nurture_identity"):
        person_row.copy(progress(_persons(ids), persons, "persons"))
        identity_row.copy(_identities(env, ids, leads))
    analyze(env, "nurture_person", "nurture_identity")
    return ids


def _templates(env: Environment) -> tuple[RowTemplate, RowTemplate]:
    """The person and the identity that the addon itself makes of one lead."""
    lead = env["crm.lead"].create(
        {"name": "Template", "contact_name": "Template", "email_from": "template@people.example"}
    )
    env["nurture.change"]._push("lead", lead.ids)
    env["nurture.change"]._cron_sync_persons()
    identity = env["nurture.identity"].search([("kind", "=", "lead"), ("res_id", "=", lead.id)])
    return (
        RowTemplate(env, "nurture_person", identity.person_id.id, PERSON),
        RowTemplate(env, "nurture_identity", identity.id, IDENTITY),
    )


def _persons(ids: range):
    for number, person in enumerate(ids):
        _company, mail, phone = address_of(number, len(ids))
        yield person, f"Person {number}", mail, phone


def _identities(env: Environment, persons: range, leads: range):
    identities = reserve_ids(env, "nurture_identity", len(leads))
    for place, (identity, lead) in enumerate(zip(identities, leads, strict=True)):
        number = person_of(place, len(persons))
        _company, mail, _phone = address_of(number, len(persons))
        yield identity, persons[number], lead, mail
