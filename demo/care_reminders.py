"""Nine weeks of reminders and proposals: sent, held back, bought after; what people did of it.

Needs customer_care. Every working day's night runs as it would have, on the books of that day.
"""
from datetime import timedelta

from odoo.tools import SQL

from . import care_answers, care_goods, care_proposals
from .backdate import move_columns, stamp
from .care import run_steps
from .care_agreements import until_day, walk
from .care_past import books_until

STEPS = ("reminder_plan", "reminders")
COUNTS, COUNTED = ("products", "items"), 2  # before them, in every second night
WEEK = 5  # nights after which the agreements are walked on
STOPPED_ON, STOPPED = 19, 3  # the night after which customers follow the link "no more reminders"
BY_HAND_ON = 21  # the night after which people decide on single goods and reminders
DONE_AFTER = 6  # days after which most activities are done
SAID = ("Wants to think about the contract Plus.", "Machine runs well, visit agreed.",
        "Asked for a price, quotation goes out.", "Called, nobody there; wrote a mail.")


def load(story):
    """Chapter: the rules are switched on nine weeks ago."""
    begin = until_day(story)
    with books_until(story, begin) as open_until:
        with story.at(story.local_time(begin, 1)):
            rules = story.env["care.reminder.rule"].union(
                *(story.ref(name) for name in care_goods.RULES))
            rules.action_switch_on()
            story.env["care.night"].search([("day", "=", begin)]).unlink()
        for number, day in enumerate(_workdays(story, begin)):
            open_until(day)
            if not number % WEEK:
                walk(story, begin, day, step=7)
                begin = day
            _pass_night(story, day, number)
            care_proposals.pass_night(story, day, number)
            care_answers.pass_day(story, day)
    walk(story, begin, story.today, step=7)
    care_proposals.plan(story)


def _workdays(story, begin):
    days = (begin + timedelta(days=number) for number in range((story.today - begin).days))
    return [day for day in days if day.weekday() < 5]


def _pass_night(story, day, number):
    night = story.local_time(day, 1)
    run_steps(story, night, *(() if number % COUNTED else COUNTS), *STEPS)
    _deliver(story, day)
    with story.at(story.local_time(day, 11)):
        if number == BY_HAND_ON:
            _decide_by_hand(story)
        if number == STOPPED_ON:
            _stop(story)
        _work_activities(story, day)
        story.env.flush_all()
    _put_in_time(story, story.local_time(day, 11))


def _deliver(story, day):
    """The mails of that day have left, at nine."""
    env, at = story.env, story.local_time(day, 9)
    mails = env["mail.mail"].search([("state", "=", "outgoing"), ("model", "=", "res.partner"),
                                     ("create_date", ">=", env.cr.now())])
    mails &= env["care.reminder"].search([("mail_id", "in", mails.ids)]).mail_id
    messages = mails.mail_message_id
    move_columns(mails, {mail.id: {"state": "sent", "create_date": at} for mail in mails})
    move_columns(messages, {one.id: {"date": at, "create_date": at} for one in messages})


def _decide_by_hand(story):
    """One machine was sold on, one was serviced by a colleague, one reminder is not wanted."""
    env, agent = story.env, story.ref("user_care_agent")
    planned = env["care.reminder"].search(
        [("state", "=", "planned"), ("kind", "=", "maintenance")], order="due_on, id")
    planned[0].item_id.with_user(agent).action_retire()
    planned[1].item_id.with_user(agent).action_service_done()
    planned[2].with_user(agent).action_cancel()


def _stop(story):
    """Some home baristas want no more of these mails."""
    sent = story.env["care.reminder"].search(
        [("state", "=", "sent"), ("kind", "=", "repurchase"), ("channel", "=", "mail")],
        order="sent_at, id")
    for partner in sent.partner_id.sorted("id")[:STOPPED]:
        sent.filtered(lambda one, partner=partner: one.partner_id == partner)[0]._stop_mails()


def _work_activities(story, day):
    """Salespeople call about the warranties; what is recent is still to be done."""
    activities = story.env["mail.activity"].search([
        ("res_model", "=", "care.customer"), ("create_date", "<", day - timedelta(days=DONE_AFTER)),
        ("date_deadline", "!=", False)], order="id")
    for activity in activities:
        if story.rng.random() < 0.25:
            activity.with_user(activity.user_id).action_feedback(feedback=story.rng.choice(SAID))


def _put_in_time(story, moment):
    """What was just planned, said or drafted was so on that day."""
    env = story.env
    customers = dict.fromkeys(env["care.customer"].search([]).ids, moment)
    stamp(env, "mail.activity", "res_id", customers, SQL("t.res_model = 'care.customer'"))
    stamp(env, "mail.message", "res_id", customers, SQL("t.model = 'care.customer'"))
    offers = env["care.reminder"].search([("offer_id", "!=", False)]).offer_id
    stamp(env, "sale.order", "id", dict.fromkeys(offers.ids, moment))
    stamp(env, "mail.message", "res_id", dict.fromkeys(offers.ids, moment),
          SQL("t.model = 'sale.order'"))
