"""Cases of customers: most of them settled, a twentieth open, three contacts each."""

from datetime import datetime, timedelta

from odoo.api import Environment

from bench.bulk import RowTemplate, analyze, bare_tables, progress, reserve_ids

CONTACTS = 3
#: one case in so many is open
OPEN_EVERY = 20
TABLES = ("care_case", "care_case_contact")
MOVED = ["id", "number", "partner_id", "commercial_partner_id", "category_id", "opened_at"]
SETTLED = [
    *MOVED, "first_response_at", "resolved_at", "last_resolved_at", "reply_hours",
    "resolution_hours",
]  # fmt: skip
OPEN = [*MOVED, "reply_deadline", "deadline_at", "due_at", "escalate_at"]
HOUR = timedelta(hours=1)


def fill_cases(env: Environment, count: int, now: datetime) -> range:
    """Copy cases over two years; each is a variation of one that the ORM made."""
    policies = env["care.sla"]
    if not policies.search_count([]):
        policies.action_create_preset()
    partners = env["res.partner"].create(
        [{"name": f"Case customer {n}", "email": f"c{n}@bench.example"} for n in range(500)]
    )
    categories = env["care.category"].search([])
    settled, running = _make(env, partners[0]), _make(env, partners[1])
    settled.action_resolve()
    env.flush_all()
    ids = reserve_ids(env, "care_case", count)
    contact = RowTemplate(
        env, "care_case_contact", settled.contact_ids[0].id, ["id", "case_id", "direction", "at"]
    )
    done, still = (
        RowTemplate(env, "care_case", case.id, names)
        for case, names in ((settled, SETTLED), (running, OPEN))
    )
    contact_ids = reserve_ids(env, "care_case_contact", count * CONTACTS)

    def cases():
        for place, case in enumerate(ids):
            partner = partners[place % len(partners)].id
            born = now - HOUR * (place % 17_000 if place % OPEN_EVERY else place % 200)
            common = (
                case, f"B{case}", partner, partner, categories[place % len(categories)].id, born,
            )  # fmt: skip
            if place % OPEN_EVERY:
                took = 1 + place % 37
                yield done, (*common, born + HOUR, born + took * HOUR, born + took * HOUR,
                             (place % 80) / 10, float(took))  # fmt: skip
            else:
                due = born + HOUR * 60
                yield still, (*common, due, due + HOUR * 40, due, now + HOUR * (1 + place % 300))

    def contacts():
        for place, contact_id in enumerate(contact_ids):
            case = ids[place // CONTACTS]
            yield contact_id, case, "out" if place % CONTACTS == 1 else "in", now

    with bare_tables(env, *TABLES):
        for template in (done, still):
            rows = (row for kind, row in cases() if kind is template)
            template.copy(progress(rows, count, "care_case"))
        contact.copy(progress(contacts(), count * CONTACTS, "care_case_contact"))
    analyze(env, *TABLES)
    return ids


def _make(env: Environment, partner):
    case = env["care.case"].create(
        {"name": "Bench case", "partner_id": partner.id, "channel": "email", "user_id": env.uid}
    )
    case._add_contact("out", "email", datetime.now(), user=env.user)
    return case
