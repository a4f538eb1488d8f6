from odoo import api, models

#: Writing one of these changes what was bought, for how much, or at what cost.
FIGURE_FIELDS = frozenset({
    "product_id", "product_uom_qty", "product_uom_id", "price_unit", "discount", "tax_ids",
    "order_id", "purchase_price",
})


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        self.env["care.dirty"]._mark(lines.order_id._care_customer_keys())
        return lines

    def write(self, vals):
        """A confirmed order that changes is counted anew, where orders or margins count."""
        if FIGURE_FIELDS.isdisjoint(vals):
            return super().write(vals)
        orders = self.order_id
        result = super().write(vals)
        self.env["care.dirty"]._mark((orders | self.order_id)._care_customer_keys())
        return result

    def unlink(self):
        orders = self.order_id
        result = super().unlink()
        self.env["care.dirty"]._mark(orders._care_customer_keys())
        return result
