"""Customers: commercial partners, one in ten with a contact person of its own."""

from odoo.api import Environment

from bench.bulk import RowTemplate, analyze, bare_tables, progress, reserve_ids

VARYING = [
    "id",
    "name",
    "complete_name",
    "email",
    "email_normalized",
    "parent_id",
    "commercial_partner_id",
    "is_company",
]


def create_partners(env: Environment, names: list[str], **vals) -> range:
    """Copy one partner per name, each its own commercial partner; returns their ids."""
    template = _template(env, **vals)
    ids = reserve_ids(env, "res_partner", len(names))
    template.copy(
        (new_id, name, name, mail, mail, None, new_id, False)
        for new_id, name in zip(ids, names, strict=True)
        for mail in (f"{name.lower().replace(' ', '.')}@customer.example",)
    )
    return ids


def fill_partners(env: Environment, count: int) -> tuple[range, dict[int, int]]:
    """Copy `count` customers and a contact for every tenth of them.

    Returns the ids of the customers and {customer: contact}.
    """
    template = _template(env)
    ids = reserve_ids(env, "res_partner", count)
    contacts = dict(zip(ids[::10], reserve_ids(env, "res_partner", len(ids[::10])), strict=True))
    with bare_tables(env, "res_partner"):
        template.copy(progress(_rows(ids, contacts), count + len(contacts), "partners"))
    analyze(env, "res_partner")
    return ids, contacts


def _template(env: Environment, **vals) -> RowTemplate:
    partner = env["res.partner"].create(
        {"name": "Template Customer", "email": "template@customer.example", **vals}
    )
    return RowTemplate(env, "res_partner", partner.id, VARYING)


def _rows(ids: range, contacts: dict[int, int]):
    for number, partner in enumerate(ids):
        name, mail = f"Customer {number:07d}", f"customer{number}@customer.example"
        yield partner, name, name, mail, mail, None, partner, True
        contact = contacts.get(partner)
        if contact:
            person, mail = f"Contact {number:07d}", f"contact{number}@customer.example"
            yield contact, person, f"{name}, {person}", mail, mail, partner, partner, False
