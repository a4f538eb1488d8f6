"""The house's way of selling: a style with its playbook, boxes ticked, one exception.

The playbook warns and never stops anybody: the field is still getting used to it.
"""
from datetime import timedelta

from .chronicle import put_in_time
from .desk import ADDON, open_deals, recent_workdays
from .leads import TEAM_OF, find

__all__ = ["ADDON", "load"]

STYLE = "field_b2b"
STORY_FROM = 60_000_000  # dong: of smaller deals nobody is asked for a story
STORY_BANDS = "20000000; 60000000; 150000000; 400000000"
REASON = "The owner flies to Milan tomorrow and wants the offer in his bag."
HINTS = ("The barista, the kitchen, the office manager: not the buyer alone.",
         "Ask who else has to agree, and until when.",
         "Another machine, renting, or doing nothing.")
MATERIALS = (("Checklist for the site visit (water, power, space)", "/tools/site-visit"),
             ("What a cup costs: calculator", "/tools/cup-calculator"))


def load(story):
    """Chapter: settings, playbook and what people did with it."""
    story.company.write({
        "sales_story_amount": STORY_FROM, "sales_story_bands": STORY_BANDS})
    for team in set(TEAM_OF.values()):
        story.ref(team).report_mode = "daily"
    playbook = _choose_style(story)
    _tick(story, playbook)
    _make_exception(story, playbook)
    _go_on_with_a_gap(story)


def _choose_style(story):
    """The style for the field; hints and tools are the house's own."""
    manager = story.ref("user_sales_manager")
    story.env["sales.style.choice"].with_user(manager).create({
        "style": STYLE, "company_id": story.company.id, "with_playbook": True,
        "team_id": story.ref(TEAM_OF["field"]).id}).action_apply()
    playbook = story.env["sales.playbook"].search([], order="id desc", limit=1)
    story.name_records(playbook, ["playbook_field"])
    for item, hint in zip(playbook.step_ids.item_ids, HINTS, strict=False):
        item.hint = hint
    step = playbook.step_ids.filtered("item_ids")[:1]
    story.env["sales.playbook.material"].create([
        {"step_id": step.id, "name": name, "url": f"{story.company.website}{path}"}
        for name, path in MATERIALS])
    return playbook


def _tick(story, playbook):
    """Who visited the customer has ticked some boxes, most of them all."""
    items = playbook.step_ids.item_ids
    for number, lead in enumerate(open_deals(story, "field", "sales_manager")):
        if lead.stage_id.name == "New":
            continue
        done = items if lead.stage_id.name == "Proposition" else items[:number % (len(items) + 1)]
        moment = story.moment(story.today - timedelta(days=story.rng.randint(1, 12)))
        for item in done:
            with story.at(moment):
                lead.with_user(lead.user_id).playbook_tick(item.id, checked=True)


def _make_exception(story, playbook):
    """While the playbook was strict, the head of sales let one deal pass with a reason."""
    manager = story.ref("user_sales_manager")
    lead = open_deals(story, "field", stage="Qualified").filtered(
        lambda one: len(one.playbook_answer_ids) < len(playbook.step_ids.item_ids))[:1]
    playbook.enforcement = "block"
    at = story.local_time(recent_workdays(story, 4)[0], 11)
    with story.at(at):
        lead.with_user(manager).playbook_go_on(
            find(story, "crm.stage", "Proposition").id, reason=REASON)
        story.env.flush_all()
    put_in_time(story.env, {lead.id: at})
    playbook.enforcement = "warn"


def _go_on_with_a_gap(story):
    """Two salespeople went on although something was missing: warned, and noted."""
    stages = ("New", "Qualified")
    for number, stage in enumerate(stages):
        lead = open_deals(story, "field", stage=stage)[:1]
        at = story.local_time(recent_workdays(story, 3 - number)[0], 14)
        target = find(story, "crm.stage", "Qualified" if stage == "New" else "Proposition")
        with story.at(at):
            lead.with_user(lead.user_id).write({"stage_id": target.id})
            story.env.flush_all()
        put_in_time(story.env, {lead.id: at})
