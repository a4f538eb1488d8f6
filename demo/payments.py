"""Money that came in, and goods that came back.

Payments are posted as one entry of the bank journal per month, a line per paid invoice, and
reconciled with it. Dollars are sold forward to the bank at each invoice's own rate, so that no
exchange differences arise. Who owes how long is drawn; the newest invoices of houses are open.
"""
from collections import defaultdict
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import Command
from odoo.tools import SQL

from .backdate import move_columns, refresh_statistics, stamp

CREDITED_WHOLLY = 12
CREDITED_PARTLY = 38
HALF_PAID_SHARE = 0.03
NEVER_PAID_SHARE = 0.015


def load(story):
    """Chapter: credit notes first, then what is left is paid, or not yet."""
    invoices = story.env["account.move"].search(
        [("move_type", "=", "out_invoice"), ("state", "=", "posted")], order="invoice_date, id")
    _load_credit_notes(story, invoices)
    months = defaultdict(list)
    for invoice in invoices:
        payment = _draw_payment(story, invoice)
        if payment:
            day, amount = payment
            months[min(day + relativedelta(day=31), story.today)].append((invoice, amount))
    for day in sorted(months):
        _pay(story, day, months[day])
        refresh_statistics(
            story.env, "account.move", "account.move.line", "account.partial.reconcile")
    refresh_statistics(story.env)


# --------------------------------------------------------------------- credit notes

def _load_credit_notes(story, invoices):
    """Some goods came back whole, some in part, some days after the invoice."""
    coffee = story.ref("product_blend") | story.ref("product_single")
    old = [invoice for invoice in invoices if (story.today - invoice.invoice_date).days > 15]
    whole = story.rng.sample(
        [invoice for invoice in old if invoice.invoice_line_ids.product_id in coffee],
        CREDITED_WHOLLY)
    part = story.rng.sample(
        [invoice for invoice in old if invoice not in whole and any(
            line.product_id in coffee and line.quantity >= 8 for line in invoice.invoice_line_ids)],
        CREDITED_PARTLY)
    notes = story.env["account.move"].create([
        _prepare_note_vals(story, invoice, None if invoice in whole else coffee)
        for invoice in whole + part])
    notes._post(soft=False)  # reconciles each with its invoice
    for note in notes:
        _settle_order(note, note.reversed_entry_id in whole)
    _stamp_orders(story, {note: story.moment(note.invoice_date) for note in notes})
    move_columns(notes, {note.id: {"create_date": story.moment(note.invoice_date)}
                         for note in notes})


def _prepare_note_vals(story, invoice, returned):
    """All of the invoice, or some bags of a ``returned`` product at the price they had."""
    lines = invoice.invoice_line_ids
    if returned:
        lines = lines.filtered(lambda line: line.product_id in returned)[:1]
    return {
        "move_type": "out_refund", "reversed_entry_id": invoice.id,
        "partner_id": invoice.partner_id.id, "invoice_user_id": invoice.invoice_user_id.id,
        "currency_id": invoice.currency_id.id, "invoice_origin": invoice.name,
        "invoice_date": invoice.invoice_date + timedelta(days=story.rng.randint(3, 14)),
        "ref": "Damaged bags returned" if returned else "Order cancelled",
        "invoice_line_ids": [
            Command.create({
                "product_id": line.product_id.id, "price_unit": line.price_unit,
                "quantity": story.rng.randint(2, 6) if returned else line.quantity,
                "sale_line_ids": [Command.set(line.sale_line_ids.ids)]})
            for line in lines],
    }


def _settle_order(note, is_whole):
    """An order whose invoice was taken back is cancelled, or its quantity lowered."""
    if is_whole:
        note.line_ids.sale_line_ids.order_id._action_cancel()
    else:
        for line in note.invoice_line_ids:
            for sale_line in line.sale_line_ids:
                sale_line.product_uom_qty -= line.quantity


# ------------------------------------------------------------------------- payments

def _draw_payment(story, invoice):
    """(day, share) of the payment, None when it has not come."""
    luck = story.rng.random()
    if not invoice.amount_residual or luck < NEVER_PAID_SHARE:
        return None
    if invoice.invoice_date_due <= invoice.invoice_date:
        day = invoice.invoice_date
    else:
        day = invoice.invoice_date_due + timedelta(days=round(story.rng.triangular(-8, 25, 1)))
    half = luck < NEVER_PAID_SHARE + HALF_PAID_SHARE
    return (day, 0.5 if half else 1.0) if day < story.today else None


def _pay(story, day, payments):
    """One entry of the bank journal for the month, reconciled invoice by invoice."""
    company = story.company
    bank = story.env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1)
    lines, receivables, total = [], [], 0
    for invoice, share in payments:
        owed = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")[:1]
        currency = invoice.currency_id
        amount = currency.round(owed.amount_residual_currency * share)
        balance = company.currency_id.round(owed.amount_residual * share)
        total += balance
        receivables.append(owed)
        lines.append(Command.create({
            "name": f"Payment {invoice.name}", "account_id": owed.account_id.id,
            "partner_id": invoice.commercial_partner_id.id, "currency_id": currency.id,
            "amount_currency": -amount, "balance": -balance}))
    entry = story.env["account.move"].create({
        "move_type": "entry", "journal_id": bank.id, "date": day,
        "ref": f"Customer payments, {day:%B %Y}",
        "line_ids": [Command.create({"name": "Customer payments", "balance": total,
                                     "account_id": bank.default_account_id.id}), *lines]})
    entry._post(soft=False)
    story.env["account.move.line"]._reconcile_plan([
        owed | line for owed, line in zip(receivables, entry.line_ids[1:], strict=True)])
    moment = story.moment(day)
    _stamp_orders(story, dict.fromkeys((invoice for invoice, _share in payments), moment))
    move_columns(entry, {entry.id: {"create_date": moment}})


def _stamp_orders(story, moments):
    """Core tells the order that its invoice is paid: on that day. ``{invoice: moment}``"""
    stamp(story.env, "mail.message", "res_id", {
        order.id: moment for invoice, moment in moments.items()
        for order in invoice.line_ids.sale_line_ids.order_id}, SQL("t.model = 'sale.order'"))
