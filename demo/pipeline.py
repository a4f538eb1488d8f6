"""What sales did with the leads: converted, moved, quoted, won, lost, put off.

Each step is done by the salesperson through core's own verbs, for all leads that make their n-th
step at once; then everything that the step stamped with the present (stage history, chatter,
outcome) is moved to its day.
"""
from collections import defaultdict

from odoo import Command

from .backdate import move_columns
from .chronicle import next_moment, put_in_time
from .deals import LOST, NOT_NOW, REFUSED, WON, draw_deals
from .leads import REASONS, TEAM_OF, find, taken

TRACKED = {"tracking_disable": False}


def load(story):
    """Chapter: the life of every lead until today."""
    deals = draw_deals(story.start, story.today, taken(story))
    leads = list(story.named("crm.lead", "lead_").values())
    _remember_start(story)
    pairs = list(zip(leads, deals, strict=True))
    _convert(story, [(lead, deal) for lead, deal in pairs if deal.converted])
    for number in range(1, max(len(deal.moves) for deal in deals)):
        _move(story, [(lead, deal) for lead, deal in pairs if len(deal.moves) > number], number)
    _quote(story, [(lead, deal) for lead, deal in pairs
                   if deal.moves and "proposition" in dict(deal.moves)])
    _close(story, pairs)


def learn(story):
    """Chapter: core's predictive scoring learns from what was won and lost."""
    story.run_job("crm.lead", "_cron_update_automated_probabilities")


def _remember_start(story):
    """Predictive scoring looks at leads since this day: at all of them."""
    story.env["ir.config_parameter"].sudo().set_param(
        "crm.pls_start_date", story.start.isoformat())


def _act(story, steps):
    """Do ``steps`` (user name, callable, leads, {lead id: moment}), then put them in their time."""
    moments = {}
    for user, act, leads, own_moments in steps:
        act(leads.with_user(story.ref(f"user_{user}")).with_context(**TRACKED))
        moments.update(own_moments)
        story.env.flush_all()
        story.env.cr.precommit.run()  # tracking is written here, in this user's name
    put_in_time(story.env, moments)


def _group(story, pairs, key, day):
    """{key: (leads, {lead id: moment})} of pairs, for steps that can be done together."""
    groups = defaultdict(lambda: [story.env["crm.lead"], {}])
    for lead, deal in pairs:
        group = groups[key(deal)]
        group[0] |= lead
        group[1][lead.id] = next_moment(story, lead, day(deal))
    return {name: tuple(group) for name, group in groups.items()}


def _convert(story, pairs):
    """Inside sales makes opportunities of leads and gives them to whom they belong."""
    def convert(owner):
        def act(leads):
            leads._handle_partner_assignment()
            for lead in leads:
                lead.convert_opportunity(
                    lead.partner_id, user_ids=[story.ref(f"user_{owner}").id],
                    team_id=story.ref(TEAM_OF[owner]).id)
        return act

    groups = _group(story, pairs, lambda deal: deal.worker, lambda deal: deal.converted)
    _act(story, [("inside", convert(owner), leads, moments)
                 for owner, (leads, moments) in groups.items()])


def _move(story, pairs, number):
    """The n-th move of every deal that has one."""
    def move(stage):
        return lambda leads: leads.write({"stage_id": stage.id})

    groups = _group(story, pairs, lambda deal: (deal.worker, deal.moves[number][0]),
                    lambda deal: deal.moves[number][1])
    _act(story, [(owner, move(find(story, "crm.stage", stage.capitalize())), leads, moments)
                 for (owner, stage), (leads, moments) in groups.items()])


def _quote(story, pairs):
    """A quotation was sent when the deal came to its proposition; a won one is the order."""
    open_pairs = [(lead, deal) for lead, deal in pairs if deal.outcome != WON]
    for lead, _deal in open_pairs:
        lead._handle_partner_assignment()
    quotes = story.env["sale.order"].create([
        {"partner_id": lead.partner_id.id, "user_id": lead.user_id.id,
         "team_id": lead.team_id.id, "opportunity_id": lead.id, "origin": lead.name,
         "campaign_id": lead.campaign_id.id, "source_id": lead.source_id.id,
         "medium_id": lead.medium_id.id,
         "order_line": [Command.create({
             "product_id": story.ref(f"product_{deal.want[0]}").id,
             "product_uom_qty": deal.want[1]})]}
        for lead, deal in open_pairs])
    quotes.action_quotation_sent()
    values = {}
    for quote, (_lead, deal) in zip(quotes, open_pairs, strict=True):
        moment = story.moment(story.workday(dict(deal.moves)["proposition"]))
        values[quote.id] = {"date_order": moment, "create_date": moment,
                            "create_uid": quote.user_id.id}
    move_columns(quotes, values)


def _close(story, pairs):
    """Won with the first order of the customer, lost, refused or put to "not now"."""
    won = [(lead, deal) for lead, deal in pairs if deal.outcome == WON]
    for lead, _deal in won:
        order = story.env["sale.order"].search(
            [("partner_id", "=", lead.partner_id.id), ("state", "=", "sale")],
            order="date_order", limit=1)
        order.opportunity_id = lead
        lead.expected_revenue = story.company.currency_id.round(
            order.currency_id._convert(order.amount_untaxed, story.company.currency_id,
                                       story.company, order.date_order.date()))
    groups = _group(story, won, lambda deal: deal.owner, lambda deal: deal.closed)
    _act(story, [(owner, lambda leads: leads.action_set_won(), leads, moments)
                 for owner, (leads, moments) in groups.items()])

    def lose(reason):
        return lambda leads: leads.action_set_lost(lost_reason_id=reason.id)

    lost = [(lead, deal) for lead, deal in pairs if deal.outcome in (LOST, NOT_NOW, REFUSED)]
    groups = _group(
        story, lost, lambda deal: ("marketer" if deal.outcome == REFUSED else deal.owner,
                                   deal.reason), lambda deal: deal.closed)
    _act(story, [(user, lose(find(story, "crm.lost.reason", REASONS[reason])), leads, moments)
                 for (user, reason), (leads, moments) in groups.items()])
