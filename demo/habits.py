"""Who buys how often and what: pure, drawn from the seed, the same in every chapter."""
import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from .story import SEED


@dataclass(frozen=True)
class Habit:
    """A purchase rhythm. Days: ``gap`` between purchases, ``begins`` before today, ``silent``
    before today (0: still buying), ``hole`` a silence in the middle that ended."""

    name: str
    count: int
    gap: tuple
    begins: tuple
    silent: tuple = (0, 0)
    hole: tuple = (0, 0)


HABITS = (
    Habit("loyal", 42, (24, 36), (300, 545)),
    Habit("steady", 62, (48, 68), (170, 545)),
    Habit("occasional", 48, (85, 125), (200, 545)),
    Habit("young", 22, (22, 34), (100, 200)),
    Habit("new", 20, (20, 30), (3, 45)),
    Habit("at_risk", 20, (32, 48), (330, 500), silent=(75, 100)),
    Habit("lapsed", 20, (34, 54), (380, 545), silent=(140, 190)),
    Habit("churned", 28, (36, 76), (480, 545), silent=(240, 390)),
    Habit("back", 10, (30, 45), (450, 545), hole=(170, 230)),
    Habit("once", 28, (0, 0), (60, 500)),
)
KINDS = {"cafe": 105, "hotel": 32, "office": 40, "roastery": 13, "home": 110}
BUSINESS_MARKETS = {"VN": 66, "TH": 14, "SG": 5, "TW": 5, "JP": 5, "ID": 5}
HOME_MARKETS = {"VN": 85, "TH": 15}

# first purchase of a kind: sets of (product, quantity), one is drawn
FIRST = {
    "cafe": ((("aria2", 1), ("grinder", 1), ("plus", 1)),
             (("aria1", 1), ("install", 1), ("basic", 1)),
             (("aria2", 1), ("grinder", 2), ("install", 1))),
    "hotel": ((("aria2", 2), ("grinder", 2), ("plus", 2)),
              (("lotus", 3), ("install", 1), ("plus", 1))),
    "office": ((("lotus", 1), ("basic", 1)), (("lotus", 2), ("basic", 2)),
               (("batch", 1), ("install", 1))),
    "roastery": ((("aria1", 1), ("grinder", 2), ("install", 1)), (("grinder", 3), ("burrs", 2))),
    "home": ((("home", 1), ("homegrinder", 1)), (("home", 1),), (("homegrinder", 1),)),
}
CONTRACTS = ("plus", "basic")
COFFEE = {"cafe": (0.5, 2.4), "hotel": (0.8, 2.6), "office": (0.25, 0.8), "roastery": (0, 0),
          "home": (0.03, 0.07)}  # kilograms a day
# what wears out or runs out besides coffee: product, days it lasts, quantity, kinds; a visit
# takes what is most overdue
WEAR = (
    ("filter", 150, 1, ("cafe", "hotel", "office", "roastery")),
    ("tablets", 150, 2, ("cafe", "hotel", "office", "home")),
    ("milkcleaner", 120, 4, ("hotel", "office")),
    ("descaler", 150, 1, ("home", "office")),
    ("cups", 120, 5, ("cafe", "office", "roastery")),
    ("gasket", 280, 1, ("cafe", "hotel", "roastery", "home")),
    ("burrs", 400, 1, ("cafe", "roastery")),
    ("visit", 185, 1, ("cafe", "hotel", "roastery")),
)


@dataclass
class Buyer:
    """One customer of the story: what he is, and on which days he buys what."""

    number: int
    habit: str
    kind: str
    market: str
    salesperson: str
    coffee_per_day: float
    purchases: list = field(default_factory=list)  # (date, ((product, quantity), ...))

    @property
    def name(self):
        return f"customer_{self.number:03d}"


def draw_buyers(start: date, today: date):
    """All buyers with all their purchases, oldest buyer first."""
    rng = random.Random(f"{SEED}:buyers")
    kinds = [kind for kind, count in KINDS.items() for _i in range(count)]
    rng.shuffle(kinds)
    buyers = []
    for habit in HABITS:
        for _i in range(habit.count):
            kind = kinds.pop()
            markets = HOME_MARKETS if kind == "home" else BUSINESS_MARKETS
            market = rng.choices(list(markets), list(markets.values()))[0]
            salesperson = ("inside" if kind == "home" else
                           "field" if market == "VN" else "field_th")
            buyer = Buyer(0, habit.name, kind, market, salesperson, rng.uniform(*COFFEE[kind]))
            days = _draw_days(rng, habit, start, today)
            buyer.purchases = list(_draw_baskets(rng, buyer, days, start))
            buyers.append(buyer)
    buyers.sort(key=lambda buyer: buyer.purchases[0][0])
    for number, buyer in enumerate(buyers, 1):
        buyer.number = number
    return buyers


def _draw_days(rng, habit, start, today):
    """Days of purchase: the own gap, early or late by up to a fifth, never on a Sunday."""
    begin = max(start, today - timedelta(days=rng.randint(*habit.begins)))
    end = today - timedelta(days=rng.randint(*habit.silent))
    gap = rng.uniform(*habit.gap)
    hole = rng.randint(*habit.hole)
    hole_end = end - timedelta(days=rng.randint(10, 60)) if hole else start
    hole_start = hole_end - timedelta(days=hole)
    day, days = begin, []
    while day <= end:
        if hole and hole_start < day < hole_end:
            day = hole_end
        days.append(day + timedelta(days=day.weekday() == 6))
        if not gap:
            break
        day += timedelta(days=max(3, round(gap * rng.uniform(0.8, 1.2))))
    return [day for day in days if day <= today]


def _draw_baskets(rng, buyer, days, start):
    """The basket of each day. A house that is there from the first weeks has its machines."""
    last = {}
    coffee = rng.choice(("blend", "blend", "blend", "single"))
    for index, day in enumerate(days):
        basket = {}
        if index == 0 and not ((day - start).days < 45 and rng.random() < 0.5):
            basket.update(rng.choice(FIRST[buyer.kind]))
            last.update(dict.fromkeys(basket, day))
        due = [(lasts - (day - last.get(product, days[0])).days, product, quantity)
               for product, lasts, quantity, kinds in WEAR if buyer.kind in kinds]
        left, product, quantity = min(due)
        if left <= 0:
            basket[product] = quantity
        if left > 0 or rng.random() < 0.5:
            _add_coffee(rng, buyer, coffee, basket, (day - days[index - 1]).days if index else 14)
        for contract in CONTRACTS:
            if contract in last and (day - last[contract]).days >= 350:
                basket[contract] = 1
        if not basket:
            basket["tablets" if buyer.kind == "home" else "filter"] = 1
        last.update(dict.fromkeys(basket, day))
        yield day, tuple(basket.items())


def _add_coffee(rng, buyer, coffee, basket, days):
    """Coffee for the days until the next visit, in whole bags."""
    bags = round(buyer.coffee_per_day * min(days, 60))
    if buyer.coffee_per_day:
        basket[coffee] = max(1, bags)
        if buyer.kind in ("hotel", "office") and rng.random() < 0.3:
            basket["decaf"] = max(1, bags // 8)
