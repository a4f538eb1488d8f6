"""A scenario that has run for eleven weeks: people fetched a guide, got mails, reacted or did not.

Needs lead_nurture. Its own jobs do everything; here is only drawn who fetched the guide when.
"""
from datetime import timedelta

from .company import DOMAIN
from .marketing import ADDON
from .travel import HOUR, prepare_visit, travel

__all__ = ["ADDON", "load"]

GUIDE = "Guide: the first coffee bar"
DAYS = 77  # before today, on which somebody may have fetched it
EDITED_DAYS = 35  # ago, when the marketer changed the steps
LOOKED_AT_PRICES = 0.5  # of those who clicked
GOAL_WORTH = 500_000  # in the company's currency


def load(story):
    """Chapter: a scenario with a history."""
    scenario = _draw_scenario(story)

    def follow(send, at):
        if story.rng.random() < LOOKED_AT_PRICES:
            return [prepare_visit(send, at + timedelta(minutes=3), "/pricing", "guide-price")]
        return []

    travel(story, DAYS, _draw_downloads(story), follow=follow, deeds={
        EDITED_DAYS: lambda moment: _publish_shorter_wait(story, scenario, moment)})


def _draw_scenario(story):
    """The preset for downloads, with what the house wants to reach by it."""
    begin = story.local_time(story.today - timedelta(days=DAYS), 0)
    scenario = story.env["nurture.preset"]._create_scenario(
        "download", name="After the guide", topic=GUIDE, enrol_since=begin,
        user_id=story.ref("user_marketer").id, reentry_policy="never",
        goal_ids=[(0, 0, {
            "purpose": "goal", "kind": "event", "event_kind": "page_view",
            "url_pattern": "/pricing\n/quote", "value": GOAL_WORTH})])
    with story.at(begin):
        scenario.with_user(story.ref("user_marketing_manager")).action_start()
    return scenario


def _draw_downloads(story):
    """Each open lead fetches the guide once, some time after it came."""
    leads = story.env["crm.lead"].search(
        [("won_status", "=", "pending"), ("email_normalized", "!=", False)], order="id")
    events = []
    for lead in leads:
        known = min(DAYS, (story.today - lead.create_date.date()).days - 1)
        if known > 0:
            day = story.today - timedelta(days=story.rng.randint(1, known))
            events.append({
                "kind": "download", "lead_id": lead.id, "topic": GUIDE, "source": "website",
                "url": f"https://www.{DOMAIN}/guide.pdf", "key": f"guide-{lead.id}",
                "occurred_at": story.local_time(day, HOUR) - timedelta(minutes=20)})
    return events


def _publish_shorter_wait(story, scenario, moment):
    """Version 2: a day to read is enough."""
    manager = story.ref("user_marketing_manager")
    with story.at(moment):
        scenario.action_edit_steps()
        scenario.draft_id.node_ids.filtered(lambda n: n.uid == "download_read").delay_count = 1
        asked = scenario.with_user(manager).action_publish()
        if asked:
            impact = story.env[asked["res_model"]].with_user(manager).browse(asked["res_id"])
            impact.action_apply()
    story.run_job("nurture.version.plan", "_cron_move_people", moment)
