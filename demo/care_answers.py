"""Customers who order the visit that a reminder, or a call about the warranty, offered.

Needs customer_care. Told day by day, together with the reminders.
"""
from datetime import timedelta

from odoo import Command
from odoo.tools import SQL

from .backdate import move_columns, stamp

AFTER = timedelta(days=7)
ANSWERED = {"maintenance": 0.3, "warranty": 0.1}  # a week after; the others wait or say no


def pass_day(story, day):
    """Orders of that day, invoiced the same day."""
    sent = story.env["care.reminder"].search([
        ("state", "=", "sent"), ("sent_on", "=", day - AFTER),
        ("kind", "in", list(ANSWERED))], order="id")
    for reminder in sent:
        offered = reminder.product_id.care_service_product_id
        if offered and story.rng.random() < ANSWERED[reminder.kind]:
            _order(story, day, reminder, offered)


def _order(story, day, reminder, offered):
    """The drafted quotation is confirmed, or a new order."""
    env, partner = story.env, reminder.partner_id
    order = reminder.offer_id or env["sale.order"].create({
        "partner_id": partner.id, "user_id": partner.user_id.id, "origin": "Answer to a reminder",
        "order_line": [Command.create({"product_id": offered.id})]})
    order.action_confirm()
    at = story.moment(day)
    move_columns(order, {order.id: {
        "date_order": at, "create_date": at, "create_uid": order.user_id.id}})
    stamp(env, "mail.message", "res_id", {order.id: at}, SQL("t.model = 'sale.order'"))
    invoice = env["account.move"].create({
        **order._prepare_invoice(), "invoice_date": day,
        "invoice_line_ids": [Command.create(line._prepare_invoice_line(sequence=sequence))
                             for sequence, line in enumerate(order.order_line, 1)]})
    invoice._post(soft=False)
    move_columns(invoice, {invoice.id: {"create_date": at, "create_uid": order.user_id.id}})
