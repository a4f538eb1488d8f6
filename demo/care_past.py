"""The books as they were on a day of the past, while nothing later was in them."""
from contextlib import contextmanager

from .backdate import move_columns


@contextmanager
def books_until(story, day):
    """What is dated on the day or later is no document yet; ``open_until(day)`` brings it back,
    day by day, and the end brings back the rest. Columns only: nothing is posted twice."""
    env = story.env
    hidden = [
        (moves := env["account.move"].search([
            ("move_type", "in", ("out_invoice", "out_refund")), ("state", "=", "posted"),
            ("invoice_date", ">=", day)]),
         {move.id: move.invoice_date for move in moves}, "posted"),
        (orders := env["sale.order"].search([
            ("state", "=", "sale"), ("date_order", ">=", story.local_time(day, 0))]),
         {order.id: order.date_order.date() for order in orders}, "sale"),
    ]
    for records, _dates, _state in hidden:
        _set_state(records, records.ids, "cancel")

    def open_until(until):
        for records, dates, state in hidden:
            due = [one for one, dated in dates.items() if until is None or dated < until]
            _set_state(records, due, state)
            for one in due:
                del dates[one]

    yield open_until
    open_until(None)


def _set_state(records, ids, state):
    move_columns(records, {record_id: {"state": state} for record_id in ids})
