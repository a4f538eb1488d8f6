"""What marketing knows beside the score: who belongs together, where each lead stands, what was
given to sales, and whether the score was right.

Needs lead_nurture. All of it is worked out by its own jobs and buttons.
"""
from datetime import timedelta

from .backdate import move_columns
from .company import DOMAIN
from .leads import REASONS, find
from .marketing import ADDON

__all__ = ["ADDON", "catch_up", "load"]

TARGETS = 9  # businesses that sales wants to win, best scores first, and as many silent ones
HANDED_OVER = 3  # this morning, and in the days before: (days ago, what inside sales answered)
CALLED = "called"
WEEK = ((9, CALLED), (8, CALLED), (7, "no_answer"), (6, CALLED), (5, "not_now"), (3, CALLED),
        (2, None))
NEWSLETTER_DAYS = 9  # ago
READERS, CLICKERS = 26, 9  # of the people who got the newsletter


def load(story):
    """Chapter: accounts, statuses, hand-overs and a backtest."""
    _send_newsletter(story)
    story.run_job("nurture.event", "_cron_pull_events")
    story.run_job("nurture.score", "_cron_score")
    _choose_targets(story)
    story.run_job("nurture.stay", "_cron_move_leads")
    story.run_job("nurture.score.snapshot", "_cron_take_snapshots")
    _hand_over(story)
    story.run_job("nurture.stay", "_cron_move_leads")
    _backtest(story)


def catch_up(story):
    """Chapter: what people did in their scenarios counts by the time the server starts."""
    story.run_job("nurture.event", "_cron_pull_events")
    story.run_job("nurture.score", "_cron_score")
    story.run_job("nurture.segment", "_cron_refresh_segments")
    story.run_job("nurture.stay", "_cron_move_leads")


def _send_newsletter(story):
    """An ordinary mailing of last week: some read it, a mail scanner followed every link."""
    env, rng = story.env, story.rng
    sent = story.local_time(story.today - timedelta(days=NEWSLETTER_DAYS), 9)
    leads = env["crm.lead"].search([("type", "=", "lead"), ("email_normalized", "!=", False)])
    mailing = env["mailing.mailing"].create({
        "subject": "New harvest: the beans of this autumn", "state": "done", "sent_date": sent,
        "body_html": "<p>The new harvest is here.</p>",
        "mailing_model_id": env["ir.model"]._get("crm.lead").id,
        "user_id": story.ref("user_marketer").id})
    readers = rng.sample(list(leads), READERS)
    traces = env["mailing.trace"].create([{
        "mass_mailing_id": mailing.id, "trace_type": "mail", "model": "crm.lead",
        "res_id": lead.id, "email": lead.email_normalized, "sent_datetime": sent,
        **({"trace_status": "open", "open_datetime": sent + timedelta(minutes=rng.randint(7, 900))}
           if lead in readers else {"trace_status": "sent"}),
    } for lead in leads])
    by_lead = {trace.res_id: trace for trace in traces}
    links = env["link.tracker"].create([{
        "url": f"https://www.{DOMAIN}{page}", "title": page,
        "mass_mailing_id": mailing.id} for page in ("/coffee/new-harvest", "/pricing")])
    clicks = [(links[0], by_lead[lead.id], by_lead[lead.id].open_datetime + timedelta(minutes=1))
              for lead in readers[:CLICKERS]]
    scanned = by_lead[readers[-1].id]  # a gateway opens all links within a second
    clicks += [(link, scanned, sent + timedelta(seconds=2)) for link in links]
    env["link.tracker.click"].create([
        {"link_id": link.id, "mailing_trace_id": trace.id, "mass_mailing_id": mailing.id,
         "ip": "203.0.113.25", "create_date": at} for link, trace, at in clicks])
    (traces & env["mailing.trace"].union(*(trace for _link, trace, _at in clicks))).write(
        {"links_click_datetime": sent + timedelta(hours=2)})


def _choose_targets(story):
    """Accounts by score; the best and some of whom nobody has heard anything are targets."""
    story.run_job("nurture.account.score", "_cron_score_accounts")
    env = story.env
    accounts = env["nurture.account"].search([], order="id")
    points = {row.account_id: row.top for row in env["nurture.account.score"].search([])}
    ranked = accounts.sorted(lambda account: -points.get(account, 0))
    tiers = env["nurture.account.tier"].search([])
    owners = [story.ref(f"user_{name}") for name in ("field", "field_th", "inside")]
    for number, account in enumerate((*ranked[:TARGETS], *ranked[-TARGETS:])):
        account.write({"tier_id": tiers[number % len(tiers)].id,
                       "user_id": owners[number % len(owners)].id})


def _hand_over(story):
    """Marketing gave warm leads to sales all week, and its best ones this morning."""
    env = story.env
    leads = env["crm.lead"].search(
        [("type", "=", "lead"), ("nurture_band", "in", ("hot", "warm")),
         ("country_id.code", "=", "VN")], order="nurture_score desc", limit=HANDED_OVER + len(WEEK))
    best, earlier = leads[:HANDED_OVER], leads[HANDED_OVER:]
    note = "Asked for prices this week. Please call today."
    _give(story, best, note)
    _give(story, earlier, "Came back several times.")
    moments = {lead: story.moment(story.workday(story.today - timedelta(days=ago)), 8, 9)
               for lead, (ago, _answer) in zip(earlier, WEEK, strict=True)}
    move_columns(env["nurture.handover"], {
        row.id: {"handed_at": moments[row.lead_id],
                 "due_at": moments[row.lead_id] + timedelta(days=1)}
        for row in env["nurture.handover"].search([("lead_id", "in", earlier.ids)])})
    inside = story.ref("user_inside")
    for lead, (_ago, answer) in zip(earlier, WEEK, strict=True):
        if answer == CALLED:
            lead.with_user(inside).activity_ids.action_feedback(feedback="Wants an offer.")
        elif answer:
            reason = find(story, "crm.lost.reason", REASONS[answer])
            lead.with_user(inside).action_set_lost(lost_reason_id=reason.id)
    story.run_job("nurture.handover", "_cron_follow")
    answered = env["nurture.handover"].search([("decided_at", "!=", False)])
    move_columns(answered, {
        row.id: {"decided_at": row.handed_at + timedelta(minutes=story.rng.randint(20, 600))}
        for row in answered})


def _give(story, leads, note):
    story.env["nurture.hand.over"].with_user(story.ref("user_marketing_manager")).create({
        "lead_ids": leads.ids, "team_id": story.ref("team_inside").id,
        "user_id": story.ref("user_inside").id, "note": note}).action_hand_over()


def _backtest(story):
    """Would the score have told won deals from lost ones?"""
    model = story.env["nurture.score.model"].search([("state", "=", "active")], limit=1)
    story.env["nurture.backtest"].with_user(story.ref("user_marketing_manager")).create(
        {"model_id": model.id}).action_run()
