from odoo import models

#: Writing one of these can change what an order counts for.
FIGURE_FIELDS = frozenset({"state", "partner_id", "date_order", "company_id", "currency_id"})


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def write(self, vals):
        """Where orders are purchases, their customers are marked; counting is the cron's work."""
        if FIGURE_FIELDS.isdisjoint(vals):
            return super().write(vals)
        before = self._care_customer_keys()
        result = super().write(vals)
        self.env["care.dirty"]._mark(before | self._care_customer_keys())
        return result

    def _care_customer_keys(self) -> set[tuple[int, int]]:
        """(commercial partner, company) of the orders that count at this moment."""
        return {
            (order.partner_id.commercial_partner_id.id, order.company_id.id)
            for order in self.sudo()  # a buyer confirms his order in the portal
            if order.state == "sale" and order.company_id._care_reads_orders()
        }
