"""Fourteen months of service: what customers asked and complained of, and what became of it.

Needs customer_care. Each case is told on its own days by the methods that the gateway, the
portal and the screens call.
"""
from datetime import timedelta

from . import care_files
from .backdate import stamp
from .care_matters import ASK_BACK, CHANNELS, MATTERS, NEWS, SENT_IT, THANKS
from .desk import empty_outbox, say

#: how many cases lie how many days back
SPANS = ((84, 30, 420), (34, 5, 30), (14, 0, 4))
AGENTS = ("care_agent", "care_manager")
UNSEEN, IN_WORK, WAITING = 4, 7, 13  # days for which the newest may stand so
LATE_EVERY = 12  # of so many one was left lying over a holiday
CONFIRMED = 30  # days since which mails are confirmed
TIMED = 0.7  # share of cases whose minutes were entered


class Told:
    """One case, its customer, who works on it, and the moment that the story has reached."""

    def __init__(self, story, number, matter, author, ago):
        self.story, self.number, self.matter, self.author, self.ago = (
            story, number, matter, author, ago)
        self.agent = story.ref(f"user_{AGENTS[number % 5 == 0]}")
        self.now = story.moment(story.workday(story.today - timedelta(days=ago)))
        self.latest = story.env.cr.now().replace(microsecond=0) - timedelta(minutes=5)
        self.case = None
        self.minutes = 0

    def after(self, **span):
        self.now += timedelta(**span)

    def do(self, method):
        """What the agent clicks, now."""
        with self.story.at(self.now):
            getattr(self.case.with_user(self.agent), method)()
            self.story.env.flush_all()
        self.minutes += self.story.rng.randint(3, 16)

    def hear(self, text):
        """The customer writes."""
        say_on(self.story, self.case, self.author, text, self.now, message_type="email")

    def answer(self, text):
        say_on(self.story, self.case, self.agent.partner_id, text, self.now)


def load(story):
    """Chapter: cases of the past, the newest still open."""
    customers = story.env["care.customer"].search([("purchase_days", ">", 1)], order="id")
    days = sorted((story.rng.randint(first, last) for count, first, last in SPANS
                   for _case in range(count)), reverse=True)
    team, told = story.env.ref("customer_care.care_team_main"), []
    for number, ago in enumerate(days):
        team.confirm_arrival = ago < CONFIRMED  # they began to only lately
        told.append(_tell(story, number, story.rng.choice(list(customers)), ago))
    _write_twice(story, told)
    care_files.change(story)
    care_files.credit(story)
    care_files.count_minutes(story, [
        (one.case, one.agent, one.now.date(), one.minutes) for one in told
        if one.minutes and story.rng.random() < TIMED])
    put_in_time(story)
    empty_outbox(story)


def _tell(story, number, customer, ago):
    """One case from its first word to where it stands today."""
    author = customer.partner_id.child_ids[:1] or customer.partner_id
    one = Told(story, number, story.rng.choice(MATTERS), author, ago)
    one.case = open_case(story, one.matter, author, one.now)
    if ago < UNSEEN and number % 2:
        return one  # nobody has looked yet
    late = number % LATE_EVERY == 5
    until = one.now + (timedelta(hours=story.rng.randint(27, 52)) if late
                       else timedelta(minutes=story.rng.randint(8, 220)))
    _let_pass(one, min(until, one.latest))
    one.do("action_take")
    one.answer(one.matter.answer)
    asks_back = number % (3 if ago < WAITING else 7) == 1
    if ago >= UNSEEN and asks_back and not _wait(one):
        return one
    if ago >= IN_WORK:
        _settle(one, late)
    return one


def _let_pass(one, moment):
    """Time passes; who is to be told of a promise is told when the clock says so."""
    while one.case.escalate_at and one.case.escalate_at < moment:
        one.now = max(one.now, one.case.escalate_at)
        one.story.run_job("care.case.escalation", "_cron_escalate", one.now)
        _stamp_notices(one.story, one.now)
    one.now = moment


def _stamp_notices(story, moment):
    """Colleagues were told then."""
    notices = story.env["mail.message"].search([
        ("message_type", "=", "user_notification"), ("date", ">=", story.env.cr.now())])
    stamp(story.env, "mail.message", "id", dict.fromkeys(notices.ids, moment))


def _wait(one):
    """The agent asks back; whether the customer has answered by now."""
    one.after(minutes=5)
    one.answer(ASK_BACK)
    with one.story.at(one.now):
        one.case.with_user(one.agent)._move_to("waiting")
    if one.ago < WAITING:
        return False
    one.after(hours=one.story.rng.randint(20, 70))
    one.hear(SENT_IT)
    return True


def _settle(one, late):
    """Resolved once or twice; thanks do not open it again."""
    story, number = one.story, one.number
    settled = one.now + timedelta(hours=story.rng.choice((0.5, 2, 5, 22, 47)))
    if late:
        settled += timedelta(days=min(9, one.ago - 5))
    _let_pass(one, min(settled, one.latest - timedelta(hours=30)))
    if number % 6 == 0:  # it takes a second word
        one.hear(NEWS)
        one.after(hours=3)
    if one.matter.file:
        care_files.fill(story, one.case.with_user(one.agent), one.matter.file, number,
                        one.now.date())
    one.do("action_resolve")
    thanked = number % 3 == 0 and number % 9 != 4
    if number % 9 == 4:  # it was not settled after all
        one.after(hours=20)
        one.hear(NEWS)
        _stamp_notices(story, one.now)
        one.after(hours=2)
        one.do("action_resolve")
    elif thanked:
        one.after(hours=1)
        one.hear(story.rng.choice(THANKS))
    if one.matter.file:
        care_files.hear(story, one.case, thanked, one.now.date())


def _write_twice(story, told):
    """Somebody who has waited writes once more, by the portal: an agent merges the two."""
    first = next(one for one in reversed(told) if one.case.stage_kind == "open")
    at = min(first.now + timedelta(hours=3), first.latest - timedelta(minutes=15))
    second = open_case(story, first.matter, first.author, at, channel="portal")
    with story.at(at + timedelta(minutes=10)):
        story.env["care.case.merge"].with_user(first.agent).create(
            {"case_ids": (first.case | second).ids, "survivor_id": first.case.id}).action_apply()
        story.env.flush_all()


def open_case(story, matter, author, opened, channel=None, **more):
    """By phone, or by the customer's own words: as the gateway and the portal do."""
    channel = channel or story.rng.choice(CHANNELS if author.email else ("phone",))
    cases, words = story.env["care.case"], f"<p>{matter.text}</p>"
    vals = {
        "opened_at": opened, "kind": matter.kind, "severity": matter.severity,
        "category_id": story.env.ref(f"customer_care.care_category_{matter.category}").id,
        "product_id": matter.goods and story.ref(f"product_{matter.goods}").id, **more}
    rest = {"name": matter.subject, "description": words, "channel": channel,
            "partner_id": author.id}
    with story.at(opened):
        if channel == "email":
            case = cases.message_new({
                "subject": matter.subject, "body": words, "author_id": author.id,
                "email_from": author.email_formatted}, vals)
        elif channel == "phone":
            case = cases.create(vals | rest)
        else:
            case = cases.with_context(care_by_mail=True).create(vals | rest).with_context(
                care_by_mail=False, care_opening=True)
        if channel != "phone":
            say(case, author, matter.text, opened, subject=matter.subject,
                message_type="email" if channel == "email" else "comment")
        story.env.flush_all()
    return cases.browse(case.id)


def say_on(story, case, author, body, moment, **how):
    """A word on a case, on its day."""
    with story.at(moment):
        say(case, author, body, moment, **how)
        story.env.flush_all()


def put_in_time(story):
    """What was just written of cases was written on its day: once, at the end of a chapter."""
    env, begun = story.env, story.env.cr.now()
    cases = env["care.case"].search([("create_date", ">=", begun)])
    stamp(env, "care.case", "id", {case.id: case.opened_at for case in cases})
    messages = env["mail.message"].search([
        ("model", "=", "care.case"), ("create_date", ">=", begun)])
    opened = {case.id: case.opened_at for case in cases}
    # what the desk confirms has no date of its own: it came with the case
    stamp(env, "mail.message", "id", {
        one.id: one.date if one.date < begun else opened[one.res_id] for one in messages
        if one.date < begun or one.res_id in opened})
