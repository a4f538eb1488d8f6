from odoo import fields, models

#: Lists in which people themselves say what goes with a product, as far as they are installed.
CHOSEN = {
    "care_upsell_ids": "up",
    "alternative_product_ids": "up",
    "optional_product_ids": "cross",
    "accessory_product_ids": "cross",
}


class ProductTemplate(models.Model):
    _inherit = "product.template"

    care_upsell_ids = fields.Many2many(
        "product.template", "care_upsell_rel", "product_tmpl_id", "better_tmpl_id",
        "Better products", domain=[("sale_ok", "=", True)],
        help="What a customer of this product may want next: the larger model, the longer "
        "contract. Proposed after a purchase of this one, with how many really follow.",
        groups="base.group_user")
    care_not_proposed = fields.Boolean(
        "Never propose",
        help="Customer Care does not propose this product, whatever others bought.",
        groups="base.group_user")

    def _care_name(self, variant=None) -> str:
        """What customers call it: the variant with its attributes, and no code."""
        product = variant or self
        return product.with_context(display_default_code=False).display_name or ""

    def _care_chosen_pairs(self, company) -> dict[tuple[int, int], str]:
        """{(product, what people say goes with it): "up" or "cross"} of this company."""
        pairs = {}
        own = [("company_id", "in", [False, company.id])]
        for name, kind in CHOSEN.items():
            if name not in self._fields:
                continue  # of a module that is not installed
            for product in self.search([*own, (name, "!=", False)]):
                others = product[name]
                if others._name == "product.product":
                    others = others.product_tmpl_id
                for other in others - product:
                    pairs.setdefault((product.id, other.id), kind)
        return pairs
