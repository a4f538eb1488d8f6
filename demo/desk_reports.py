"""Daily and weekly reports: drafted from the facts, with a few words; most are read."""
from datetime import timedelta

from .backdate import move_columns, stamp
from .chronicle import stamp_messages
from .desk import ADDON, SALESPEOPLE, empty_outbox, open_deals, recent_workdays, say

__all__ = ["ADDON", "load"]

DAYS = 8
WRITERS = SALESPEOPLE[:3]
UNREAD = ("field", "field_th")  # whose report of the last day waits for its reader
CALLS = (("Follow up the quotation", "Wants to talk to the partner first; call again Friday."),
         ("Ask for the floor plan", "Plan comes by mail, the architect has it."),
         ("Who decides?", "The owner; the head barista has the last word on taste."),
         ("Invite to the tasting", "Three people will come on Thursday, the owner too."),
         ("Call back", "Reached the assistant, the manager is on leave until Monday."),
         ("Clarify power and water", "32 A is there; water is hard, needs the C200."))
INSIGHTS = (
    "Two customers said the same: not the price, but who repairs on a Sunday.",
    "New cafés in Thảo Điền open with rented machines. We should have an offer for that.",
    "Hotels decide before the season: after 10 December nobody signs.",
    "The other supplier gives the grinder away. Our answer: training included.",
    "Who has tasted at the showroom buys: four of the last five.",
    "Offices ask for one invoice for beans and service.",
    "Head baristas ask for the steam first, owners for the service.",
    "A visit in the morning is worth three calls: at nine one sees the queue.",
    "Customers in Bangkok want the offer in dollars and the service in baht.",
    "Roasters send their own customers to us when we answer on the same day.",
    "Whoever asks for rent has no budget this year, not no need.",
    "The question about cleaning comes from offices only; have the video ready.",
    "The week before payday nobody signs: plan the visits for the week after.",
)
PROBLEMS = ("The demo Lotus is still at another customer until Thursday.",
            "No answer from the bank about leasing, the customer waits.")
FOCUSES = ("Close the two hotels.", "Three visits in District 2.", "Clear the overdue calls.",
           "Bring the open offers to a date.")
COMMENTS = ("Good point. Bring it to Monday's meeting, please.",
            "I know the owner from the fair: shall I call him?",
            "Thank you. Take the second demo machine, it is back on Wednesday.",
            "Who else has heard this about rented machines?")
HIGHLIGHTS = ("A good week for offers, a slow one for decisions.",
              "Three tastings, two of them with the people who decide.")


def load(story):
    """Chapter: eight working days of three people, a week of theirs and of the teams."""
    days = recent_workdays(story, DAYS)
    for login in WRITERS:
        _work(story, story.ref(f"user_{login}"), login, days)
    for number, day in enumerate(days):
        for login in WRITERS:
            _report(story, login, day, number, is_last=day == days[-1])
    _tell_week(story, days[-1])
    empty_outbox(story)


def _work(story, user, login, days):
    """Calls of these days: planned and done on deals that are still open, one or two a day."""
    env = story.env
    deals = open_deals(story, login).filtered("activity_ids")  # something is planned after the call
    order = story.rng.sample(list(deals), len(deals))
    vals_list, told = [], []
    for number, day in enumerate(days):
        for turn in range(2 if number % 2 else 1):
            lead = order[(2 * number + turn) % len(order)]
            if lead.create_date.date() < day and not lead.snooze_until:
                summary, feedback = CALLS[(number + 2 * turn) % len(CALLS)]
                vals_list.append({
                    "res_model_id": env["ir.model"]._get_id("crm.lead"), "res_id": lead.id,
                    "activity_type_id": env.ref("mail.mail_activity_data_call").id,
                    "summary": summary, "date_deadline": day, "user_id": user.id})
                told.append((feedback, day))
    activities = env["mail.activity"].with_context(
        mail_activity_quick_update=True).create(vals_list)
    for activity, (feedback, day) in zip(activities, told, strict=True):
        moment = story.moment(day, 9, 17)
        lead_id = activity.res_id
        activity.with_user(user).action_feedback(feedback=feedback)
        stamp_messages(env, {lead_id: moment})
        move_columns(activity, {activity.id: {
            "date_done": day, "create_date": moment - timedelta(days=1), "write_date": moment}})
        env.flush_all()
        env.cr.precommit.run()
        deal = env["crm.lead"].browse(lead_id)
        if not deal.last_contact_at or deal.last_contact_at > env.cr.now() - timedelta(hours=1):
            move_columns(deal, {lead_id: {
                "last_contact_at": moment, "last_contact_kind": "call", "last_reply_at": moment}})


def _report(story, login, day, number, *, is_last):
    """Written in the evening, read the next morning, some with a comment."""
    user, leader = story.ref(f"user_{login}"), story.ref("user_sales_manager")
    place = WRITERS.index(login)
    has_insight = (number + place) % 2 == 0 or is_last
    evening = story.local_time(day, 17) + timedelta(minutes=story.rng.randint(5, 50))
    reports = story.env["sales.daily.report"]
    with story.at(evening):
        report = reports.with_user(user)._get_or_draft(user, day)
        lines = report.line_ids
        if lines and number % 3 == 0:
            report.comment_line(lines[0].id, "Took longer than planned, worth it.")
        report.write({
            "insight": has_insight and INSIGHTS[
                4 * place + number // 2 if (number + place) % 2 == 0 else -1 - place // 2],
            "problem": story.rng.choice(PROBLEMS) if story.rng.random() < 0.25 else False,
            "focus": story.rng.choice(FOCUSES)})
        report.action_submit()
    _stamp(story, report, evening)
    if is_last and login in UNREAD:
        return
    morning = evening + timedelta(hours=15)
    with story.at(morning):
        report.with_user(leader).action_mark_read()
    is_new = number >= DAYS - 2  # not seen by its writer yet
    if number % 4 == place or (is_new and login != "field_th"):
        say(report.with_user(leader), leader.partner_id, story.rng.choice(COMMENTS), morning)
        if not is_new:
            with story.at(morning + timedelta(hours=1)):
                report.with_user(user).action_see_comments()
    _stamp(story, report, morning)


def _stamp(story, report, moment):
    stamp(story.env, report._name, "id", {report.id: moment})


def _tell_week(story, last):
    """The week of each writer and of the teams; the field's waits for its reader."""
    monday = last - timedelta(days=last.weekday())
    leader, weeks = story.ref("user_sales_manager"), story.env["sales.weekly.report"]
    evening = story.local_time(last, 18)
    for login in WRITERS:
        user = story.ref(f"user_{login}")
        with story.at(evening):
            week = weeks.with_user(user)._get_or_draft(user, monday)
            week.write({"insight": story.rng.choice(HIGHLIGHTS),
                        "focus": story.rng.choice(FOCUSES)})
            week.action_submit()
            if login != UNREAD[0]:
                week.with_user(leader).action_mark_read()
        _stamp(story, week, evening)
    with story.at(evening):
        for team in ("team_field_vn", "team_field_th"):
            week = weeks.with_user(leader)._get_or_draft(leader, monday, story.ref(team))
            week.write({"insight": story.rng.choice(HIGHLIGHTS), "problem": PROBLEMS[0],
                        "focus": story.rng.choice(FOCUSES)})
            week.action_submit()
            _stamp(story, week, evening)
