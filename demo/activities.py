"""What salespeople did and plan: calls, mails and meetings on their open and past deals."""
from datetime import timedelta

from .backdate import move_columns
from .chronicle import stamp_messages
from .deals import LOST, NOT_NOW, OPEN, WON, draw_deals
from .leads import taken

CALL, MEETING, TODO = (
    "mail.mail_activity_data_call", "mail.mail_activity_data_meeting",
    "mail.mail_activity_data_todo")
DONE = {
    "new": ((CALL, "First call", "Wants to know prices and delivery time."),
            (CALL, "Who decides?", "The owner decides, the head barista tests.")),
    "qualified": ((MEETING, "Tasting at the showroom", "Tasted the House Blend; liked the Aria."),
                  (CALL, "Water hardness and power", "Hard water: needs the C200 filter."),
                  (MEETING, "Visit to the bar", "Room for two groups, 32 A is there.")),
    "proposition": ((CALL, "Quotation received?", "Compares with another offer."),
                    (MEETING, "Price and service contract", "Asks for Plus at the Basic price.")),
}
NEXT = {
    "new": ((CALL, "Call back"), (TODO, "Find out who decides")),
    "qualified": ((MEETING, "Tasting at the showroom"), (CALL, "Ask for the floor plan")),
    "proposition": ((CALL, "Follow up the quotation"), (MEETING, "Negotiate the contract")),
}


def load(story):
    """Chapter: done activities of the last half year, next activities, meetings."""
    leads = story.named("crm.lead", "lead_").values()
    pairs = list(zip(leads, draw_deals(story.start, story.today, taken(story)), strict=True))
    _load_done(story, pairs)
    _load_next(story, [(lead, deal) for lead, deal in pairs if deal.outcome == OPEN])
    _load_meetings(story, [(lead, deal) for lead, deal in pairs if deal.outcome == OPEN])


def _prepare_activity_vals(story, lead, xmlid, summary, day):
    return {
        "res_model_id": story.env["ir.model"]._get_id("crm.lead"), "res_id": lead.id,
        "activity_type_id": story.env.ref(xmlid).id, "summary": summary,
        "date_deadline": day, "user_id": lead.user_id.id}


def _load_done(story, pairs):
    """A deal of the last half year has a done activity for most of its stages."""
    since = story.today - timedelta(days=180)
    vals_list, feedbacks, days = [], [], []
    for lead, deal in pairs:
        if deal.outcome not in (OPEN, WON, LOST, NOT_NOW):
            continue
        for stage, entered in deal.moves:
            day = story.workday(entered + timedelta(days=story.rng.randint(0, 3)))
            if entered < since or day >= (deal.closed or story.today) or story.rng.random() < 0.3:
                continue
            xmlid, summary, feedback = story.rng.choice(DONE[stage])
            vals_list.append(_prepare_activity_vals(story, lead, xmlid, summary, day))
            feedbacks.append(feedback)
            days.append(day)
    activities = story.env["mail.activity"].with_context(
        mail_activity_quick_update=True).create(vals_list)
    values = {}
    for activity, feedback, day in zip(activities, feedbacks, days, strict=True):
        moment = story.moment(day)
        activity.with_user(activity.user_id).action_feedback(feedback=feedback)
        stamp_messages(story.env, {activity.res_id: moment})
        values[activity.id] = {"date_done": day, "create_date": moment - timedelta(days=2),
                               "write_date": moment}
    move_columns(activities, values)


def _load_next(story, pairs):
    """Most open deals have a next step; some are overdue, a fifth has none."""
    story.env["mail.activity"].with_context(mail_activity_quick_update=True).create([
        _prepare_activity_vals(
            story, lead, *story.rng.choice(NEXT[deal.moves[-1][0]]),
            story.today + timedelta(days=round(story.rng.triangular(-9, 14, 2))))
        for lead, deal in pairs if story.rng.random() < 0.8])


def _load_meetings(story, pairs):
    """Some meetings of the coming two weeks, in the calendars of both sides."""
    vals_list = []
    for lead, _deal in story.rng.sample(pairs, 16):
        day = story.today + timedelta(days=story.rng.randint(1, 14))
        day += timedelta(days=day.weekday() == 6)
        start = story.local_time(day, story.rng.choice((9, 10, 14, 15, 16)))
        vals_list.append({
            "name": f"Meeting: {lead.name}", "start": start, "stop": start + timedelta(hours=1),
            "user_id": lead.user_id.id, "opportunity_id": lead.id, "res_id": lead.id,
            "res_model_id": story.env["ir.model"]._get_id("crm.lead"),
            "partner_ids": [(6, 0, (lead.user_id.partner_id | lead.partner_id).ids)]})
    story.env["calendar.event"].with_context(mail_activity_quick_update=True).create(vals_list)
