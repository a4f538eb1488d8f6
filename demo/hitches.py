"""What does not go smoothly: a scenario that was paused, a class that is full, a system that did
not answer.

Needs lead_nurture. People are enrolled by the marketer's own dialog; the step fails by itself.
"""
from datetime import timedelta

from odoo import Command
from odoo.addons.lead_nurture.engine.webhook import Answer
from odoo.tools import mute_logger

from .backdate import move_columns
from .company import DOMAIN
from .marketing import ADDON
from .travel import HOUR, travel

__all__ = ["ADDON", "load"]

LANE = "odoo.addons.lead_nurture.models.nurture_enrolment_lane"
DAYS = 8
PAUSED_DAYS = 5  # ago
ACADEMY = f"academy.{DOMAIN}"
SEATS = 10  # in the barista class; who comes later fails, until somebody plans a second class
MENU_FIRST, MENU_MORE = 26, 9  # people asked about the winter menu, before and after a weekend
EARLY, LATER, ASKED, ABROAD, REFUSED = 7, 3, 48, 9, 3  # people of the class
FULL = f"The barista class is full: {SEATS} of {SEATS} seats are taken. Plan another class."


def load(story):
    """Chapter: a paused scenario, a step that fails, a call that failed, enrolments by hand."""
    menu, barista = _draw_menu(story), _draw_class(story)
    chosen = _choose(story)
    with mute_logger(LANE):  # the failures are meant
        travel(story, DAYS, stride=1, deeds={
            8: lambda moment: _enrol(story, menu, chosen["menu"], moment),
            6: lambda moment: _enrol(story, menu, chosen["more"], moment),
            PAUSED_DAYS: lambda moment: _pause(story, menu, moment),
            4: lambda moment: _enrol(story, barista, chosen["early"], moment),
            3: lambda moment: _enrol(story, barista, chosen["later"], moment),
            2: lambda moment: _ask_many(story, barista, chosen, moment),
        })
    _answer_calls(story, barista)


def _choose(story):
    """{group: leads}; those at home first, none twice."""
    nobody = story.env["crm.lead"]
    leads = nobody.search(
        [("won_status", "=", "pending"), ("email_normalized", "!=", False)], order="id")
    home = leads.filtered(lambda lead: lead.country_id.code == "VN")
    abroad = (leads - home)[:ABROAD]
    home = list(home)
    story.rng.shuffle(home)
    groups, start = {}, 0
    for name, number in (("early", EARLY), ("later", LATER), ("asked", ASKED)):
        groups[name] = nobody.union(*home[start:start + number])
        start += number
    rest = list(leads - groups["early"] - groups["later"])
    story.rng.shuffle(rest)
    return {**groups, "abroad": abroad, "menu": nobody.union(*rest[:MENU_FIRST]),
            "more": nobody.union(*rest[MENU_FIRST:MENU_FIRST + MENU_MORE])}


def _enrol(story, scenario, leads, moment):
    """The marketer chooses leads in the list and enrols them."""
    jobs = story.env["nurture.enrol.job"]
    known = jobs.search([])
    with story.at(moment):
        story.env["nurture.enrol"].with_user(story.ref("user_marketer")).with_context(
            active_model="crm.lead", active_ids=leads.ids,
        ).create({"scenario_id": scenario.id}).action_enrol()
    new = jobs.search([]) - known
    move_columns(new, {job.id: {"create_date": moment} for job in new})


def _ask_many(story, barista, chosen, moment):
    """A bigger list: some were asked before, some live abroad, some want no mails."""
    refused = list(chosen["asked"])[:REFUSED]
    for lead in refused:
        story.env["mail.blacklist"]._add(lead.email_normalized)
    everybody = story.env["crm.lead"].union(
        *(chosen[name] for name in ("early", "later", "asked", "abroad")))
    _enrol(story, barista, everybody, moment)


def _pause(story, scenario, moment):
    with story.at(moment):
        scenario.with_user(story.ref("user_marketing_manager")).action_pause()
    scenario.pause_ids.reason = scenario.pause_reason = (
        "The menu is being printed again: a price was wrong.")


def _answer_calls(story, scenario):
    """The academy noted all bookings but the last, when its server was down."""
    calls = story.env["nurture.webhook"].search([("scenario_id", "=", scenario.id)], order="id")
    down = Answer(503, True, "503: Service Unavailable")
    for call in calls:
        answer = down if call == calls[-1] else Answer(200, False, "200: OK")
        moment = call.planned_at + timedelta(minutes=1)
        while call.state in ("queued", "retry"):
            call._settle(answer, moment)


def _draw_menu(story):
    return _draw(story, "winter", {
        "name": "The winter menu",
        "note": "Recipes for the cold months, with what they cost.",
    }, {
        "recipes": ("mail", "Five recipes", {"mail": RECIPES}, {"next": "read"}),
        "read": ("wait", "Let them try", {"delay_count": 4, "delay_unit": "days"},
                 {"next": "price"}),
        "price": ("mail", "What the menu costs", {"mail": PRICE, "max_late_days": 0},
                  {"next": "end"}),
        "end": ("exit", "Leave", {}, {}),
    })


def _draw_class(story):
    env = story.env
    env["ir.config_parameter"].sudo().set_param("lead_nurture.webhook_hosts", ACADEMY)
    tag = env["crm.tag"].create({"name": "Barista class"})
    action = env["ir.actions.server"].create({
        "name": "Book a seat in the barista class", "state": "code",
        "model_id": env["ir.model"]._get("crm.lead").id, "code": (
            f"if env['crm.lead'].search_count([('tag_ids', '=', {tag.id})]) >= {SEATS}:\n"
            f"    raise UserError({FULL!r})\n"
            f"record.write({{'tag_ids': [({Command.LINK.value}, {tag.id})]}})\n")})
    return _draw(story, "class", {
        "name": "The barista class",
        "note": "Two hours at our bar for people who will work with our machines.",
        "trigger_domain": repr([("country_id.code", "=", "VN")]),
    }, {
        "invite": ("mail", "Invitation", {"mail": INVITATION}, {"next": "call"}),
        "call": ("webhook", "Tell the academy", {"webhook_url": f"https://{ACADEMY}/bookings"},
                 {"next": "night"}),
        "night": ("wait", "A night to think it over", {"delay_count": 20, "delay_unit": "hours"},
                  {"next": "seat"}),
        "seat": ("server_action", "Book a seat", {"server_action_id": action.id},
                 {"next": "booked"}),
        "booked": ("mail", "Your seat is booked", {
            "mail": BOOKED, "mail_category": "transactional"}, {"next": "end"}),
        "end": ("exit", "Leave", {}, {}),
    })


def _draw(story, key, vals, steps):
    """A scenario that people enter by hand, started before the story begins."""
    env = story.env
    begin = story.local_time(story.today - timedelta(days=DAYS + 1), HOUR)
    scenario = env["nurture.scenario"].create({
        "trigger_kind": "manual", "user_id": story.ref("user_marketer").id,
        "enrol_since": begin, **vals})
    env["nurture.preset"]._draw_steps(scenario, key, steps)
    with story.at(begin):
        scenario.with_user(story.ref("user_marketing_manager")).action_start()
    return scenario


RECIPES = {
    "subject": "Five cups for cold days", "preview": "With cinnamon, ginger and salt",
    "text": ["guests ask for something warm again. These five recipes need nothing that you do "
             "not have, and each takes less than a minute."],
    "button": "Get the recipes"}
PRICE = {
    "subject": "What the winter menu costs", "preview": "Per cup, and what guests pay",
    "text": ["you have had some days to try the recipes. Here is what each cup costs you, and "
             "what guests in three cities pay for it."],
    "button": "See the prices"}
INVITATION = {
    "subject": "Two hours at our bar", "preview": "The barista class, ten seats",
    "text": ["milk, grind, water: in two hours at our bar your people learn what the machine "
             "cannot do for them.", "There are ten seats, and it costs nothing."],
    "button": "What we practise"}
BOOKED = {
    "subject": "Your seat in the barista class", "preview": "Bring nothing but thirst",
    "text": ["your seat is booked. We begin at nine; bring nothing but thirst."],
    "button": "How to find us"}
