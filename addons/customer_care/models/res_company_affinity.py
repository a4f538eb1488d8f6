from odoo import fields, models

#: What decides which pairs are found; changing one counts them again.
AFFINITY_FIELDS = frozenset({
    "care_affinity_level", "care_affinity_months", "care_affinity_days",
    "care_affinity_customers", "care_affinity_lift", "care_affinity_pairs",
})
#: What decides which of them become proposals.
PROPOSAL_FIELDS = frozenset({
    "care_proposals", "care_proposals_each", "care_proposals_quiet_days",
})


class ResCompany(models.Model):
    _inherit = "res.company"

    care_affinity_level = fields.Selection(
        [("template", "Products"), ("variant", "Product variants")],
        "Pairs of", required=True, default="template",
        help="Products: all variants of a product are one. Variants: red and blue are two; fewer "
        "customers stand behind each pair, so fewer pairs are found.",
        groups="base.group_user", prefetch="customer_care")
    care_affinity_months = fields.Integer(
        "Purchases looked at", required=True, default=24,
        help="Months before today whose purchases are counted for pairs. More months find more "
        "pairs, fewer months forget old fashions.",
        groups="base.group_user", prefetch="customer_care")
    care_affinity_days = fields.Integer(
        "Bought later within", required=True, default=180,
        help="Days after the first purchase of one product in which the other one counts as "
        "following it. A proposal lives as long, from the customer's last purchase.",
        groups="base.group_user", prefetch="customer_care")
    care_affinity_customers = fields.Integer(
        "Least customers", required=True, default=10,
        help="A pair is looked at when so many customers bought both, and its chance is shown when "
        "so many could have followed. Fewer let luck in.",
        groups="base.group_user", prefetch="customer_care")
    care_affinity_lift = fields.Float(
        "Least lift", required=True, default=1.2, digits=(16, 2),
        help="How many times as common the other product must be among customers who bought the "
        "first, against all customers. 1 is no connection.",
        groups="base.group_user", prefetch="customer_care")
    care_affinity_pairs = fields.Integer(
        "Pairs kept", required=True, default=2000,
        help="At most so many pairs are kept, those of the surest lift.",
        groups="base.group_user", prefetch="customer_care")
    care_affinity_baskets = fields.Integer(
        "Baskets looked at", readonly=True,
        groups="base.group_user", prefetch="customer_care")
    care_affinity_buyers = fields.Integer(
        "Customers looked at", readonly=True,
        groups="base.group_user", prefetch="customer_care")
    care_affinity_left_out = fields.Integer(
        "Customers left out", readonly=True,
        groups="base.group_user", prefetch="customer_care")
    care_affinity_on = fields.Date(
        "Pairs counted on", readonly=True,
        groups="base.group_user", prefetch="customer_care")
    care_proposals = fields.Boolean(
        "Make proposals", default=True,
        help="Every night, propose to customers what others bought after the same product.",
        groups="base.group_user", prefetch="customer_care")
    care_proposals_each = fields.Integer(
        "Proposals of a customer", required=True, default=3,
        help="How many open proposals a customer has at most; those of the highest expected value "
        "come first.", groups="base.group_user", prefetch="customer_care")
    care_proposals_quiet_days = fields.Integer(
        "Quiet after a no", required=True, default=180,
        help="Days for which a product is not proposed again to a customer who did not want it.",
        groups="base.group_user", prefetch="customer_care")

    _care_affinity_positive = models.Constraint(
        "CHECK(care_affinity_months > 0 AND care_affinity_days > 0 AND care_affinity_customers > 0"
        " AND care_affinity_pairs > 0)",
        "Months, days, customers and pairs of cross-selling must be more than 0.")
    _care_affinity_lift_sense = models.Constraint(
        "CHECK(care_affinity_lift >= 1)",
        "A lift below 1 means that two products avoid each other.")
    _care_proposals_positive = models.Constraint(
        "CHECK(care_proposals_each > 0 AND care_proposals_quiet_days >= 0)",
        "A customer needs room for one proposal, and the quiet days cannot be negative.")

    def write(self, vals):
        result = super().write(vals)
        if not AFFINITY_FIELDS.isdisjoint(vals):
            self.env["care.night"]._wake("affinity", "proposals", company=self)
        elif not PROPOSAL_FIELDS.isdisjoint(vals):
            self.env["care.night"]._wake("proposals", company=self)
        return result
