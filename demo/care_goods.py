"""What care follows at customers: machines under warranty, contracts, costs by kind, reminders.

Needs customer_care. Only settings: what came of them is told by the chapters after it.
"""
from odoo import Command

# machine: months of warranty, months between two services, service to offer
MACHINES = {
    "aria1": (12, 6, "visit"), "aria2": (12, 6, "visit"), "lotus": (12, 12, "visit"),
    "batch": (12, 12, "visit"), "grinder": (12, 0, "visit"), "home": (24, 6, "descaler"),
    "homegrinder": (24, 0, None),
}
CONTRACT = ("plus", 12)
# name of the rule, its products, values
RULES = {
    "rule_beans": ("Beans run out", ("single",), {
        "kind": "repurchase", "lead_days": 3}),
    "rule_filter": ("Change the water filter", ("filter",), {
        "kind": "repurchase", "basis": "fixed", "interval_number": 5, "by_quantity": False,
        "lead_days": 7}),
    "rule_service": ("Service of the machine", ("aria1", "aria2", "lotus", "batch"), {
        "kind": "maintenance", "lead_days": 14}),
    "rule_warranty": ("Warranty ends", ("aria1", "aria2", "lotus"), {
        "kind": "warranty", "lead_days": 30, "channel": "activity", "make_offer": True}),
    "rule_renewal": ("Service contract ends", (), {"kind": "renewal", "lead_days": 30}),
}
# of many pairs of products only the surest are proposed, one at a time to each customer
PROPOSALS = {
    "care_proposals_each": 1, "care_affinity_customers": 15, "care_affinity_lift": 1.8,
    "care_affinity_days": 90,
}
COST_DAYS = 35  # after a month's end: by then it is decided who renewed
# segment of RFM, tag that its customers carry
TAGS = {
    "champions": "RFM: Champion", "at_risk": "RFM: At risk", "cant_lose": "RFM: Can't lose",
    "sleepy": "RFM: About to sleep",
}


def load(story):
    """Chapter: months of warranty and service, the contract, limits, five rules, four tags."""
    for key, (warranty, service, offered) in MACHINES.items():
        story.ref(f"product_{key}").write({
            "care_warranty_months": warranty, "care_service_months": service,
            "care_service_product_id": offered and story.ref(f"product_{offered}").id})
    contract, months = CONTRACT
    story.ref(f"product_{contract}").care_agreement_months = months
    story.company.write({**PROPOSALS, "care_cost_close_days": COST_DAYS})
    _load_rules(story)
    _load_tags(story)


def _load_rules(story):
    """Switched on by the reminders' own chapter, in the night that they begin with."""
    env = story.env
    rules = env["care.reminder.rule"].create([
        {"name": name, "sequence": sequence, "user_id": story.ref("user_care_agent").id,
         "product_tmpl_ids": [Command.set([
             story.ref(f"product_{key}").product_tmpl_id.id for key in products])], **values}
        for sequence, (name, products, values) in enumerate(RULES.values(), 1)])
    story.name_records(rules, list(RULES))


def _load_tags(story):
    """Marketing and sales address these segments by their tag."""
    segments = story.env["care.rfm.segment"]
    for color, (preset, name) in enumerate(TAGS.items(), 1):
        segment = segments.search([("preset", "=", preset)])
        segment.category_id = story.env["res.partner.category"].create(
            {"name": name, "color": color})
