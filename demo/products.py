"""What the house sells: machines that need care, goods that run out, services."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """One product: price in dong without tax; cost is a share of it."""

    name: str
    code: str
    price: int
    cost: float
    service: bool = False


CATEGORIES = {
    "Machines": {
        "aria1": Item("Aria 1-group espresso machine", "MC-A1", 68_000_000, 0.62),
        "aria2": Item("Aria 2-group espresso machine", "MC-A2", 118_000_000, 0.60),
        "lotus": Item("Lotus bean-to-cup office machine", "MC-L1", 42_500_000, 0.61),
        "home": Item("Home Barista HB-1", "MC-H1", 14_900_000, 0.64),
        "batch": Item("Batch brewer B3", "MC-B3", 21_000_000, 0.60),
        "grinder": Item("Grinder G60 on demand", "MC-G60", 18_500_000, 0.58),
        "homegrinder": Item("Home grinder G12", "MC-G12", 4_200_000, 0.57),
    },
    "Coffee": {
        "blend": Item("Đà Lạt House Blend, beans 1 kg", "CF-HB1", 320_000, 0.55),
        "single": Item("Cầu Đất single origin, beans 1 kg", "CF-CD1", 460_000, 0.56),
        "decaf": Item("Decaf, beans 1 kg", "CF-DC1", 390_000, 0.57),
    },
    "Consumables": {
        "filter": Item("Water filter cartridge C200", "CS-F200", 1_150_000, 0.48),
        "tablets": Item("Cleaning tablets, tin of 100", "CS-T100", 420_000, 0.42),
        "descaler": Item("Descaler, 1 l", "CS-D1", 280_000, 0.40),
        "milkcleaner": Item("Milk system cleaner, 1 l", "CS-M1", 310_000, 0.41),
        "cups": Item("Paper cups 8 oz, carton of 1,000", "CS-C8", 780_000, 0.63),
    },
    "Spare parts": {
        "gasket": Item("Group gasket kit", "SP-GK", 240_000, 0.35),
        "burrs": Item("Burr set G60", "SP-B60", 1_650_000, 0.45),
    },
    "Services": {
        "install": Item("Installation and barista training", "SV-IN", 3_500_000, 0.50, True),
        "visit": Item("Preventive maintenance visit", "SV-PM", 1_800_000, 0.52, True),
        "basic": Item("Service contract Basic, 12 months", "SV-CB", 6_000_000, 0.45, True),
        "plus": Item("Service contract Plus, 12 months", "SV-CP", 14_500_000, 0.47, True),
    },
}


def load(story):
    """Chapter: the catalogue, invoiced as ordered."""
    env = story.env
    tax = story.company.account_sale_tax_id
    for category, items in CATEGORIES.items():
        parent = env["product.category"].create({"name": category})
        story.name_records(parent, [f"category_{category.lower().replace(' ', '_')}"])
        products = env["product.product"].create([
            {"name": item.name, "default_code": item.code, "list_price": item.price,
             "standard_price": round(item.price * item.cost), "categ_id": parent.id,
             "type": "service" if item.service else "consu", "invoice_policy": "order",
             "taxes_id": [(6, 0, tax.ids)], "sale_ok": True, "purchase_ok": not item.service}
            for item in items.values()])
        story.name_records(products, [f"product_{key}" for key in items])
