"""Churn, retention and their cost, printed month by month; then two documents that came late.

Needs customer_care. Each month is printed in the night that would have printed it, from what was
dated before its end; by agreement it is printed a grace later.
"""
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import Command

from . import care_cost
from .care import CLOSED, run_steps

COST_DAY = 8  # its cost a month later, when agreements are decided: care_goods.COST_DAYS
LATE_MONTHS = (3, 2)  # ago: the month of the invoice, and of the credit note


def load(story):
    """Chapter: every month that is over; the last months' late documents show as corrections."""
    month = story.start.replace(day=1)
    while month < story.today:
        month += relativedelta(months=1)
        print_month(story, month)
    yesterday = story.local_time(story.today - timedelta(days=1), 1)
    run_steps(story, yesterday, "corrections")
    _late_documents(story)
    care_cost.late_bill(story)


def print_month(story, following):
    """Nights of the month that follows: its fourth day prints churn, a later one the cost of the
    month before."""
    for day, steps in ((CLOSED, ("months", "periods", "contracts")), (COST_DAY, ("cost",))):
        night = following + timedelta(days=day - 1)
        if night < story.today:
            run_steps(story, story.local_time(night, 1), *steps)


def _late_documents(story):
    """An invoice that lay in a drawer for months, and a credit note dated back to its invoice."""
    env = story.env
    invoice_month, note_month = (
        (story.today - relativedelta(months=ago)).replace(day=1) for ago in LATE_MONTHS)
    lost = env["care.customer.month"].search(
        [("event", "=", "lost"), ("month", "=", invoice_month + relativedelta(months=1)),
         ("basis", "=", "purchases"), ("in_both", "=", True), ("limit_days", ">", 45)],
        order="revenue_before desc, id", limit=1)
    drawer = env["account.move"].create({
        "move_type": "out_invoice", "partner_id": lost.partner_id.id,
        "invoice_date": invoice_month + timedelta(days=24), "invoice_origin": "Found in a drawer",
        "currency_id": lost.partner_id.property_product_pricelist.currency_id.id,
        "invoice_line_ids": [Command.create(
            {"product_id": story.ref("product_blend").id, "quantity": 12})]})
    credited = _find_only(story, note_month)
    note = env["account.move"].create({
        "move_type": "out_refund", "reversed_entry_id": credited.id, "ref": "Never delivered",
        "partner_id": credited.partner_id.id, "currency_id": credited.currency_id.id,
        "invoice_date": note_month + relativedelta(day=31),
        "invoice_line_ids": [
            Command.create({"product_id": line.product_id.id, "quantity": line.quantity,
                            "price_unit": line.price_unit})
            for line in credited.invoice_line_ids]})
    (drawer | note)._post(soft=False)
    story.run_job("care.customer", "_cron_refresh_customers")


def _find_only(story, month):
    """The only invoice of a customer who was printed as new, or as come back, in a month."""
    arrived = story.env["care.customer.month"].search([
        ("month", "=", month), ("event", "in", ("new", "reactivated")), ("purchases", "=", 1),
        ("basis", "=", "purchases"), ("in_both", "=", True)], order="revenue, id")
    return story.env["account.move"].search([
        ("commercial_partner_id", "in", arrived.partner_id.ids), ("state", "=", "posted"),
        ("move_type", "=", "out_invoice"), ("reversal_move_ids", "=", False),
        ("invoice_date", ">=", month), ("invoice_date", "<", month + relativedelta(months=1))],
        order="invoice_date, id", limit=1)
