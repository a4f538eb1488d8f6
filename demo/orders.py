"""Orders and their invoices: every purchase of every buyer, confirmed, invoiced and posted."""
from datetime import timedelta
from itertools import groupby

from dateutil.relativedelta import relativedelta
from odoo import Command
from odoo.tools import split_every

from . import care
from .backdate import move_columns, refresh_statistics
from .habits import draw_buyers

BATCH = 120
MONTH_END = relativedelta(day=31)
OPEN_DAYS = 2  # orders this young are confirmed but not invoiced yet
ORDER_DAYS = 75  # older goods that only run out were standing deliveries: invoiced without order


def load(story):
    """Chapter: purchases in order of time, so that numbers and dates run together."""
    partners = story.named("res.partner", "customer_")
    products = {name.removeprefix("product_"): product
                for name, product in story.named("product.product", "product_").items()}
    purchases = sorted(
        (Purchase(story, day, buyer, partners[buyer.name],
                  [(products[key], quantity) for key, quantity in basket], first=not index)
         for buyer in draw_buyers(story.start, story.today)
         for index, (day, basket) in enumerate(buyer.purchases)),
        key=lambda purchase: (purchase.day, purchase.buyer.number))
    for month, of_month in groupby(purchases, lambda purchase: purchase.day + MONTH_END):
        for batch in split_every(BATCH, of_month):
            _order(story, [purchase for purchase in batch if purchase.by_order])
            _invoice(story, batch)
            refresh_statistics(
                story.env, "account.move", "account.move.line", "sale.order", "sale.order.line")
            story.env.invalidate_all()
        if month < story.today:
            care.judge(story, month)


class Purchase:
    """What one buyer buys on one day; by an order, or as a standing delivery."""

    def __init__(self, story, day, buyer, partner, basket, first):
        self.day, self.buyer, self.partner, self.basket = day, buyer, partner, basket
        self.by_order = first or (story.today - day).days <= ORDER_DAYS or any(
            product.type == "service" for product, _quantity in basket)
        self.is_open = (story.today - day).days <= OPEN_DAYS
        self.invoice_day = story.workday(day + timedelta(days=story.rng.choice((0, 0, 1, 2))))
        self.user = story.ref(f"user_{buyer.salesperson}")
        self.order = story.env["sale.order"]


def _order(story, purchases):
    """Confirmed orders, moved to the day of purchase."""
    orders = story.env["sale.order"].create([
        {"partner_id": purchase.partner.id, "user_id": purchase.user.id,
         "order_line": [Command.create({"product_id": product.id, "product_uom_qty": quantity})
                        for product, quantity in purchase.basket]}
        for purchase in purchases])
    orders.action_confirm()
    values = {}
    for order, purchase in zip(orders, purchases, strict=True):
        purchase.order = order
        moment = story.moment(purchase.day)
        values[order.id] = {"date_order": moment, "create_date": moment,
                            "create_uid": purchase.user.id}
    move_columns(orders, values)


def _invoice(story, purchases):
    """One posted invoice per purchase, dated up to two days after it."""
    done = [purchase for purchase in purchases if not purchase.is_open]
    moves = story.env["account.move"].create([_prepare_move_vals(story, p) for p in done])
    moves._post(soft=False)
    move_columns(moves, {move.id: {"create_date": story.moment(move.invoice_date),
                                   "create_uid": move.invoice_user_id.id} for move in moves})


def _prepare_move_vals(story, purchase):
    """The order's own invoice values, or the same for a standing delivery.

    Not by ``_create_invoices``: a date given at once saves computing every line twice.
    """
    order = purchase.order
    if order:
        return {
            **order._prepare_invoice(), "invoice_date": purchase.invoice_day,
            "invoice_line_ids": [Command.create(line._prepare_invoice_line(sequence=sequence))
                                 for sequence, line in enumerate(order.order_line, 1)]}
    return {
        "move_type": "out_invoice", "partner_id": purchase.partner.id,
        "invoice_user_id": purchase.user.id, "invoice_date": purchase.invoice_day,
        "currency_id": purchase.partner.property_product_pricelist.currency_id.id,
        "invoice_origin": "Standing delivery",
        "invoice_line_ids": [Command.create({"product_id": product.id, "quantity": quantity})
                             for product, quantity in purchase.basket]}
