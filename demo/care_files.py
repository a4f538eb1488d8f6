"""The files of complaints: wish, cause, remedy, the customer's word, and what the house changes.

Needs customer_care.
"""
from datetime import timedelta

from odoo import Command

from .care_matters import CHANGES

OPEN_FILE = 7  # of so many complaints one is resolved before its cause is known
SAID = ("accepted",) * 7 + ("refused",) + ("no_answer",) * 2 + ("open",)
HOURLY = 95_000
CREDITS = (  # who makes the credit note, what becomes of it
    ("care_manager", "posted"), ("care_manager", "draft"), ("care_agent", "asked"))
CREDITED = 0.1  # of the invoice


def fill(story, case, file, number, day):
    """What the agent writes before he resolves it; a refund is entered as a credit note later."""
    vals = {"remedy_wanted": file.wanted}
    if number % OPEN_FILE:
        vals |= {
            "root_cause_id": story.env.ref(f"customer_care.care_root_cause_{file.cause}").id,
            "root_cause_note": file.found, "letter_cause": file.found}
    case.write(vals | {"remedy_ids": [Command.create({
        "kind": file.remedy, "amount": file.cost, "note": file.note, "done_on": day})]})


def hear(story, case, thanked, day):
    """Whether the customer accepted it; a severe one got a letter."""
    said = "accepted" if thanked else story.rng.choice(SAID)
    case.write({
        "acceptance": said, "acceptance_on": said != "open" and day,
        "acceptance_note": {"accepted": "In his mail" if thanked else "By phone",
                            "refused": "By phone: wants the whole invoice back"}.get(said),
        "letter_on": case.severity >= "3" and day})


def change(story):
    """The last complaint of a subject carries what was changed, by whom and until when."""
    cases = story.env["care.case"]
    for one in CHANGES:
        case = cases.search([
            ("name", "=", one.subject), ("stage_kind", "in", ("resolved", "closed"))],
            order="opened_at desc, id desc", limit=1)
        case = case.with_user(story.ref("user_care_manager")).with_context(
            mail_activity_quick_update=True)
        case.write({
            "corrective_action": one.action, "corrective_effect": one.effect,
            "corrective_user_id": story.ref(f"user_{one.owner}").id,
            "corrective_due": story.today + timedelta(days=one.due)})
        if one.done is not None:
            day = story.today + timedelta(days=one.done)
            with story.at(story.local_time(day, 16)):
                case.action_corrective_done()


def credit(story):
    """The newest invoices that were wrong: a credit note posted, one in draft, one asked for."""
    cases = story.env["care.case"].search([
        ("category_id", "=", story.env.ref("customer_care.care_category_billing").id),
        ("kind", "=", "complaint"), ("partner_id", "!=", False)], order="opened_at desc, id desc")
    with_invoice = [case for case in cases if _invoice(story, case)][:len(CREDITS)]
    for case, (login, state) in zip(with_invoice, CREDITS, strict=False):
        case.remedy_ids.filtered(lambda one: one.kind == "refund").unlink()
        wizard = story.env["care.case.credit"].with_user(story.ref(f"user_{login}")).with_context(
            mail_activity_quick_update=True).create({"case_id": case.id, "amount": 1})
        wizard.amount = wizard.currency_id.round(wizard.invoice_id.amount_untaxed * CREDITED)
        wizard.action_apply()
        if state == "posted":
            case.remedy_ids.move_id.sudo()._post(soft=False)


def _invoice(story, case):
    return story.env["account.move"].search_count([
        ("commercial_partner_id", "=", case.commercial_partner_id.id), ("state", "=", "posted"),
        ("move_type", "=", "out_invoice")], limit=1)


def count_minutes(story, worked):
    """Time that agents entered: ``[(case, agent, day, minutes)]``."""
    story.company.care_hourly_cost = HOURLY
    story.env["care.case.time"].create([
        {"case_id": case.id, "user_id": agent.id, "day": day, "minutes": minutes,
         "note": "Called and wrote" if minutes > 20 else False}
        for case, agent, day, minutes in worked])
