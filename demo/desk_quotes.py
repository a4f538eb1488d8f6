"""What became of the quotations that are out: seen, answered, forgotten, running out.

Only the salesperson's next word is missing, so that his day begins with it.
"""
from datetime import timedelta

from .backdate import move_columns
from .desk import ADDON, empty_outbox, open_deals, say

__all__ = ["ADDON", "load"]

SEEN, ANSWERED, UNANSWERED, EXPIRING, EXPIRED, SENT = (
    "seen", "answered", "unanswered", "expiring", "expired", "sent")
# one after the other over each person's open quotations: (fate, sent so many days ago, valid for)
FATES = ((SEEN, 3, 27), (UNANSWERED, 12, 18), (ANSWERED, 6, 24), (EXPIRING, 26, 4), (SENT, 2, 28),
         (SENT, 4, 26), (EXPIRED, 33, -3), (SENT, 5, 25), (SENT, 1, 29), (SEEN, 4, 26),
         (EXPIRING, 24, 5))
ANSWERS = ("Thank you. Is the installation included, and can you deliver before Christmas?",
           "We compare with one other offer. What do you say to five percent less?")
PROMISED = ((-3, "field"), (6, "field"), (-1, "field_th"), (9, "inside"))


def load(story):
    """Chapter: the last weeks of every open quotation, and promised deliveries."""
    for owner in ("field", "field_th", "inside", "sales_manager"):
        quotes = open_deals(story, owner).order_ids.filtered(
            lambda order: order.state == "sent").sorted("id")
        for number, quote in enumerate(quotes):
            _tell(story, quote, number, *FATES[number % len(FATES)])
    _settle_others(story)
    _promise_deliveries(story)
    empty_outbox(story)


def _tell(story, quote, number, fate, ago, valid):
    """Sent (once more) so many days ago; then the customer did something, or nothing."""
    sent = story.moment(story.workday(story.today - timedelta(days=ago)), 8, 12)
    sent = max(sent, quote.date_order)
    move_columns(quote, {quote.id: {
        "sales_sent_at": sent, "validity_date": story.today + timedelta(days=valid)}})
    customer = quote.partner_id
    since = (story.today - sent.date()).days
    if fate in (SEEN, ANSWERED, EXPIRING):
        seen = story.moment(story.today - timedelta(days=max(1, since - 1)))
        say(quote, customer, f"Quotation viewed by customer {customer.name}", max(
            seen, sent + timedelta(hours=1)), message_type="notification",
            subtype_xmlid="sale.mt_order_viewed")
    if fate == ANSWERED:
        say(quote, customer, ANSWERS[number % len(ANSWERS)],
            story.moment(story.today - timedelta(days=1)), message_type="email")


def _settle_others(story):
    """Quotations of deals that are asleep run from the day of their order."""
    quotes = story.env["sale.order"].search(
        [("state", "=", "sent"), ("opportunity_id.sales_outcome", "!=", "open")])
    quotes._action_cancel()


def _promise_deliveries(story):
    """Of the latest orders some have a promised day; one or two of them have passed."""
    for days, owner in PROMISED:
        order = story.env["sale.order"].search(
            [("state", "=", "sale"), ("user_id", "=", story.ref(f"user_{owner}").id),
             ("commitment_date", "=", False), ("order_line.product_id.type", "=", "consu"),
             ("opportunity_id", "!=", False)], order="date_order desc, id desc", limit=1)
        order.commitment_date = story.local_time(story.today + timedelta(days=days), 15)
