"""What goes with a customer's purchases is proposed: taken up, dismissed, bought, or waiting.

Needs customer_care. Told night by night, together with the reminders.
"""
from datetime import timedelta

from .care import run_steps
from .chronicle import put_in_time

EVERY = 5  # nights between two rounds
COUNTED = 20  # nights between two counts of the pairs of products: they hardly move
TAKEN_UP, DISMISSED = 0.16, 0.15  # of what a round finds new
NEXT_STEP = 0.8
LOST = 0.05  # of what was taken up, in each round
REASONS = (
    ("no_need", "Has his cups printed elsewhere."), ("elsewhere", "Bound until spring."),
    ("no_fit", ""), ("price", "Asked twice for the price."), ("no_need", ""))


def pass_night(story, day, number):
    """A round: what became of the proposals, new ones, and what salespeople do about them."""
    if number % EVERY:
        return
    proposals = story.env["care.proposal"]
    steps = ("proposals",) if number % COUNTED else ("affinity", "proposals")
    run_steps(story, story.local_time(day, 1), *steps)
    with story.at(story.local_time(day, 14)):
        _win(story)
        fresh = proposals.search([
            ("state", "=", "proposed"), ("user_id", "!=", False), ("proposed_on", "=", day)],
            order="id")
        for proposal in fresh:
            luck = story.rng.random()
            if luck < TAKEN_UP:
                proposal.with_user(proposal.user_id).action_accept()
            elif luck > 1 - DISMISSED:
                _dismiss(story, proposal)
        story.env.flush_all()
    _put_in_time(story, story.local_time(day, 14))


def plan(story):
    """What was taken up and is still open has a next step, most of the time."""
    taken = story.env["care.proposal"].search(
        [("document_model", "=", "crm.lead"), ("state", "=", "accepted")], order="id")
    for lead in story.env["crm.lead"].browse(taken.mapped("document_id")):
        if story.rng.random() < NEXT_STEP:
            lead.with_context(mail_activity_quick_update=True).activity_schedule(
                "mail.mail_activity_data_call", summary="Offer it with the next order",
                user_id=lead.user_id.id,
                date_deadline=story.today + timedelta(days=story.rng.randint(1, 9)))


def _dismiss(story, proposal):
    reason, note = story.rng.choice(REASONS)
    story.env["care.proposal.dismiss"].with_user(proposal.user_id).create(
        {"proposal_ids": proposal.ids, "reason": reason, "note": note}).action_dismiss()


def _win(story):
    """What was bought is a won opportunity; of the others some are lost."""
    taken = story.env["care.proposal"].search(
        [("document_model", "=", "crm.lead"), ("state", "in", ("accepted", "won"))], order="id")
    for proposal in taken:
        lead = story.env["crm.lead"].browse(proposal.document_id)
        if lead.won_status != "pending":
            continue
        if proposal.state == "won":
            lead.with_user(lead.user_id).action_set_won()
        elif story.rng.random() < LOST:
            lead.with_user(lead.user_id).action_set_lost()


def _put_in_time(story, moment):
    """Opportunities that were made, won or lost in this round."""
    fresh = story.env["crm.lead"].with_context(active_test=False).search([
        ("write_date", ">=", story.env.cr.now()),
        ("id", "in", story.env["care.proposal"].search(
            [("document_model", "=", "crm.lead")]).mapped("document_id"))])
    put_in_time(story.env, dict.fromkeys(fresh.ids, moment))
