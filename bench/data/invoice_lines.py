"""Invoices whole, with their two journal items: what the buyer bought and what he owes."""

from collections.abc import Iterable

from odoo.api import Environment

from bench.bulk import RowTemplate, bare_tables, copy_rows, reserve_ids
from bench.data.invoices import MOVE, create_document, move_values

LINE = [
    "id",
    "move_id",
    "move_name",
    "partner_id",
    "date",
    "invoice_date",
    "balance",
    "debit",
    "credit",
    "amount_currency",
    "amount_residual",
    "amount_residual_currency",
    "price_unit",
    "price_subtotal",
    "price_total",
]


class WholeInvoice:
    """An invoice and its journal items as the ORM posts them, to be copied with other values."""

    def __init__(self, env: Environment, price: float):
        move = create_document(env, "out_invoice", price=price)
        product = move.line_ids.filtered(lambda line: line.display_type == "product")
        owed = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
        self.move = RowTemplate(env, "account_move", move.id, MOVE)
        self.product = RowTemplate(env, "account_move_line", product.id, LINE)
        self.owed = RowTemplate(env, "account_move_line", owed.id, [*LINE, "name", "date_maturity"])

    def item_lines(self, item_ids: Iterable[int], values: tuple) -> list[str]:
        """Both journal items of the document with these varying values."""
        move = dict(zip(MOVE, values, strict=True))
        amount, day, name = move["amount_untaxed"], move["date"], move["name"]
        ids = iter(item_ids)

        def common(balance, residual, price):
            return (
                next(ids), move["id"], name, move["partner_id"], day, day, balance,
                max(balance, 0), max(-balance, 0), balance, residual, residual,
                price, price, price,
            )  # fmt: skip

        return [
            self.product.line(*common(-amount, 0, amount)),
            self.owed.line(*common(amount, amount, 0), name, day),
        ]


def copy_whole_invoices(env: Environment, purchases: list[tuple]) -> range:
    """Copy one posted, unpaid invoice per (partner id, partner name, day, amount).

    Numbers count up per year behind those that the sales journal already gave out.
    """
    priced, free = WholeInvoice(env, 100.0), WholeInvoice(env, 0.0)
    move_ids = reserve_ids(env, "account_move", len(purchases))
    item_ids = reserve_ids(env, "account_move_line", 2 * len(purchases))
    numbers: dict[int, int] = {}
    moves, items = [], []
    for place, (partner, label, day, amount) in enumerate(purchases):
        whole = priced if amount else free
        numbers[day.year] = numbers.get(day.year, 0) + 1
        prefix = f"INV/{day.year}/"
        number = numbers[day.year]
        values = move_values(move_ids[place], number, prefix, partner, partner, label, day, amount)
        moves.append(whole.move.line(*values))
        items += whole.item_lines(item_ids[2 * place : 2 * place + 2], values)
    with bare_tables(env, "account_move", "account_move_line"):
        copy_rows(env, "account_move", priced.move.columns, moves)
        copy_rows(env, "account_move_line", priced.owed.columns, items)
    return move_ids
