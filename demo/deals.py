"""What becomes of each lead: pure, drawn from the seed, the same in every chapter."""
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from .cast import COUNTRIES, HOUSES, Cast
from .habits import draw_buyers
from .story import SEED

STAGES = ("new", "qualified", "proposition", "won")
# days that a deal stays in a stage
STAYS = {"new": (1, 9), "qualified": (4, 24), "proposition": (6, 34)}
WON, LOST, NOT_NOW, OPEN, NURTURED, REFUSED = (
    "won", "lost", "not_now", "open", "nurtured", "refused")
HANDED = "handed"  # inside sales works on it and hands it to the field
HANDED_COUNT = 16
COUNTS = {WON: 72, LOST: 128, NOT_NOW: 14, OPEN: 62, NURTURED: 82, REFUSED: 10}

MACHINES = {"aria1": "Aria 1-group", "aria2": "Aria 2-group", "lotus": "Lotus for the office",
            "batch": "Batch brewer", "home": "Home Barista HB-1"}
WANTS = {
    "cafe": (("aria2", 1, "Aria 2-group"), ("aria1", 1, "Aria 1-group"),
             ("aria2", 2, "Two Aria machines")),
    "hotel": (("aria2", 2, "Breakfast bar machines"), ("lotus", 3, "Lobby coffee corner")),
    "office": (("lotus", 1, "Lotus for the pantry"), ("lotus", 3, "Coffee on three floors")),
    "roastery": (("grinder", 2, "Grinders for the tasting room"),),
    "home": (("home", 1, "Home Barista HB-1"),),
}
SOURCES = {"website": 34, "ads": 20, "facebook": 16, "fair": 14, "referral": 10, "newsletter": 6}
# who was recommended buys more often than who saw an advertisement
WON_SOURCES = {"website": 30, "ads": 8, "facebook": 8, "fair": 18, "referral": 30, "newsletter": 6}
CAMPAIGNS = {"ads": "office", "facebook": "home", "fair": "fair", "newsletter": "service"}
LOST_REASONS = {"expensive": 34, "competitor": 30, "no_answer": 20, "stopped": 16}
REFUSED_REASONS = {"no_answer": 60, "stopped": 40}


@dataclass
class Deal:
    """One lead of the story. ``moves`` are (stage, day) in order; the first is its creation."""

    outcome: str
    kind: str
    market: str
    created: date
    name: str
    want: tuple  # (product, quantity)
    owner: str
    source: str
    expected: date | None = None  # closing date that sales hopes for
    converted: date | None = None  # None: was an opportunity from the start, or is still a lead
    moves: list = field(default_factory=list)
    closed: date | None = None
    reason: str | None = None
    path: str | None = None  # HANDED or nothing special
    buyer: object = None  # the known customer, if any
    contact: dict = field(default_factory=dict)

    @property
    def worker(self):
        """Who works on it before a hand-off."""
        return "inside" if self.path == HANDED else self.owner

    @property
    def is_lead(self):
        return self.outcome in (NURTURED, REFUSED)

    @property
    def campaign(self):
        return CAMPAIGNS.get(self.source)


def draw_deals(start: date, today: date, taken):
    """All deals, oldest first. ``taken``: names, addresses and numbers of the customers."""
    rng = random.Random(f"{SEED}:deals")
    cast = Cast(rng, taken)
    buyers = _draw_winners(rng, start, today)
    deals = []
    for outcome, count in COUNTS.items():
        for _i in range(count):
            buyer = buyers.pop() if outcome == WON else None
            deal = _draw_deal(rng, outcome, buyer, today)
            if not buyer:
                deal.contact = _draw_contact(rng, cast, deal)
            deal.name = _name_deal(deal)
            deals.append(deal)
    deals.sort(key=lambda deal: deal.created)
    ready = [deal for deal in deals if deal.outcome == OPEN and deal.owner in ("field", "field_th")
             and deal.moves[-1][0] == "qualified" and (today - deal.moves[-1][1]).days > 1]
    for deal in ready[-HANDED_COUNT:]:
        deal.path, deal.converted = HANDED, deal.converted or deal.created
    return deals


def _draw_winners(rng, start, today):
    """Buyers whose first purchase was a machine, long enough ago to have been courted; spread
    over the months, as much as there are."""
    by_month = defaultdict(list)
    for buyer in draw_buyers(start, today):
        first, basket = buyer.purchases[0]
        if ((first - start).days > 75 and (today - first).days > 3
                and (buyer.kind != "home" or rng.random() < 0.3)
                and any(product in MACHINES for product, _quantity in basket)):
            by_month[first.replace(day=1)].append(buyer)
    for buyers in by_month.values():
        rng.shuffle(buyers)
    winners = []
    while len(winners) < COUNTS[WON]:
        winners += [buyers.pop() for buyers in by_month.values() if buyers]
    return winners[:COUNTS[WON]][::-1]


def _draw_deal(rng, outcome, buyer, today):
    kind = buyer.kind if buyer else rng.choices(
        ("cafe", "office", "hotel", "roastery", "home"), (42, 22, 14, 5, 17))[0]
    market = buyer.market if buyer else rng.choices(
        ("VN", "TH", "SG", "TW", "JP", "ID"), (62, 16, 6, 6, 5, 5))[0]
    owner = "inside" if kind == "home" else "field" if market == "VN" else "field_th"
    if kind in ("hotel", "office") and market == "VN" and rng.random() < 0.4:
        owner = "sales_manager"  # key accounts
    product, quantity, _title = rng.choice(WANTS[kind])
    sources = WON_SOURCES if outcome == WON else SOURCES
    deal = Deal(outcome, kind, market, today, "", (product, quantity), owner,
                rng.choices(list(sources), list(sources.values()))[0], buyer=buyer)
    if deal.is_lead:
        recent = rng.random() < 0.8
        deal.created = today - timedelta(days=rng.randint(2, 95) if recent else
                                         rng.randint(96, 330))
        if outcome == REFUSED:
            deal.closed = deal.created + timedelta(days=rng.randint(1, 40))
            deal.reason = _draw_reason(rng, REFUSED_REASONS)
            deal.closed = min(deal.closed, today - timedelta(days=1))
    else:
        _draw_path(rng, deal, today)
    return deal


def _draw_reason(rng, reasons):
    return rng.choices(list(reasons), list(reasons.values()))[0]


def _draw_path(rng, deal, today):
    """Stages and days: backwards from the order, the loss, or today."""
    last = 2 if deal.outcome == WON else rng.choices((0, 1, 2), (24, 40, 36))[0]
    stays = [rng.randint(*STAYS[stage]) for stage in STAGES[:last + 1]]
    if deal.outcome == WON:
        deal.closed = deal.buyer.purchases[0][0]
    elif deal.outcome == OPEN:
        if rng.random() < 0.2:
            stays[-1] += rng.randint(20, 50)  # forgotten in its stage
        deal.closed = today
    else:
        deal.closed = today - timedelta(days=rng.randint(2, 60 if deal.outcome == NOT_NOW else 340))
        deal.reason = NOT_NOW if deal.outcome == NOT_NOW else _draw_reason(rng, LOST_REASONS)
    deal.created = deal.closed - timedelta(days=sum(stays))
    day = deal.created
    deal.moves = []
    for stage, stay in zip(STAGES, stays, strict=False):
        deal.moves.append((stage, day))
        day += timedelta(days=stay)
    if last == 2 and rng.random() < 0.15 and stays[2] > 12:  # went back once
        back = deal.moves[2][1] + timedelta(days=stays[2] // 3)
        deal.moves += [("qualified", back),
                       ("proposition", back + timedelta(days=stays[2] // 3))]
    deal.expected = deal.closed + timedelta(
        days=rng.randint(-6, 50) if deal.outcome == OPEN else rng.randint(-10, 25))
    if deal.outcome == OPEN:
        deal.closed = None
    if rng.random() < 0.6:
        deal.converted = deal.created + timedelta(days=min(2, stays[0] - 1))


def _draw_contact(rng, cast, deal):
    """Who wrote: a person, mostly of a house."""
    country = COUNTRIES[deal.market]
    if deal.kind == "home":
        name, email = cast.person(country)
        return {"contact_name": name, "email_from": email, "phone": cast.phone(country)}
    house, domain = cast.house(country, deal.kind)
    name, email = cast.person(country, domain)
    _patterns, jobs, _industry = HOUSES[deal.kind]
    return {
        "contact_name": name, "email_from": email, "partner_name": house,
        "function": rng.choice(jobs),
        "phone": cast.phone(country) if rng.random() < 0.85 else False,
        "website": f"https://www.{domain}", **cast.address(country)}


def _name_deal(deal):
    """A title that a salesperson would give; a known customer's name is added by the chapter."""
    if deal.buyer:
        return next(MACHINES[product] for product, _quantity in deal.buyer.purchases[0][1]
                    if product in MACHINES)
    title = next(title for product, quantity, title in WANTS[deal.kind]
                 if (product, quantity) == deal.want)
    who = deal.contact.get("partner_name") or deal.contact.get("contact_name")
    return f"{title}, {who}" if who else title
