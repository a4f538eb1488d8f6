"""In which order a salesperson works off his day, and why.

A deal that asks for something several times is one item with all its reasons. Items fall into
four groups by when they want an answer; inside a group the hottest comes first:

    heat = 2 · urgency + lateness + stake

- urgency: 0 can wait … 3 burns, as the source of the item says; one level is worth two points,
  so neither lateness nor money alone lifts an item over two levels;
- lateness: log2(1 + days overdue), at most 3: one day late is 1 point, three days 2, a week 3;
- stake: log2(amount ÷ median of the amounts of this day), from -1 to 2: a deal of twice the usual
  size gains 1 point, one of half the usual size loses 1; no amount is neither.

Equal heat: the earlier date first, then the larger amount, then the order in which they came.
Amounts are in one currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import log2
from statistics import median

NOW, TODAY, WEEK, LATER = "now", "today", "week", "later"
GROUPS = (NOW, TODAY, WEEK, LATER)
BURNS, SOON, CALM = 3, 2, 1


@dataclass(frozen=True)
class Item:
    """One thing to do: how urgent (0…3), until when, and how much money hangs on it."""

    urgency: int
    due: date | None = None
    amount: float = 0.0


def group_of(item: Item, today: date) -> str:
    """Return when the item wants an answer.

    >>> monday = date(2026, 3, 2)
    >>> group_of(Item(0, date(2026, 3, 1)), monday)  # overdue
    'now'
    >>> group_of(Item(3), monday), group_of(Item(0, monday), monday), group_of(Item(2), monday)
    ('now', 'today', 'today')
    >>> group_of(Item(0, date(2026, 3, 9)), monday), group_of(Item(1), monday)
    ('week', 'week')
    >>> group_of(Item(0, date(2026, 3, 10)), monday), group_of(Item(0), monday)
    ('later', 'later')
    """
    if item.urgency >= BURNS or (item.due and item.due < today):
        return NOW
    if item.urgency == SOON or item.due == today:
        return TODAY
    if item.urgency == CALM or (item.due and item.due <= today + timedelta(days=7)):
        return WEEK
    return LATER


def heat(item: Item, today: date, usual: float) -> float:
    """Return how hot an item is; `usual` is the median amount of the day, 0 when unknown.

    >>> monday = date(2026, 3, 2)
    >>> heat(Item(2), monday, 0)
    4.0
    >>> heat(Item(1, date(2026, 3, 1), 2000), monday, 1000)  # 2 + 1 + 1
    4.0
    >>> heat(Item(0, date(2025, 1, 1), 10), monday, 1000)  # at most 3 late, at least -1 stake
    2.0
    """
    late = (today - item.due).days if item.due else 0
    lateness = min(3.0, log2(1 + late)) if late > 0 else 0.0
    stake = 0.0
    if usual > 0 and item.amount > 0:
        stake = max(-1.0, min(2.0, log2(item.amount / usual)))
    return 2.0 * item.urgency + lateness + stake


def usual_amount(items: list[Item]) -> float:
    """Return the median of the amounts that are known.

    >>> usual_amount([Item(0, None, 100), Item(0, None, 0), Item(0, None, 300)])
    200.0
    >>> usual_amount([])
    0.0
    """
    amounts = [item.amount for item in items if item.amount > 0]
    return float(median(amounts)) if amounts else 0.0


def arrange(items: list[Item], today: date) -> list[tuple[str, int]]:
    """Return (group, index of the item) in the order of work.

    >>> monday = date(2026, 3, 2)
    >>> arrange([Item(1, None, 500), Item(2, monday), Item(2, monday), Item(3)], monday)
    [('now', 3), ('today', 1), ('today', 2), ('week', 0)]
    """
    usual = usual_amount(items)
    keyed = [
        (GROUPS.index(group_of(item, today)), -heat(item, today, usual), item.due or date.max,
         -item.amount, index)
        for index, item in enumerate(items)
    ]
    return [(GROUPS[group], index) for group, *_rest, index in sorted(keyed)]
