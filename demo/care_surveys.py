"""Three survey programmes and what customers answered; bad answers with somebody who calls back.

Needs customer_care. The programmes are the product's presets, switched on half a year ago. Week
by week they plan, hold back and ask as every night does; each answer passes through the
invitation as it does from the page that a mail leads to.
"""
from datetime import timedelta

from odoo import fields

from .backdate import move_columns, stamp
from .desk import empty_outbox

ANSWERS = {  # value: weight
    "ces": {7: 9, 6: 8, 5: 5, 4: 2, 3: 1, 2: 2, 1: 1},
    "csat": {5: 12, 4: 8, 3: 3, 2: 1, 1: 1},
    "nps": {10: 9, 9: 8, 8: 6, 7: 5, 6: 2, 5: 1, 3: 1, 0: 1},
}
WORDS = {
    "good": ("One call, and it was done.", "Your people listen.", "Nhanh và nhiệt tình!", "", "",
             "Always the same kind voice on the phone."),
    "middle": ("It took a second mail.", "Fine.", "", ""),
    "bad": ("Nobody called back for two days.", "I had to explain it three times.",
            "The filter is far too dear.", "The machine stood still on a Saturday."),
}
OUTCOMES = (
    ("Apologised, sent two bags. He stays with us.", True),
    ("She had not been told about the delay; will be called before the next one.", True),
    ("Not reached three times; wrote him.", False))
#: value, days ago
NEWEST = ((3, 4), (0, 3), (5, 2))
WEEKS = 26
#: of each 100 events a programme asks so many; a rest of so many days between two questions
DRAWN, REST = {"ces": 100, "csat": 30, "nps": 10}, 60
RATE = 0.55  # of who is asked answers
STOPPED_IN, STOPPED = 9, 2  # the week in which some want no more surveys


def load(story):
    """Chapter: programmes on, half a year of questions and answers, call-backs by the desk."""
    programs = _switch_on(story)
    for number in range(1, WEEKS + 1):
        night = story.local_time(story.today - timedelta(weeks=WEEKS - number, days=1), 9)
        story.run_job("care.survey.invitation", "_cron_ask_customers", night)
        asked = _put_in_time(story, programs, night)
        for invitation in asked:
            if story.rng.random() < RATE:
                _answer(story, invitation)
        if number == STOPPED_IN:
            _stop(story, asked)
    _call_back(story)
    _disappoint(story)
    empty_outbox(story)


def _switch_on(story):
    manager = story.ref("user_care_manager")
    programs = story.env["care.survey.program"].with_user(manager)
    programs.action_create_presets()
    programs = programs.search([("company_id", "=", story.company.id)])
    story.company.care_survey_cooling_days = REST
    for program in programs:
        program.write({"user_id": manager.id, "sample_percent": DRAWN[program.metric]})
    with story.at(story.local_time(story.today - timedelta(weeks=WEEKS, days=1), 9)):
        programs.action_switch_on()
    return programs


def _put_in_time(story, programs, night):
    """Who was asked this week, each as soon as he was due."""
    fresh = story.env["care.survey.invitation"].search(
        [("program_id", "in", programs.ids), ("sent_at", "=", night), ("state", "=", "sent")],
        order="send_at, event")
    values = {}
    for one in fresh:
        sent = story.company._care_survey_moment(one.send_at)
        values[one.id] = {"sent_at": sent, "create_date": sent, "expires_at": fields.Datetime.add(
            sent, days=one.program_id.expiry_days)}
    move_columns(fresh, values)
    stamp(story.env, "mail.message", "id", {
        one.mail_id.mail_message_id.id: one.sent_at for one in fresh if one.mail_id})
    return fresh


def _answer(story, invitation, value=None):
    """What the page does with a click and a word."""
    metric = invitation.metric
    if value is None:
        chances = ANSWERS[metric]
        value = story.rng.choices(list(chances), list(chances.values()))[0]
    answered = min(invitation.sent_at + timedelta(minutes=story.rng.randint(40, 4200)),
                   story.env.cr.now().replace(microsecond=0) - timedelta(minutes=9))
    with story.at(answered):
        invitation._answer(value, answered)
        invitation._comment(story.rng.choice(WORDS[_mood(metric, value)]))
        story.env.flush_all()
    for rows in (invitation.user_input_id, invitation.rating_id):
        stamp(story.env, rows._name, "id", {row.id: answered for row in rows})


def _mood(metric, value):
    low, high = {"ces": (3, 5), "csat": (2, 4), "nps": (6, 9)}[metric]
    return "bad" if value <= low else "good" if value >= high else "middle"


def _stop(story, asked):
    """Some follow the link "no more surveys"."""
    for invitation in asked.filtered(lambda one: one.state == "sent")[:STOPPED]:
        story.env["care.survey.stop"]._add(invitation.email, story.company)


def _disappoint(story):
    """Three who are not content since these days: somebody has to call them."""
    program = story.env["care.survey.program"].search(
        [("company_id", "=", story.company.id), ("metric", "=", "nps")])
    customers = story.env["care.customer"].search(
        [("purchase_days", ">", 1), ("partner_id.email", "!=", False)],
        order="revenue_net desc, id", limit=len(NEWEST))
    for customer, (value, ago) in zip(customers, NEWEST, strict=True):
        at = story.moment(story.workday(story.today - timedelta(days=ago)))
        with story.at(at):
            invitation = story.env["care.survey.invitation"].create(
                program._prepare_hand_vals(customer.partner_id, f"demo:{customer.id}", at))
            invitation._ensure_token()
            invitation._set_sent(at)
        _answer(story, invitation, value)


def _call_back(story):
    """The older bad answers were called back; the last ones wait."""
    agent = story.ref("user_care_agent")
    waiting = story.env["care.feedback"].search([("follow_state", "=", "open")], order="id")
    for answer in waiting:
        called = story.moment(story.workday(answer.responded_at.date() + timedelta(days=1)))
        if answer.responded_at.date() > story.today - timedelta(days=6):
            continue
        with story.at(called):
            answer.with_user(agent).sudo()._set_follow_done(
                *story.rng.choice(OUTCOMES))
            story.env.flush_all()
