"""A scenario of twelve steps: visitors of the roastery's open days, two mails that compete, a loop
for those who stay warm; and its next version, drawn but not published.

Needs lead_nurture. Its own jobs do everything; here is only drawn who came when, who clicked and
who booked a tasting.
"""
from datetime import timedelta

from .leads import find
from .marketing import ADDON
from .travel import HOUR, travel

__all__ = ["ADDON", "load"]

KEY = "open_day"  # of the steps
VISIT = "Open day at the roastery"
BOOKING = "Private tasting"
WEEKS = 7  # with an open day each, the last one some days ago
LAST_DAYS = 3
DAYS = LAST_DAYS + 7 * WEEKS
BIG = 150_000_000  # expected revenue, in the company's currency
BOOKING_WORTH = 2_000_000
CLICKS = {f"{KEY}_story": 0.09, f"{KEY}_figures": 0.47, f"{KEY}_parcel": 0.3}
BOOKED = 0.3  # of those who clicked
CAME = 0.85  # of the open leads


def load(story):
    """Chapter: a rich scenario, its history and its next version."""
    scenario = _draw_scenario(story)

    def follow(send, at):
        if story.rng.random() < BOOKED:
            return [{"kind": "event_registered", "lead_id": send.lead_id.id, "topic": BOOKING,
                     "source": "website", "key": f"booking-{send.id}",
                     "occurred_at": at + timedelta(hours=2)}]
        return []

    def judge(moment):
        story.run_job("nurture.split", "_cron_judge_splits", moment)

    travel(story, DAYS, _draw_visits(story), clicks=CLICKS, follow=follow,
           deeds={ago: judge for ago in range(2, DAYS - 14, 4)})
    _draft_next_version(story, scenario)


def _draw_scenario(story):
    env = story.env
    begin = story.local_time(story.today - timedelta(days=DAYS + 1), HOUR)
    offered = find(story, "crm.stage", "Proposition")
    scenario = env["nurture.scenario"].create({
        "name": "After the open day",
        "note": "Whoever visited the roastery gets one of two mails. Who is interested is invited "
                "to a tasting: big houses in person, houses abroad by parcel.",
        "user_id": story.ref("user_marketer").id, "enrol_since": begin,
        "trigger_kind": "event", "event_kind": "event_attended", "topic": VISIT,
        "reentry_policy": "days", "reentry_days": 90,
        "suppress_segment_ids": env["nurture.preset"]._left_in_peace().ids,
        "goal_ids": [(0, 0, {
            "purpose": "goal", "kind": "event", "event_kind": "event_registered",
            "topic": BOOKING, "value": BOOKING_WORTH})],
        "exit_rule_ids": [(0, 0, {
            "purpose": "exit", "kind": "domain",
            "domain": repr([("type", "=", "opportunity"), ("stage_id", "=", offered.id)])})]})
    env["nurture.preset"]._draw_steps(scenario, KEY, _steps(story))
    with story.at(begin):
        scenario.with_user(story.ref("user_marketing_manager")).action_start()
    return scenario


def _steps(story):
    """As the presets draw theirs: {key: (kind, name, settings, {exit: key})}."""
    days = {"delay_unit": "days"}
    return {
        "which": ("split", "Which mail works better?", {
            "split_measure": "click", "split_observe_days": 3, "split_people": 30,
            "case_ids": [
                (0, 0, {"key": "story", "name": "The story", "percent": 50, "sequence": 1}),
                (0, 0, {"key": "figures", "name": "The figures", "percent": 50, "sequence": 2})],
        }, {"case_story": "story", "case_figures": "figures"}),
        "story": ("mail", "The story of the farm", {"mail": STORY}, {"next": "click"}),
        "figures": ("mail", "What a cup costs", {"mail": FIGURES}, {"next": "click"}),
        "click": ("wait_event", "Wait for a click", {
            "event_kind": "mail_click", "delay_count": 5, **days},
            {"yes": "who", "timeout": "warm"}),
        "who": ("switch", "Who takes care?", {"case_ids": [
            (0, 0, {"key": "big", "name": "Big house", "sequence": 1,
                    "domain": repr([("expected_revenue", ">=", BIG)])}),
            (0, 0, {"key": "abroad", "name": "Abroad", "sequence": 2,
                    "domain": repr([("country_id.code", "!=", "VN")])})]},
            {"case_big": "tell", "case_abroad": "parcel", "else": "seat"}),
        "tell": ("alert", "Tell the salesperson", {
            "summary": "A big house is interested. Offer a tasting at their place."},
            {"next": "end"}),
        "parcel": ("mail", "A tasting by parcel", {"mail": PARCEL}, {"next": "end"}),
        "seat": ("mail", "A seat at the tasting table", {"mail": SEAT}, {"next": "end"}),
        "warm": ("branch", "Still warm?", {"condition": "band", "band": "warm"},
                 {"yes": "rest", "no": "end"}),
        "rest": ("wait", "Leave them in peace", {"delay_count": 12, **days}, {"next": "again"}),
        "again": ("mail", "New on the table", {"mail": AGAIN}, {"next": "click"}),
        "end": ("exit", "Leave", {}, {}),
    }


def _draw_visits(story):
    """Most open leads came to one of the open days that were held since they are known."""
    leads = story.env["crm.lead"].search(
        [("won_status", "=", "pending"), ("email_normalized", "!=", False)], order="id")
    held = [story.today - timedelta(days=LAST_DAYS + 7 * week) for week in range(WEEKS)]
    events = []
    for lead in leads:
        known = [day for day in held if day > lead.create_date.date()]
        if known and story.rng.random() < CAME:
            day = story.rng.choice(known)
            events.append({
                "kind": "event_attended", "lead_id": lead.id, "topic": VISIT, "source": "event",
                "key": f"open-day-{lead.id}", "occurred_at": story.local_time(day, 9)})
    return events


def _draft_next_version(story, scenario):
    """A longer rest, and a last mail before people leave: waiting to be published."""
    scenario.with_user(story.ref("user_marketing_manager")).action_edit_steps()
    draft = scenario.draft_id
    steps = {node.uid.removeprefix(f"{KEY}_"): node for node in draft.node_ids}
    steps["rest"].delay_count = 21
    last = story.env["nurture.node"].create({
        "version_id": draft.id, "uid": f"{KEY}_last", "kind": "mail", "name": "Before they go",
        "sequence": steps["rest"].sequence - 1})
    story.env["nurture.preset"]._write_mail(last.mailing_id, scenario.company_id, **LAST)
    steps["warm"]._set_exit_to("no", last)
    last._set_exit_to("next", steps["end"])


STORY = {
    "subject": "The farm behind your cup", "preview": "Eleven families above Đà Lạt",
    "text": ["it was good to have you at the roastery. The beans that you tasted come from eleven "
             "families above Đà Lạt; we have visited them for fifteen years.",
             "This is how their harvest becomes your espresso."],
    "button": "See the farm"}
FIGURES = {
    "subject": "What a good cup really costs", "preview": "4,900 dong, all in",
    "text": ["it was good to have you at the roastery. Many asked us the same afterwards: what "
             "does one cup cost, with machine, service and beans?",
             "4,900 dong at eighty cups a day. The page below works it out for your house."],
    "button": "Work out your cup"}
PARCEL = {
    "subject": "A tasting comes to your house", "preview": "Three beans, one recipe card",
    "text": ["you are too far away for our tasting table, so it travels to you: three beans and a "
             "card with our recipes.", "Tell us where to send it."],
    "button": "Order the parcel"}
SEAT = {
    "subject": "Your seat at our tasting table", "preview": "Thursdays at four, eight seats",
    "text": ["every Thursday at four we taste what was roasted that week: eight seats, one hour, "
             "no price list."],
    "button": "Book a seat"}
AGAIN = {
    "subject": "New on the tasting table", "preview": "The first of the new harvest",
    "text": ["the first lots of the new harvest are roasted. Two of them go well with the machine "
             "that you looked at."],
    "button": "See the new lots"}
LAST = {
    "subject": "The table stays laid", "preview": "Our last mail for now",
    "text": ["we will not write to you again about the open day. Whenever you pass by, a cup is "
             "waiting for you."],
    "button": "When we are open"}
