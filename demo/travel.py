"""Time passes for scenarios: on every other morning of the past their own jobs run, mails leave
without a server, and readers react.

What people do and what marketers do comes from the chapters.
"""
from datetime import timedelta

from .company import DOMAIN

HOUR = 10  # of a morning at which the jobs look
STRIDE = 2  # days between two mornings: half the time to load, and the same story
# share of the mails delivered: (event, share, hours after the mail at most)
REACTIONS = (("mail_open", 0.46, 30), ("mail_click", 0.21, 40), ("mail_reply", 0.04, 50))
BOUNCED = 0.02
UNANSWERED = {"recycle_mail": 0}  # else a hand-over to sales would follow, overdue for weeks


def travel(story, days, told=(), deeds=None, clicks=None, follow=None, stride=STRIDE):
    """Let the last ``days`` pass.

    ``told``: events of the public log; ``deeds``: {days ago: what the house does then, a function
    of the moment}; ``clicks``: {step key: share of its mails that are clicked}, where it is not as
    usual; ``follow(send, at)``: events that follow a click.
    """
    ahead = sorted(told, key=lambda event: event["occurred_at"])
    deeds = dict(sorted((deeds or {}).items()))
    for ago in range(days, -1, -stride):
        moment = _morning(story, ago)
        if moment >= story.env.cr.now():
            break
        done = [key for key in deeds if key >= ago]
        for key in sorted(done, reverse=True):
            deeds.pop(key)(moment)
        due = [event for event in ahead if event["occurred_at"] <= moment]
        ahead = ahead[len(due):]
        with story.at(moment):  # who waited for a click goes on at this moment
            _tell(story, due)
        if any("lead_id" in event for event in due):
            story.run_job("nurture.scenario", "_cron_enrol", moment)
        if due or done or _is_due(story, moment):
            story.run_job("nurture.enrolment", "_cron_advance", moment)
            reactions = _deliver(story, moment, {**UNANSWERED, **(clicks or {})}, follow)
            ahead = sorted([*ahead, *reactions], key=lambda event: event["occurred_at"])
    _empty_outbox(story)
    story.run_job("nurture.node.stat", "_cron_fold_numbers")


def _morning(story, ago):
    return story.local_time(story.today - timedelta(days=ago), HOUR)


def _is_due(story, moment):
    """Somebody goes on at this moment."""
    return story.env["nurture.enrolment"].search_count(
        [("is_open", "=", True), ("run_at", "<=", moment)], limit=1)


def _tell(story, events):
    """What people did: by the public log, but for what they did with our mails."""
    log = story.env["nurture.event"].with_user(story.ref("user_marketer")).log
    told = [event for event in events if "lead_id" in event]
    if told:
        log([{**event, "occurred_at": event["occurred_at"].isoformat(" ")} for event in told])
    story.env["nurture.event"]._insert_events([e for e in events if "lead_id" not in e])


def _deliver(story, moment, clicks, follow):
    """The mails of this moment leave, without a server; → what their readers will do."""
    env, rng = story.env, story.rng
    sends = env["nurture.send"].search([("state", "=", "queued")], order="id")
    reactions = []
    bounced = sends.filtered(lambda _send: rng.random() < BOUNCED)
    bounced.trace_id.write({"trace_status": "bounce", "failure_type": "mail_bounce"})
    (sends - bounced).trace_id.write({"trace_status": "sent", "sent_datetime": moment})
    for send in sends - bounced:
        reactions += _draw_reactions(story, send, moment, clicks.get(send.node_uid), follow)
    env["mail.mail"].browse(sends.mapped("mail_id")).exists().unlink()
    if sends:
        story.run_job("nurture.send", "_cron_settle_sends", moment)
    return reactions


def _draw_reactions(story, send, moment, clicked, follow):
    reactions = []
    for kind, usual, hours in REACTIONS:
        share = clicked if clicked is not None and kind == "mail_click" else usual
        if story.rng.random() < share:
            at = moment + timedelta(minutes=story.rng.randint(20, hours * 60))
            reactions.append(send._prepare_event_vals(kind, at))
            if kind == "mail_click" and follow:
                reactions += follow(send, at)
    return reactions


def _empty_outbox(story):
    """What colleagues were told back then is no mail of today."""
    env = story.env
    queued = env["nurture.send"].search([("state", "in", ("queued", "retry"))]).mapped("mail_id")
    env["mail.mail"].search([
        ("state", "=", "outgoing"), ("id", "not in", queued),
        ("create_date", ">=", env.cr.now())]).unlink()


def prepare_visit(send, at, page, key):
    """The reader looks at a page of the web site."""
    return {"kind": "page_view", "lead_id": send.lead_id.id, "source": "website",
            "url": f"https://www.{DOMAIN}{page}", "key": f"{key}-{send.id}", "occurred_at": at}
