"""What interested people did on the web site, their scores, and the scenarios they travel.

Needs lead_nurture. Visits come in by its public log, scores and enrolments are made by its own
jobs; here is only drawn who looked at what, and when.
"""
from datetime import datetime, timedelta

from .backdate import move_columns
from .cast import FREE_MAIL
from .company import DOMAIN
from .deals import LOST, NURTURED, OPEN, WON, draw_deals
from .leads import taken

ADDON = "lead_nurture"
SITE = f"https://www.{DOMAIN}"
READING = ("/", "/machines", "/machines/aria-2", "/coffee/house-blend", "/stories/hotel-bar",
           "/blog/water-hardness", "/service/contracts")
KEY_PAGES = ("/pricing", "/quote", "/contact")
LOG_LIMIT = 1000  # of the public log, per call
HOT, WARM = 14, 34  # of the leads in marketing; the others stay cold
# interest: visits as (days, within the last days, ends on a key page), one is drawn
VISITS = {
    "hot": ((3, 12, True), (4, 15, True), (2, 8, True)),
    "warm": ((2, 24, False), (3, 20, False), (1, 20, True)),
    "cold": ((0, 1, False), (1, 60, False), (1, 85, False)),
}
# what was seen in the first days of deals that are closed by now: (days, ends on a key page)
COURTSHIPS = {
    WON: ((2, True), (3, True), (4, True), (3, True), (2, False), (1, True), (0, False)),
    LOST: ((0, False), (0, False), (1, False), (1, False), (2, False), (1, True), (2, True)),
}
COURTED_DAYS = 6
REMEMBERED_DAYS = 390  # the event log keeps no older ones
SCORED_DAYS = (84, 77, 70, 63, 56, 49, 42, 35, 28, 21, *range(14, -1, -1))  # ago
WELCOME_DAYS = 12  # leads of these days get the welcome mail when the server starts


def load(story):
    """Chapter: people, their visits, scores, running scenarios."""
    _tell_free_mail(story)
    story.run_job("nurture.change", "_cron_sync_persons")
    _log(story, _draw_events(story))
    story.run_job("nurture.event", "_cron_pull_events")
    _score_in_time(story)
    _start_scenarios(story)
    story.run_job("nurture.scenario", "_cron_enrol")
    _put_in_time(story)


def _log(story, events):
    """As the web site would do it: through the public log, in the marketer's name."""
    log = story.env["nurture.event"].with_user(story.ref("user_marketer")).log
    for start in range(0, len(events), LOG_LIMIT):
        log([{**event, "occurred_at": event["occurred_at"].isoformat(" ")}
             for event in events[start:start + LOG_LIMIT]])


def _tell_free_mail(story):
    """Where homes have their addresses; such a domain is nobody's business."""
    story.env["nurture.free.domain"].create([{"name": name} for name in FREE_MAIL])


def _score_in_time(story):
    """Scores and segments as they were on past evenings, the newest last: bands rose and fell on
    their days."""
    story.env["nurture.segment"].search([("kind", "=", "dynamic")]).action_activate()
    latest = story.env.cr.now().replace(microsecond=0)
    for ago in SCORED_DAYS:
        evening = min(story.local_time(story.today - timedelta(days=ago), 21), latest)
        story.run_job("nurture.score.model", "_cron_request_passes", evening)
        story.run_job("nurture.score", "_cron_score", evening)
        story.run_job("nurture.segment", "_cron_refresh_segments", evening)


def _draw_events(story):
    """Visits of leads by the interest they are meant to have, of deals and of some customers."""
    pairs = list(zip(story.named("crm.lead", "lead_").values(),
                     draw_deals(story.start, story.today, taken(story)), strict=True))
    nurtured = [(lead, deal) for lead, deal in pairs if deal.outcome == NURTURED]
    story.rng.shuffle(nurtured)
    nurtured.sort(key=lambda pair: (story.today - pair[1].created).days < 5)  # time to get warm
    events = []
    for number, (lead, deal) in enumerate(nurtured):
        level = "hot" if number < HOT else "warm" if number < HOT + WARM else "cold"
        count, within, key_pages = story.rng.choice(VISITS[level])
        days = _draw_days(story, deal.created, count, within)
        events += _prepare_visits(story, lead, days, key_pages)
    for lead, deal in pairs:
        if deal.outcome == OPEN and deal.created > story.today - timedelta(days=90):
            days = _draw_days(story, deal.created, story.rng.choice((0, 1, 1)), 80)
            events += _prepare_visits(story, lead, days, False)
        if deal.outcome in COURTSHIPS:
            events += _draw_courtship(story, lead, deal)
    return sorted(events, key=lambda event: event["occurred_at"])


def _draw_courtship(story, lead, deal):
    """Who bought had looked around more than who did not; by this a score model can be tested."""
    count, key_pages = story.rng.choice(COURTSHIPS[deal.outcome])
    span = min(COURTED_DAYS, (deal.closed - deal.created).days - 1)
    days = sorted(deal.created + timedelta(days=after)
                  for after in story.rng.sample(range(max(span, 0) + 1), min(count, span + 1)))
    remembered = story.today - timedelta(days=REMEMBERED_DAYS)
    return _prepare_visits(story, lead, [day for day in days if day > remembered], key_pages)


def _draw_days(story, created, count, within):
    """Distinct days of the last ``within`` ones, none before the lead was there."""
    span = min(within, (story.today - created).days)
    return sorted(story.today - timedelta(days=ago)
                  for ago in story.rng.sample(range(span + 1), min(count, span + 1)))


def _prepare_visits(story, lead, days, key_pages):
    """One to three pages a day; the last day ends on a key page, sometimes with a download."""
    events = []
    for day in days:
        moment = story.moment(day)
        pages = story.rng.sample(READING, story.rng.randint(1, 3))
        if key_pages and day == days[-1]:
            pages.append(story.rng.choice(KEY_PAGES))
        for number, page in enumerate(pages):
            events.append({
                "kind": "page_view", "lead_id": lead.id, "url": SITE + page, "source": "website",
                "key": f"visit-{lead.id}-{day}-{number}",
                "occurred_at": moment + timedelta(minutes=min(number, 4))})
        if story.rng.random() < 0.15:
            events.append({
                "kind": "download", "lead_id": lead.id, "topic": "Machine catalogue 2026",
                "url": f"{SITE}/catalogue.pdf", "source": "website",
                "key": f"catalogue-{lead.id}-{day}",
                "occurred_at": moment + timedelta(minutes=4)})
    return events


def _start_scenarios(story):
    """The two presets run in the marketer's name. The people who enter get their first mail when
    the server's own jobs come round."""
    env = story.env
    manager = story.ref("user_marketing_manager")
    for key, days in (("welcome", WELCOME_DAYS), ("recycle", 60)):
        scenario = env["nurture.preset"]._create_scenario(
            key,
            user_id=story.ref("user_marketer").id,
            enrol_since=datetime.combine(
                story.today - timedelta(days=days), datetime.min.time()))
        if key == "welcome":  # of whom the house does not know yet
            scenario.trigger_domain = "[('type', '=', 'lead'), ('partner_id', '=', False)]"
        scenario.with_user(manager).action_start()


def _put_in_time(story):
    """The jobs noticed a deal that was put to "not now" on that very day."""
    env = story.env
    recycled = env["nurture.event"].search([("kind", "=", "recycled")])
    move_columns(recycled, {
        event.id: {"occurred_at": env["crm.lead"].browse(event.res_id).date_closed}
        for event in recycled})
    enrolments = env["nurture.enrolment"].search([])
    move_columns(enrolments, {
        enrolment.id: {"enrolled_at": enrolment.lead_id.date_closed}
        for enrolment in enrolments if enrolment.scenario_id.trigger_kind == "recycle"})
