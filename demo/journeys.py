"""A scenario that has run for eleven weeks: people fetched a guide, got mails, reacted or did not.

Needs lead_nurture. Its own jobs do everything, day by day; here is only drawn who fetched the
guide when, and who opened, clicked or answered which mail.
"""
from datetime import datetime, timedelta

from .backdate import move_columns
from .company import DOMAIN
from .marketing import ADDON

__all__ = ["ADDON", "load"]

GUIDE = "Guide: the first coffee bar"
DAYS = 77  # before today, on which somebody may have fetched it
HOUR = 10  # of each day at which the jobs look
EDITED_DAYS = 35  # ago, when the marketer changed the steps
# share of the mails delivered: (event, share, hours after the mail at most)
REACTIONS = (("mail_open", 0.46, 30), ("mail_click", 0.21, 40), ("mail_reply", 0.04, 50))
BOUNCED = 0.02
LOOKED_AT_PRICES = 0.5  # of those who clicked
GOAL_WORTH = 500_000  # in the company's currency


def load(story):
    """Chapter: a scenario with a history."""
    scenario = _draw_scenario(story)
    fetched = _draw_downloads(story)
    reactions = []
    for ago in range(DAYS, -1, -1):
        day = story.today - timedelta(days=ago)
        moment = story.local_time(day, HOUR)
        if moment >= story.env.cr.now():
            break
        if ago == EDITED_DAYS:
            _publish_shorter_wait(story, scenario, moment)
        due = [event for event in reactions if event["occurred_at"] <= moment]
        reactions = [event for event in reactions if event["occurred_at"] > moment]
        came = fetched.get(day, [])
        _tell(story, [*came, *due])
        if came:
            story.run_job("nurture.scenario", "_cron_enrol", moment)
        if came or due or _is_due(story, scenario, moment):
            story.run_job("nurture.enrolment", "_cron_advance", moment)
            reactions += _deliver(story, scenario, moment)
    story.run_job("nurture.node.stat", "_cron_fold_numbers")


def _draw_scenario(story):
    """The preset for downloads, with what the house wants to reach by it."""
    env = story.env
    begin = datetime.combine(story.today - timedelta(days=DAYS), datetime.min.time())
    scenario = env["nurture.preset"]._create_scenario(
        "download", name="After the guide", topic=GUIDE, enrol_since=begin,
        user_id=story.ref("user_marketer").id, reentry_policy="never",
        goal_ids=[(0, 0, {
            "purpose": "goal", "kind": "event", "event_kind": "page_view",
            "url_pattern": "/pricing\n/quote", "value": GOAL_WORTH})])
    scenario.with_user(story.ref("user_marketing_manager")).action_start()
    return scenario


def _draw_downloads(story):
    """{day: events}: each open lead fetches the guide once, some time after it came."""
    leads = story.env["crm.lead"].search(
        [("won_status", "=", "pending"), ("email_normalized", "!=", False)], order="id")
    events = {}
    for lead in leads:
        known = min(DAYS, (story.today - lead.create_date.date()).days - 1)
        if known > 0:
            day = story.today - timedelta(days=story.rng.randint(1, known))
            events.setdefault(day, []).append({
                "kind": "download", "lead_id": lead.id, "topic": GUIDE, "source": "website",
                "url": f"https://www.{DOMAIN}/guide.pdf", "key": f"guide-{lead.id}",
                "occurred_at": story.local_time(day, HOUR) - timedelta(minutes=20)})
    return events


def _publish_shorter_wait(story, scenario, moment):
    """Version 2: a day to read is enough."""
    scenario.action_edit_steps()
    scenario.draft_id.node_ids.filtered(lambda n: n.uid == "download_read").delay_count = 1
    manager = story.ref("user_marketing_manager")
    asked = scenario.with_user(manager).action_publish()
    story.env[asked["res_model"]].with_user(manager).browse(asked["res_id"]).action_apply()
    story.run_job("nurture.version.plan", "_cron_move_people", moment)
    _put_versions_in_time(scenario, moment)


def _put_versions_in_time(scenario, moment):
    """Published then, and not when the demo was loaded."""
    first, second = scenario.version_ids.sorted("number")
    move_columns(first, {first.id: {"published_at": scenario.enrol_since},
                         second.id: {"published_at": moment}})


def _is_due(story, scenario, moment):
    """Somebody goes on at this moment."""
    return story.env["nurture.enrolment"].search_count(
        [("scenario_id", "=", scenario.id), ("is_open", "=", True), ("run_at", "<=", moment)],
        limit=1)


def _tell(story, events):
    """What people did: by the public log, but for what they did with our mails."""
    log = story.env["nurture.event"].with_user(story.ref("user_marketer")).log
    told = [event for event in events if "lead_id" in event]
    if told:
        log([{**event, "occurred_at": event["occurred_at"].isoformat(" ")} for event in told])
    story.env["nurture.event"]._insert_events([e for e in events if "lead_id" not in e])


def _deliver(story, scenario, moment):
    """The mails of this moment leave, without a server; → what their readers will do."""
    env, rng = story.env, story.rng
    sends = env["nurture.send"].search(
        [("scenario_id", "=", scenario.id), ("state", "=", "queued")], order="id")
    reactions = []
    for send in sends:
        if rng.random() < BOUNCED:
            send.trace_id.write({"trace_status": "bounce", "failure_type": "mail_bounce"})
            continue
        send.trace_id.write({"trace_status": "sent", "sent_datetime": moment})
        reactions += _draw_reactions(story, send, moment)
    env["mail.mail"].browse(sends.mapped("mail_id")).exists().unlink()
    story.run_job("nurture.send", "_cron_settle_sends", moment)
    return reactions


def _draw_reactions(story, send, moment):
    reactions = []
    for kind, share, hours in REACTIONS:
        if story.rng.random() < share:
            at = moment + timedelta(minutes=story.rng.randint(20, hours * 60))
            reactions.append(send._prepare_event_vals(kind, at))
            if kind == "mail_click" and story.rng.random() < LOOKED_AT_PRICES:
                reactions.append({
                    "kind": "page_view", "lead_id": send.lead_id.id, "source": "website",
                    "url": f"https://www.{DOMAIN}/pricing", "key": f"guide-price-{send.id}",
                    "occurred_at": at + timedelta(minutes=3)})
    return reactions
