"""Stories of deals that were won, and one of a deal that was lost, told for the next ones."""
from datetime import timedelta

from .backdate import move_columns
from .desk import ADDON, SALESPEOPLE, empty_outbox, house_of, open_deals, pairs

__all__ = ["ADDON", "load"]

# kind of customer, title, problem, what was done, objections, what decided, competitor, anonymous
STORIES = (
    ("cafe", "Two bars, one taste",
     "{customer} opened a second bar, and guests complained that the coffee tastes different.",
     "Tasting with both baristas at our showroom, one recipe written down for both machines, "
     "grinders set by our technician on the opening day.",
     "Too expensive for a second bar: we compared the beans wasted in three months.",
     "The same recipe in both bars from the first day, and one telephone number for service.",
     "Two used Italian machines", False),
    ("hotel", "Breakfast without a queue",
     "{contact} of {customer} had a queue of 30 guests each morning and one old machine.",
     "Counted cups for one morning together with the kitchen, then proposed two machines at two "
     "places instead of a larger one.",
     "Finance feared the service costs: the contract Plus has a fixed price for three years.",
     "The count of the cups: everybody had seen it with his own eyes.", "A rental offer", True),
    ("office", "An office that needs no barista",
     "Staff of {customer} walked out for coffee; 20 minutes each, twice a day.",
     "A machine for two weeks on trial, cleaning shown to the reception.",
     "Nobody wants to clean it: the reception timed it, four minutes a day.",
     "After the trial nobody wanted to give the machine back.", "Capsules", False),
    ("cafe", "Won back from the cheaper offer",
     "{customer} had signed with a cheaper supplier; the machine stood still in the first week.",
     "No word about the other one. A machine on loan the same afternoon, offer a week later.",
     "They said we are twelve percent above: true, and two hours away instead of two days.",
     "We were there the same day.", "A parallel importer", True),
    ("cafe", "The grinder first, the machine later",
     "{contact} wanted a whole bar but had money for half of it.",
     "Sold the grinder and the training at once, the machine half a year later with a fixed price.",
     "The bank's answer took two months: the fixed price waited.",
     "We planned with the money that was there.", "", False),
    ("cafe", "From the fair to the order in five weeks",
     "{customer} saw the Aria at the fair and had the opening date already.",
     "Plan of power and water within two days, delivery date in the contract, training on the "
     "evening before the opening.",
     "They feared the delivery time: we named the container and its day.",
     "A date that was kept.", "", True),
)
WAITING = 1  # the last one waits for its approval


def load(story):
    """Chapter: stories written by those who won the deals, approved, read for open deals."""
    leads = _choose(story)
    written = [_write(story, lead, texts) for lead, texts in zip(leads, STORIES, strict=True)]
    for one in written[:-WAITING]:
        _publish(story, one)
    _use(story, written[:-WAITING])
    empty_outbox(story)


def _choose(story):
    """For each story a deal of that kind, won by somebody who is still here; the newest last."""
    users = [story.ref(f"user_{login}") for login in SALESPEOPLE]
    won = [(lead, deal.kind) for lead, deal in pairs(story)
           if lead.sales_outcome == "won" and lead.user_id in users and house_of(lead).is_company]
    won.sort(key=lambda row: row[0].won_at)
    chosen = []
    for kind, *_texts in STORIES[::-1]:
        lead = next((lead for lead, of in won[::-1] if of == kind and lead not in chosen),
                    next(lead for lead, _of in won[::-1] if lead not in chosen))
        chosen.append(lead)
    return chosen[::-1]


def _write(story, lead, texts):
    _kind, title, problem, approach, objections, reason, competitor, anonymous = texts
    author = lead.user_id
    names = {"customer": house_of(lead).name, "contact": (
        lead.contact_name or house_of(lead).child_ids[:1].name or house_of(lead).name)}
    lead.with_user(author).action_write_story()
    written = lead._get_own_story().with_user(author)
    written.write({
        "name": title, "problem": problem.format(**names), "approach": approach,
        "objections": objections, "reason": reason, "competitor": competitor,
        "anonymous": anonymous, "size_band": story.rng.choice("123"),
        "customer_agreed": not anonymous and story.rng.random() < 0.7})
    written.action_ask_approval()
    moment = _day_after(story, lead)
    move_columns(written, {written.id: {"create_date": moment, "write_date": moment}})
    return written


def _day_after(story, lead):
    day = min(lead.won_at.date() + timedelta(days=3), story.today - timedelta(days=1))
    return story.moment(story.workday(day))


def _publish(story, written):
    moment = written.create_date + timedelta(hours=26)
    written.with_user(story.ref("user_sales_manager")).action_publish()
    move_columns(written, {written.id: {"published_at": moment, "write_date": moment}})


def _use(story, published):
    """Colleagues open the stories that are offered on their deals, on different days."""
    uses = story.env["sales.story.use"].sudo()
    for owner in SALESPEOPLE[:3]:
        user = story.ref(f"user_{owner}")
        for lead in open_deals(story, owner, stage="Proposition")[:4]:
            for one, _traits in lead.with_user(user)._find_similar_stories(2):
                if one in published and one.user_id != user:
                    uses._record(one.sudo(), user, lead)
    for number, one in enumerate(published):  # read in the library
        for owner in SALESPEOPLE[:2 + number % 2]:
            if one.user_id != story.ref(f"user_{owner}"):
                uses._record(one.sudo(), story.ref(f"user_{owner}"))
    values = {}
    for use in uses.search([]):
        day = story.today - timedelta(days=story.rng.randint(0, 25))
        values[use.id] = {"used_on": max(day, use.story_id.published_at.date())}
    move_columns(uses, values)
