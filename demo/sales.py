"""Deals that inside sales hands to the field, and deals that come back from "not now".

Needs sales_automation. Requests and answers are given in the dialogs of the addon, each by the
person whose part it is, and then moved to their day.
"""
from datetime import timedelta

from .chronicle import put_in_time
from .deals import HANDED, NOT_NOW, draw_deals
from .leads import TEAM_OF, taken

ADDON = "sales_automation"
# what becomes of the deals that are handed over, in the order of their age; the rest is accepted
WAITING, OVERDUE, REJECTED = 3, 1, 3
CAME_BACK = 2  # deals whose "not now" ends today
BRIEFS = (
    ("Wants espresso for 150 guests at breakfast, the old machine stands still.",
     "F&B manager proposes, the owner signs.", "About 250 million, leasing is possible.",
     "Before the season; wants to decide within four weeks."),
    ("Opens a second bar and wants the same taste in both.",
     "The owner decides alone, asks her barista.", "A machine and a grinder, up to 140 million.",
     "Opening in two months, the room is rented."),
    ("Staff walk out for coffee; wants a machine that anybody can use.",
     "Office manager collects offers, finance director approves.", "Not set; asks for rent too.",
     "Budget round at the end of the month."),
)
REJECTIONS = (
    ("handoff_reason_incomplete", "Nobody there knows about the enquiry: who was spoken to?"),
    ("handoff_reason_unqualified", "No budget before next year, please keep in touch."),
    ("handoff_reason_not_mine", "Their head office in Singapore buys."),
)


def load(story):
    """Chapter: hand-offs asked for and answered, days on which sleeping deals come back."""
    pairs = list(zip(story.named("crm.lead", "lead_").values(),
                     draw_deals(story.start, story.today, taken(story)), strict=True))
    handed = [(lead, deal) for lead, deal in pairs if deal.path == HANDED]
    newest = WAITING + OVERDUE
    answered = [_request(story, lead, deal, story.workday(
        story.workday(deal.moves[-1][1]) + timedelta(days=1))) for lead, deal in handed[:-newest]]
    _answer(story, answered)
    for number, (lead, deal) in enumerate(handed[-newest:]):
        _request(story, lead, deal, story.today - timedelta(days=3) if number < OVERDUE else None,
                 person=number < newest - 1)  # the last one asks a whole team
    _load_wake_dates(story, [(lead, deal) for lead, deal in pairs if deal.outcome == NOT_NOW])


def run_day(story):
    """Chapter: the jobs of the day: who has not answered, which deals come back, how fast won
    deals were."""
    story.run_job("sales.handoff", "_cron_expire_handoffs")
    story.run_job("crm.lead", "_cron_wake_recycled")
    story.run_job("sales.stage.pace", "_cron_measure")


def _request(story, lead, deal, day, person=True):
    """Inside sales fills in the brief and asks; on a day of the past, or now."""
    need, authority, budget, timing = story.rng.choice(BRIEFS)
    receiver = {"to_user_id": story.ref(f"user_{deal.owner}").id} if person else {
        "receiver": "team", "team_id": story.ref(TEAM_OF[deal.owner]).id}
    story.env["sales.handoff.request"].with_user(story.ref("user_inside")).create({
        "lead_id": lead.id, **receiver,
        "need": need, "authority": authority, "budget": budget, "timing": timing}).action_send()
    handoff = story.env["sales.handoff"].search([("lead_id", "=", lead.id)], limit=1)
    if day:
        put_in_time(story.env, {lead.id: story.moment(day, 8, 12)})
        handoff.deadline_at = handoff._plan_deadline(
            lead, handoff.to_user_id.id, handoff.requested_at)
    return handoff


def _answer(story, handoffs):
    """Most are accepted within hours; the first few are rejected with a reason."""
    for number, handoff in enumerate(handoffs):
        receiver = handoff.to_user_id
        if number < REJECTED:
            reason, note = REJECTIONS[number]
            story.env["sales.handoff.reject"].with_user(receiver).create({
                "handoff_id": handoff.id, "note": note,
                "reason_id": story.env.ref(f"sales_automation.{reason}").id}).action_reject()
        else:
            handoff.with_user(receiver).action_accept()
        answered = handoff.requested_at + timedelta(minutes=story.rng.randint(20, 300))
        put_in_time(story.env, {handoff.lead_id.id: answered})
        handoff.answer_hours = handoff._count_hours(handoff.answered_at)


def _load_wake_dates(story, pairs):
    """Deals sleep two to five months; some come back today."""
    for number, (lead, deal) in enumerate(pairs):
        wake = story.today if number < CAME_BACK else max(
            deal.closed + timedelta(days=story.rng.randint(60, 150)),
            story.today + timedelta(days=story.rng.randint(3, 90)))
        lead.recycle_wake_date = wake
        lead.recycle_ids[:1].wake_date = wake
