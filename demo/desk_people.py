"""Who decides at the customer, who of us knows whom, and two colleagues at one customer."""
from datetime import timedelta

from .backdate import move_columns
from .cast import COUNTRIES, Cast
from .chronicle import put_in_time
from .desk import ADDON, empty_outbox, house_of, open_deals, say
from .leads import TEAM_OF, taken

__all__ = ["ADDON", "load"]

DEALS = (("field", 7), ("field_th", 3), ("inside", 2))
# roles and stances of the people of one deal: the known contact first
PARTIES = (
    (("decision_maker", "for"), ("user", "for"), ("purchasing", "neutral")),
    (("champion", "for"), ("decision_maker", "neutral")),
    (("user", "for"), ("decision_maker", "against"), ("influencer", "for")),
    (("purchasing", "neutral"), ("champion", "for"), ("blocker", "against")),
    (("influencer", False), ("decision_maker", False)),
)
JOBS = {"decision_maker": "Owner", "champion": "Operations Manager", "user": "Head Barista",
        "purchasing": "Purchasing Manager", "influencer": "Interior Architect",
        "blocker": "Finance Director"}
NOTES = {
    "decision_maker": "Signs alone up to 200 million; asks her accountant above.",
    "champion": "Wants our machine; calls back within the hour.",
    "user": "Tested the Aria for a morning, loves the steam.",
    "purchasing": "Always asks for three offers.",
    "influencer": "Plans the bar and decides about power and water.",
    "blocker": "Fears the service costs; show her the contract Plus.",
}
WORDS = ((("out", "As promised: the floor plan with both machines on it."),
         ("in", "Thank you, we will look at it in the team on Monday."),
         ("out", "Two cafés near you that work with the Aria would show it to you."),
         ("in", "Could the training take place on a Sunday evening?")),
         (("out", "Here is what the service costs in three years, all included."),
         ("in", "That answers my question. I will speak with the owner.")),
         (("out", "It was good to meet you at the tasting."),
         ("in", "My colleagues still talk of it. When could the technician measure the water?")))
SECOND = "Beans and cups for the staff bar, {}"
SECOND_WORTH = 46_000_000


def load(story):
    """Chapter: contact roles, mails with these people, a colleague who knows the house too."""
    _recall_contacts(story)
    cast = Cast(story.rng, taken(story))
    number = 0
    for owner, count in DEALS:
        deals = open_deals(story, owner).filtered(lambda lead: house_of(lead).is_company)
        waiting = deals.filtered(lambda lead: lead.stage_id.name != "New")
        for lead in waiting[:count]:
            _introduce(story, cast, lead, PARTIES[number % len(PARTIES)])
            number += 1
    _meet_at_one_customer(story)
    empty_outbox(story)


def _recall_contacts(story):
    """The past was told in one day: when a customer was last in touch is read from the chatter."""
    leads = story.env["crm.lead"].union(*story.named("crm.lead", "lead_").values())
    story.env.flush_all()
    story.env.cr.precommit.run()
    nothing = {"last_contact_at": None, "last_contact_kind": None, "last_reply_at": None}
    move_columns(leads, dict.fromkeys(leads.ids, nothing))
    leads._backfill_contacts(leads.ids)


def _introduce(story, cast, lead, parties):
    """The people of one deal, with what they think, and a few mails with them."""
    env, house = story.env, house_of(lead)
    domain = (lead.partner_id.email or "").rpartition("@")[2]
    country = COUNTRIES.get(house.country_id.code or "VN", COUNTRIES["VN"])
    people = lead.partner_id
    for role, _stance in parties[1:]:
        name, email = cast.person(country, domain)
        people |= env["res.partner"].create({
            "name": name, "email": email, "phone": cast.phone(country), "function": JOBS[role],
            "parent_id": house.id, "type": "contact", "user_id": False})
    env["sales.deal.contact"].with_user(lead.user_id).create([{
        "lead_id": lead.id, "partner_id": person.id, "stance": stance,
        "role_id": env.ref(f"sales_automation.contact_role_{role}").id,
        "note": NOTES[role] if stance else False}
        for person, (role, stance) in zip(people, parties, strict=True)])
    told = []
    for number, person in enumerate(people):
        words = WORDS[number % len(WORDS)]
        told += _plan_words(story, person, words[:story.rng.randint(1, len(words))], number)
    _correspond(story, lead, lead.user_id, told)


def _plan_words(story, person, words, offset=0):
    """[(when, with whom, which way, words)], two days apart."""
    days = story.rng.randint(2, 9) + 2 * len(words) + offset
    return [
        (story.moment(story.workday(story.today - timedelta(days=days - 2 * number))),
         person, way, text) for number, (way, text) in enumerate(words)]


def _correspond(story, lead, user, told):
    """In the order of time, and nothing before the deal came."""
    for moment, person, way, text in sorted(told, key=lambda row: row[0]):
        if moment <= lead.create_date:
            continue
        if way == "out":
            say(lead.with_user(user), user.partner_id, text, moment, person)
        else:
            say(lead, person, text, moment, message_type="email")


def _meet_at_one_customer(story):
    """Inside sales has a second deal at a customer of the field: both are told of each other."""
    first = open_deals(story, "field", stage="Proposition").filtered(
        lambda lead: lead.deal_contact_ids)[:1]
    inside, house = story.ref("user_inside"), house_of(first)
    person = first.deal_contact_ids.partner_id[-1:]
    second = story.env["crm.lead"].with_user(inside).create({
        "name": SECOND.format(house.name), "type": "opportunity", "partner_id": person.id,
        "user_id": inside.id, "team_id": story.ref(TEAM_OF["inside"]).id,
        "expected_revenue": SECOND_WORTH, "company_id": story.company.id,
        "date_deadline": story.today + timedelta(days=24)})
    story.name_records(second, ["deal_second"])
    put_in_time(story.env, {
        second.id: story.moment(story.workday(story.today - timedelta(days=11)))})
    _correspond(story, second, inside, _plan_words(story, person, WORDS[0]))
