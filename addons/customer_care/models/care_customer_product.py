from odoo import api, fields, models

#: Products shown on a care record.
SHOWN = 40


class CareCustomer(models.Model):
    _inherit = "care.customer"

    product_history_ids = fields.One2many(
        "care.product.history", string="Products", compute="_compute_product_history_ids")
    product_count = fields.Integer("Products bought", compute="_compute_product_history_ids")

    @api.model
    def _lists(self):
        return super()._lists() | {"product_history_ids": ("care.product.history", "partner_id")}

    def _compute_product_history_ids(self):
        """The products bought last; the report holds them all, and is counted beyond them."""
        history = self.env["care.product.history"]
        for customer in self:
            domain = customer._product_domain()
            shown = customer._search_list("product_history_ids", domain, limit=SHOWN)
            customer.product_history_ids = shown
            customer.product_count = (
                len(shown) if len(shown) < SHOWN else history.search_count(domain))

    def action_open_products(self):
        self.ensure_one()
        return self._get_action("customer_care.care_product_history_action") | {
            "domain": self._product_domain(),
            "context": {"search_default_group_customer": 0},
        }

    def _product_domain(self):
        self.ensure_one()
        return [("partner_id", "=", self.partner_id.id), ("company_id", "=", self.company_id.id)]
