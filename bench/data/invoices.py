"""Posted customer invoices and credit notes, with drafts and vendor bills among them."""

import random
from array import array
from collections.abc import Iterator
from datetime import date, timedelta

from odoo.api import Environment
from odoo.fields import Command

from bench.bulk import RowTemplate, analyze, bare_tables, copy_rows, progress, reserve_ids

SEED = 20_190
HISTORY_DAYS = 3 * 365

MOVE = [
    "id",
    "name",
    "payment_reference",
    "sequence_prefix",
    "sequence_number",
    "partner_id",
    "partner_shipping_id",
    "commercial_partner_id",
    "invoice_partner_display_name",
    "date",
    "invoice_date",
    "invoice_date_due",
    "reversed_entry_id",
    "amount_untaxed",
    "amount_total",
    "amount_residual",
    "amount_untaxed_signed",
    "amount_untaxed_in_currency_signed",
    "amount_total_signed",
    "amount_total_in_currency_signed",
    "amount_residual_signed",
]


def create_document(env: Environment, move_type: str, *, post: bool = True, price: float = 100.0):
    """A document that the ORM creates, with one line without taxes, for a customer of its own."""
    partner = env["res.partner"].create({"name": "Template Buyer"})
    line = {"name": "Goods", "quantity": 1, "price_unit": price, "tax_ids": False}
    move = env["account.move"].create(
        {
            "move_type": move_type,
            "partner_id": partner.id,
            "invoice_date": date(2000, 1, 3),
            "invoice_line_ids": [Command.create(line)],
        }
    )
    if post:
        move.action_post()
    return move


def move_template(env: Environment, move_type: str, **how) -> RowTemplate:
    return RowTemplate(env, "account_move", create_document(env, move_type, **how).id, MOVE)


def move_values(
    move_id, number, prefix, partner, customer, label, day, amount, sign=1, origin=None
):
    """The varying columns of one document in company currency, without taxes, unpaid.

    `sign` is -1 on documents that lower the revenue. Amounts "signed" carry it, the others do not.
    """
    name = f"{prefix}{number:07d}"
    signed = sign * amount
    return (
        move_id, name, name, prefix, number, partner, partner, customer, label,
        day, day, day, origin, amount, amount, amount,
        signed, signed, signed, signed, signed,
    )  # fmt: skip


def fill_invoices(env: Environment, customers: range, contacts: dict[int, int], count: int):
    """Copy about `count` documents without their lines, which no figure of a customer needs.

    2 % of the invoices are credited in full and 2 % in part; 1 % more are drafts and 5 % are
    vendor bills.
    """
    templates = {
        "out_invoice": move_template(env, "out_invoice"),
        "out_refund": move_template(env, "out_refund"),
        "draft": move_template(env, "out_invoice", post=False),
        "in_invoice": move_template(env, "in_invoice"),
    }
    ids = iter(reserve_ids(env, "account_move", count + count // 4 + 1000))
    documents = progress(_documents(ids, customers, contacts, count), count, "invoices")
    with bare_tables(env, "account_move"):
        copied = copy_rows(
            env,
            "account_move",
            templates["out_invoice"].columns,
            (templates[kind].line(*values) for kind, values in documents),
        )
    analyze(env, "account_move")
    return copied


def _documents(ids: Iterator[int], customers: range, contacts: dict[int, int], count: int):
    """(kind, values) of every document, oldest first: that is how tables grow in real life, and it
    scatters the documents of one customer over the whole table."""
    rng = random.Random(SEED)
    today = date.today()
    numbers = dict.fromkeys(("INV/", "RINV/", "BILL/", "DRAFT/"), 0)

    def values(prefix, customer, day, amount, sign=1, origin=None):
        numbers[prefix] += 1
        partner = contacts.get(customer, customer)
        return move_values(
            next(ids), numbers[prefix], prefix, partner, customer, f"Customer {customer}",
            day, amount, sign, origin,
        )  # fmt: skip

    buyers = _buyers(rng, customers, count)
    for place, customer in enumerate(buyers):
        day = today - timedelta(days=HISTORY_DAYS - HISTORY_DAYS * place // len(buyers))
        amount = round(rng.lognormvariate(4, 1), 2)
        draw = rng.random()
        invoice = values("INV/", customer, day, amount)
        yield "out_invoice", invoice
        if draw < 0.04:
            back = amount if draw < 0.02 else round(amount / 4, 2)
            later = min(day + timedelta(days=7), today)
            yield "out_refund", values("RINV/", customer, later, back, -1, invoice[0])
        elif draw < 0.05:
            yield "draft", values("DRAFT/", customer, day, amount)
        elif draw < 0.10:
            yield "in_invoice", values("BILL/", customer, day, amount, -1)


def _buyers(rng: random.Random, customers: range, count: int) -> array:
    """Each customer as often as he buys, in the order of the purchases. Purchases per customer are
    geometric: most buy once or twice, a few very often."""
    again = 1 - len(customers) / count
    buyers = array("i")
    for customer in customers:
        buyers.append(customer)
        while rng.random() < again:
            buyers.append(customer)
    rng.shuffle(buyers)
    return buyers
