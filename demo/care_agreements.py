"""Service contracts: signed with the order, renewed by the next one, or ended, some for a reason.

Needs customer_care. Walks through the weeks of the past; the night does in each what it does.
"""
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo.tools import SQL

from .backdate import move_columns, stamp
from .care import run_steps

ON_AGREEMENTS = SQL("t.model = 'care.agreement'")
SILENT_DAYS = 170  # a house that has bought nothing for so long may close its contract
CLOSES = 0.06  # in each week of such silence
REASONS = ("competitor", "competitor", "price", "quality", "need", "unpaid", "closed")
TOLD_WHY = 0.75
BEANS = 7  # subscriptions to beans
GIVEN_UP = {2: (30, "price"), 5: (75, "need")}  # which gave notice: days ahead, reason


def load(story):
    """Chapter: contracts until the day from which the reminders' chapter goes on."""
    beans = _subscribe(story)
    walk(story, story.start, until_day(story), step=7)
    _give_notice(story, beans)


def until_day(story):
    """The day from which nights are told one by one."""
    return story.today - timedelta(weeks=9)


def walk(story, first, last, step):
    """Sign what was ordered from the first day to the last; a night at the end of each step."""
    orders = _contract_orders(story)
    day = first
    while day < last:
        following = min(day + timedelta(days=step), last)
        for order in orders:
            if day <= order.date_order.date() < following:
                _sign(story, order)
        pass_night(story, following)
        day = following


def pass_night(story, day):
    """The agreements' night; who ended says why, most of the time. In the first months there
    is nothing to end."""
    if day < story.start + timedelta(days=SILENT_DAYS):
        return
    agreements, night = story.env["care.agreement"], story.local_time(day, 1)
    before = agreements.search([("state", "=", "ended")])
    _close_silent(story, day)
    run_steps(story, night, "agreements")
    for ended in agreements.search([("state", "=", "ended")]) - before:
        if not ended.end_reason_id and story.rng.random() < TOLD_WHY:
            ended.end_reason_id = _reason(story, story.rng.choice(REASONS))
    _put_in_time(story, night)


def _contract_orders(story):
    contract = story.ref("product_plus")
    lines = story.env["sale.order.line"].search(
        [("product_id", "=", contract.id), ("state", "=", "sale")])
    return lines.order_id.sorted(lambda order: (order.date_order, order.id))


def _sign(story, order):
    """A first contract comes from the order's button, the next one from the last one's."""
    last = story.env["care.agreement"].search(
        [("partner_id", "=", order.partner_id.id), ("product_id.care_agreement_months", ">", 0),
         ("state", "in", ("running", "to_renew"))], order="date_start desc", limit=1)
    with story.at(order.date_order):
        if not last:
            order.action_make_agreements()
            signed = story.env["care.agreement"].search([("order_id", "=", order.id)])
        else:
            last.action_renew()
            signed = last.renewed_by_id
            line = order._care_agreement_lines()[:1]
            signed.write({
                **order._prepare_agreement_vals(line), "user_id": order.user_id.id})
            signed.action_start()
        story.env.flush_all()
    _put_in_time(story, order.date_order)


def _close_silent(story, day):
    """Some houses that have gone silent end their contract before its last day."""
    running = story.env["care.agreement"].search([
        ("state", "in", ("running", "to_renew")), ("renewal", "=", "manual"),
        ("date_start", "<", day - timedelta(days=SILENT_DAYS))], order="id")
    bought = story.env["account.move"]._read_group(
        [("commercial_partner_id", "in", running.commercial_partner_id.ids),
         ("move_type", "=", "out_invoice"), ("state", "=", "posted"),
         ("invoice_date", ">=", day - timedelta(days=SILENT_DAYS)), ("invoice_date", "<", day)],
        ["commercial_partner_id"])
    lively = {partner for (partner,) in bought}
    for agreement in running:
        if agreement.commercial_partner_id not in lively and story.rng.random() < CLOSES:
            _end(story, agreement, day, day, story.rng.choice(REASONS))


def _end(story, agreement, day, last_day, reason):
    """Somebody enters on a day that the agreement ends, and why."""
    with story.at(story.local_time(day, 10)):
        story.env["care.agreement.end"].create({
            "agreement_id": agreement.id, "last_day": last_day,
            "reason_id": _reason(story, reason).id}).action_end()
        story.env.flush_all()


def _reason(story, name):
    return story.env.ref(f"customer_care.care_agreement_reason_{name}")


def _subscribe(story):
    """Offices that get their beans every month, for as long as nobody says no."""
    offices = story.ref("tag_office")
    kind = story.env.ref("customer_care.care_agreement_type_subscription")
    customers = story.env["care.customer"].search([
        ("partner_id.category_id", "in", offices.ids), ("purchase_days", ">", 5),
        ("first_purchase", "<", story.today - timedelta(days=400))],
        order="revenue_net desc, id", limit=BEANS)
    beans = []
    for number, customer in enumerate(customers):
        start = (story.today - relativedelta(months=16 - 2 * number)).replace(day=1)
        with story.at(story.local_time(start, 9)):
            agreement = story.env["care.agreement"].create({
                "partner_id": customer.partner_id.id, "type_id": kind.id,
                "product_id": story.ref("product_blend").id, "date_start": start,
                "monthly_amount": 1_600_000 + 320_000 * story.rng.randrange(8)})
            agreement.action_start()
        beans.append(agreement)
        _put_in_time(story, story.local_time(start, 9))
    return beans


def _give_notice(story, beans):
    """The last of a chain of renewals is the one that is ended."""
    day = until_day(story)
    for number, (ahead, reason) in GIVEN_UP.items():
        agreement = beans[number]
        while agreement.renewed_by_id:
            agreement = agreement.renewed_by_id
        _end(story, agreement, day, day + timedelta(days=ahead), reason)
    _put_in_time(story, story.local_time(day, 10))


def _put_in_time(story, moment):
    """What was just written about agreements was written then."""
    env = story.env
    fresh = env["care.agreement"].search([("create_date", ">=", env.cr.now())])
    move_columns(fresh, {one.id: {"create_date": moment} for one in fresh})
    of_all = dict.fromkeys(env["care.agreement"].search([]).ids, moment)
    stamp(env, "mail.message", "res_id", of_all, ON_AGREEMENTS)
    stamp(env, "mail.activity", "res_id", of_all, SQL("t.res_model = 'care.agreement'"))
