from odoo import fields, models

from .res_partner_case import CASE_READERS


class SaleOrder(models.Model):
    _inherit = "sale.order"

    care_case_count = fields.Integer(
        "Cases", compute="_compute_care_case_count", groups=CASE_READERS)

    def _compute_care_case_count(self):
        counts = self.env["care.case"]._count_open_and_all("order_id", self.ids)
        for order in self:
            order.care_case_count = counts.get(order.id, (0, 0))[1]

    def action_open_cases(self):
        self.ensure_one()
        return self.env["care.case"]._prepare_cases_action(
            [("order_id", "=", self.id)], self._prepare_case_context())

    def action_new_case(self):
        """A case about this order, begun from its form."""
        self.ensure_one()
        return self.env["care.case"]._prepare_new_case(self._prepare_case_context())

    def _prepare_case_context(self):
        lines = self.order_line.filtered(lambda line: line.product_id and not line.display_type)
        one = lines if len(lines) == 1 else lines.browse()
        return {
            "default_partner_id": self.partner_id.id, "default_order_id": self.id,
            "default_company_id": self.company_id.id, "default_order_line_id": one.id,
            "default_product_id": one.product_id.id}
