"""What care staff hear and do: ratings, answers, mails and calls; a person's word on health.

Needs customer_care. With purchases, credit notes and agreements they make a customer's story.
"""
from datetime import timedelta

from odoo import Command

from .backdate import move_columns, stamp
from .desk import empty_outbox, say

RATED, ASKED, WROTE, CALLED = 44, 26, 14, 18
RATINGS = (
    (5, "Fast as always."), (5, "The technician explained everything to the whole team."),
    (5, ""), (4, "Good, but the courier rang twice."), (4, ""), (4, "All right."),
    (3, "Came a day late."), (2, "Two bags were torn, and nobody called back."),
    (1, "Waited a week for a gasket. The machine stood still."))
WORDS = (
    (10, "The training on the opening day."), (9, "One number for everything."), (9, ""),
    (8, "Fine so far."), (7, "Would like to see the price of a visit before."),
    (4, "The manual is in Italian only."))
LETTERS = (
    "Can the technician come on a Monday? We are closed then.",
    "Please send the next invoice to our accountant directly.",
    "The group leaks a little since yesterday. Is it the gasket?",
    "We open a second bar in spring. Shall we talk about a second machine?",
    "The new harvest is lovely, our guests ask for it.")
CALLS = (
    ("Happy with the machine?", "Yes; wants a second grinder next year."),
    ("Call about the late delivery", "Accepted the apology, next bags are free."),
    ("Silent for long: what happened?", "New owner since summer, buys on price. Not lost yet."),
    ("Welcome call", "Training went well, milk system is still new to them."))
OVERRIDES = (  # whom the figures call so, score, what somebody knows
    ("risk", 72, "Closed for renovation until the new year. The order for the opening is "
                 "promised in writing."),
    ("good", 30, "The head barista who chose us has left; the new one comes from a competitor. "
                 "Visit planned."))


def load(story):
    """Chapter: voices of the last year, then two words against the figures."""
    customers = story.env["care.customer"].search([("purchase_days", ">", 1)], order="id")
    _rate(story)
    _answer(story, story.rng.sample(list(customers), ASKED))
    _write(story, story.rng.sample(list(customers), WROTE))
    _call(story, story.rng.sample(list(customers), CALLED))
    empty_outbox(story)


def override(story):
    """The head of care knows better; asked after the night has judged."""
    customers = story.env["care.customer"]
    for level, score, reason in OVERRIDES:
        customer = customers.search(
            [("health_level", "=", level)], order="revenue_net desc, id", limit=1)
        story.env["care.health.override"].with_user(story.ref("user_care_manager")).create({
            "partner_id": customer.partner_id.id, "company_id": story.company.id,
            "score": score, "reason": reason,
            "date_until": story.today + timedelta(days=70)})


def _rate(story):
    """Some orders of the last weeks were rated by who got them."""
    env = story.env
    orders = story.rng.sample(list(env["sale.order"].search(
        [("state", "=", "sale")], order="id")), RATED)
    for order in orders:
        rating, feedback = story.rng.choice(RATINGS)
        at = _after(story, order.date_order.date())
        with story.at(at):
            row = env["rating.rating"].create({
                "res_model_id": env["ir.model"]._get_id("sale.order"), "res_id": order.id,
                "partner_id": order.partner_id.id,
                "rated_partner_id": order.user_id.partner_id.id,
                "rating": rating, "feedback": feedback, "consumed": True})
            env.flush_all()
        move_columns(row, {row.id: {"create_date": at, "write_date": at}})


def _after(story, day):
    """A moment some days later, and not after yesterday."""
    later = day + timedelta(days=story.rng.randint(3, 12))
    return story.moment(story.workday(min(later, story.today - timedelta(days=1))))


def _some_day(story, customer):
    """A day between the customer's first and last purchase."""
    span = (customer.last_purchase - customer.first_purchase).days
    return customer.first_purchase + timedelta(days=story.rng.randint(0, max(span, 1)))


def _answer(story, customers):
    """A short survey after the first months."""
    env = story.env
    survey = env["survey.survey"].create({
        "title": "Your first months with us", "access_mode": "token",
        "question_and_page_ids": [
            Command.create({"title": "Would you recommend us to a friend?",
                            "question_type": "scale", "scale_min": 0, "scale_max": 10}),
            Command.create({"title": "What was best, what was worst?",
                            "question_type": "text_box"})]})
    scale, text = survey.question_ids
    for customer in customers:
        score, words = story.rng.choice(WORDS)
        at = _after(story, _some_day(story, customer))
        lines = [{"question_id": scale.id, "answer_type": "scale", "value_scale": score}]
        if words:
            lines.append({"question_id": text.id, "answer_type": "text_box",
                          "value_text_box": words})
        answer = env["survey.user_input"].create({
            "survey_id": survey.id, "partner_id": customer.partner_id.id,
            "email": customer.partner_id.email, "state": "done", "start_datetime": at,
            "end_datetime": at + timedelta(minutes=3),
            "user_input_line_ids": [Command.create(line) for line in lines]})
        stamp(env, "survey.user_input", "id", {answer.id: at})


def _write(story, customers):
    """Mails from customers, on their contact."""
    for customer in customers:
        partner = customer.partner_id
        author = partner.child_ids[:1] or partner
        at = _after(story, _some_day(story, customer))
        say(partner, author, story.rng.choice(LETTERS), at, message_type="email")
        stamp(story.env, "mail.message", "res_id", {partner.id: at})


def _call(story, customers):
    """Calls of the care desk, done."""
    env = story.env
    agent = story.ref("user_care_agent")
    for customer in customers:
        summary, feedback = story.rng.choice(CALLS)
        at = _after(story, _some_day(story, customer))
        with story.at(at):
            activity = customer.partner_id.with_context(
                mail_activity_quick_update=True).activity_schedule(
                "mail.mail_activity_data_call", summary=summary, user_id=agent.id,
                date_deadline=at.date())
            activity.with_user(agent).action_feedback(feedback=feedback)
            env.flush_all()
        stamp(env, "mail.activity", "id", {activity.id: at})
        stamp(env, "mail.message", "res_id", {customer.partner_id.id: at})
