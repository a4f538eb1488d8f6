"""Leads as they came in: from a form, an advertisement, a fair, a friend."""
from .cast import COUNTRIES
from .chronicle import put_in_time
from .deals import NURTURED, REFUSED, draw_deals
from .products import CATEGORIES

# key: utm source (core's or own), medium
SOURCES = {
    "website": ("Website", "Website"),
    "ads": ("Google Adwords", "Banner"),
    "facebook": ("Facebook", "Facebook"),
    "fair": ("Café Show Vietnam", "Trade fair"),
    "referral": ("Recommended by a customer", "Phone"),
    "newsletter": ("Newsletter", "Email"),
}
CAMPAIGNS = {
    "office": "Good coffee at the office",
    "home": "Barista at home",
    "fair": "Café Show Vietnam",
    "service": "Machine check before the season",
}
REASONS = {
    "expensive": "Too expensive", "competitor": "Chose a competitor",
    "no_answer": "No answer", "stopped": "Project was stopped", "not_now": "Not now",
}
TEAM_OF = {"inside": "team_inside", "field": "team_field_vn", "field_th": "team_field_th",
           "sales_manager": "team_field_vn"}
ENQUIRIES = {
    "cafe": ("We open in two months and need a machine, a grinder and training for three.",
             "Our machine is ten years old and stands still every week. What do you offer?",
             "Do you take the old machine back? We need about 60 kg of beans a month."),
    "hotel": ("Breakfast for 150 guests, please quote two machines with service.",
              "We look for one supplier of machines and beans for all floors."),
    "office": ("Coffee for 80 people on three floors; can we rent?",
               "Which machine needs the least cleaning? We have no kitchen staff."),
    "roastery": ("We need two grinders for our tasting room, delivered this month.",),
    "home": ("Is the Home Barista in stock? I would like to see it first.",
             "Which grinder goes with the HB-1?"),
}
ROTTING_DAYS = {"New": 14, "Qualified": 30, "Proposition": 35}


def load(story):
    """Chapter: every lead at the moment of its arrival; nothing has happened to it yet."""
    env = story.env
    _load_utm(story)
    _load_reasons(story)
    for stage in env["crm.stage"].search([]):
        stage.rotting_threshold_days = ROTTING_DAYS.get(stage.name, 0)
    partners = story.named("res.partner", "customer_")
    deals = draw_deals(story.start, story.today, taken(story))
    leads = env["crm.lead"].create([
        _prepare_lead_vals(story, deal, partners.get(deal.buyer and deal.buyer.name))
        for deal in deals])
    story.name_records(leads, [f"lead_{number:03d}" for number in range(1, len(leads) + 1)])
    leads.filtered(lambda lead: lead.type == "opportunity")._handle_partner_assignment()
    put_in_time(story.env, {
        lead.id: story.moment(story.workday(deal.created))
        for lead, deal in zip(leads, deals, strict=True)})


def taken(story):
    """What the customers already go by: no prospect may have the same."""
    partners = story.env["res.partner"].union(*story.named("res.partner", "customer_").values())
    people = partners | partners.child_ids
    return {value for name in ("name", "email", "phone") for value in people.mapped(name) if value}


def _load_utm(story):
    env = story.env
    for model, names in (("utm.source", [source for source, _medium in SOURCES.values()]),
                         ("utm.medium", [medium for _source, medium in SOURCES.values()]),
                         ("utm.campaign", CAMPAIGNS.values())):
        known = set(env[model].search([]).mapped("name"))
        env[model].create([{"name": name} for name in dict.fromkeys(names) if name not in known])


def _load_reasons(story):
    known = set(story.env["crm.lost.reason"].search([]).mapped("name"))
    story.env["crm.lost.reason"].create(
        [{"name": name} for name in REASONS.values() if name not in known])


def find(story, model, name):
    """The record of that name; names are unique among sources, media, reasons and stages."""
    return story.env[model].search([("name", "=", name)], limit=1)


def _prepare_lead_vals(story, deal, partner):
    source, medium = SOURCES[deal.source]
    started_as_lead = deal.is_lead or deal.converted
    owner = "inside" if started_as_lead else deal.owner
    if deal.outcome in (NURTURED, REFUSED):
        owner = None  # marketing's own, nobody's in sales
    item = next(items[deal.want[0]] for items in CATEGORIES.values() if deal.want[0] in items)
    vals = {
        "name": f"{deal.name}, {partner.name}" if partner else deal.name,
        "type": "lead" if started_as_lead else "opportunity",
        "partner_id": partner and partner.id,
        "user_id": story.ref(f"user_{owner}").id if owner else False,
        "team_id": story.ref(TEAM_OF[owner or "inside"]).id,
        "stage_id": find(story, "crm.stage", "New").id,
        "expected_revenue": item.price * deal.want[1],
        "source_id": find(story, "utm.source", source).id,
        "medium_id": find(story, "utm.medium", medium).id,
        "campaign_id": deal.campaign and find(
            story, "utm.campaign", CAMPAIGNS[deal.campaign]).id,
        "company_id": story.company.id,
        "date_deadline": deal.expected,
        "description": story.rng.choice(ENQUIRIES[deal.kind]) if deal.contact else False,
        **deal.contact,
    }
    if not partner:
        vals["country_id"] = story.env.ref(f"base.{COUNTRIES[deal.market].code.lower()}").id
    return vals
