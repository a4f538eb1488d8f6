"""How the open deals stand: dates that slipped, currencies, categories chosen by hand, one at rest.
"""
from datetime import timedelta

from odoo import Command

from .backdate import move_columns
from .deals import LOST
from .desk import ADDON, open_deals, pairs

__all__ = ["ADDON", "load"]

SLIPPED = 14
EXPORTS = 4
FORGOTTEN, UNPLANNED = 2, 1
STEP = 500  # dollars: nobody offers odd amounts abroad
CHOICES = (("field", "Qualified", "commit", 2), ("field", "Proposition", "best_case", 5),
           ("field", "New", "omitted", 1), ("field_th", "Qualified", "commit", 1),
           ("field_th", "Proposition", "best_case", 1), ("inside", "Qualified", "pipeline", 2))
# to whom deals were lost, the strongest most often
COMPETITORS = ("Saigon Espresso", "Saigon Espresso", "Bean & Steam", "A local roaster")
QUIET_NOTE = "The building is handed over in January: call then."


def load(story):
    """Chapter: what people wrote on their deals."""
    _cancel_lost_quotes(story)
    _name_competitors(story)
    _pass_steps_on(story)
    _give_closing_dates(story)
    _sell_in_dollars(story)
    _choose_categories(story)
    _slip(story)
    _keep_quiet(story)


def _cancel_lost_quotes(story):
    """Nobody waits for an answer to the quotation of a lost deal."""
    lost = [lead.id for lead, deal in pairs(story) if deal.outcome == LOST]
    quotes = story.env["sale.order"].search(
        [("opportunity_id", "in", lost), ("state", "in", ("draft", "sent"))])
    quotes._action_cancel()


def _name_competitors(story):
    """Who got the deals that were lost to somebody."""
    names = sorted(set(COMPETITORS))
    known = dict(zip(names, story.env["sales.competitor"].create(
        [{"name": name} for name in names]), strict=True))
    lost = [lead for lead, deal in pairs(story)
            if deal.outcome == LOST and deal.reason == "competitor"]
    move_columns(story.env["crm.lead"], {
        lead.id: {"lost_competitor_id": known[COMPETITORS[number % len(COMPETITORS)]].id}
        for number, lead in enumerate(lost)})


def _pass_steps_on(story):
    """The next step of a deal that was handed off is its receiver's; two deals were forgotten."""
    handed = story.env["sales.handoff"].search([("state", "=", "accepted")])
    for handoff in handed:
        steps = handoff.lead_id.activity_ids.filtered(
            lambda activity, sender=handoff.from_user_id: activity.user_id == sender)
        steps.with_context(mail_activity_quick_update=True).write({
            "user_id": handoff.lead_id.user_id.id,
            "date_deadline": story.today + timedelta(days=story.rng.randint(8, 13))})
    _plan_ahead(story)
    open_deals(story, "field", stage="Qualified")[2:2 + FORGOTTEN].activity_ids.unlink()


def _plan_ahead(story):
    """Whoever has many deals has planned beyond this week, and for all but one or two of them."""
    tomorrow = story.today + timedelta(days=1)
    for owner in ("field", "inside"):
        deals = open_deals(story, owner)
        for step in deals.activity_ids.filtered(lambda one: one.date_deadline > tomorrow):
            step.date_deadline += timedelta(days=7)
        for lead in deals.filtered(lambda one: not one.activity_ids)[UNPLANNED:]:
            lead.with_context(mail_activity_quick_update=True).activity_schedule(
                "mail.mail_activity_data_call", summary="Call back", user_id=lead.user_id.id,
                date_deadline=story.today + timedelta(days=story.rng.randint(8, 13)))


def _give_closing_dates(story):
    """Deals that marketing's leads became have a closing date, too."""
    for lead in open_deals(story).filtered(lambda lead: not lead.date_deadline):
        lead.date_deadline = story.today + timedelta(days=story.rng.randint(20, 70))


def _sell_in_dollars(story):
    """Four deals abroad are agreed in dollars."""
    dollar = story.env.ref("base.USD")
    deals = open_deals(story, "field_th").filtered(lambda lead: lead.country_id.code != "TH")
    for lead in deals[:EXPORTS]:
        amount = story.company.currency_id._convert(
            lead.expected_revenue, dollar, story.company, story.today)
        lead.with_user(lead.user_id).write({
            "sales_currency_id": dollar.id, "sales_amount": max(STEP, amount // STEP * STEP)})


def _choose_categories(story):
    for owner, stage, category, count in CHOICES:
        deals = open_deals(story, owner, stage=stage)
        deals.filtered(lambda lead: not lead.forecast_category_manual)[-count:].with_user(
            story.ref(f"user_{owner}")).action_set_forecast_category(category)


def _slip(story):
    """The older a deal, the more often its closing date was put off; told backwards from today."""
    slips = story.env["sales.slip"].sudo()
    deals = open_deals(story).filtered(
        lambda lead: lead.date_deadline and (story.today - lead.create_date.date()).days > 20)
    rows, firsts = [], {}
    for lead in deals[:SLIPPED]:
        age = (story.today - lead.create_date.date()).days
        date, day = lead.date_deadline, story.today - timedelta(days=story.rng.randint(2, 9))
        for _number in range(story.rng.choice((1, 1, 2, 3)) if age > 45 else 1):
            before = date - timedelta(days=story.rng.choice((7, 14, 21, 30)))
            day = min(day, before + timedelta(days=2))  # at the latest when it had passed
            if (day - lead.create_date.date()).days < 5:
                break
            rows.append({
                "lead_id": lead.id, "old_date": before, "new_date": date,
                "days": (date - before).days, "day": day,
                "changed_at": story.moment(story.workday(day)),
                "changed_by_id": lead.user_id.id, "user_id": lead.user_id.id,
                "team_id": lead.team_id.id, "company_id": lead.company_id.id,
                "stage_id": lead.stage_id.id, "amount": lead.expected_revenue,
                "is_merged": False})
            date, day = before, day - timedelta(days=story.rng.randint(8, 20))
        firsts[lead.id] = {"date_deadline_initial": date}
    created = slips.create(rows)
    move_columns(story.env["crm.lead"], firsts)
    story.env.flush_all()
    story.env.execute_query(slips._query_count(created.lead_id.ids))
    story.env.invalidate_all(flush=False)


def _keep_quiet(story):
    """One customer said when to call; the closing is expected some weeks after."""
    lead = open_deals(story, "field", stage="Qualified")[-1:]
    lead.with_user(lead.user_id).date_deadline = story.today + timedelta(days=80)
    story.env["sales.snooze"].with_user(lead.user_id).create({
        "lead_ids": [Command.set(lead.ids)], "until": story.today + timedelta(days=50),
        "note": QUIET_NOTE}).action_apply()
