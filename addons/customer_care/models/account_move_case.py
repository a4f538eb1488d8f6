from odoo import fields, models

from .res_partner_case import CASE_READERS


class AccountMove(models.Model):
    _inherit = "account.move"

    care_case_count = fields.Integer(
        "Cases", compute="_compute_care_case_count", groups=CASE_READERS)

    def _compute_care_case_count(self):
        counts = self.env["care.case"]._count_open_and_all("invoice_id", self.ids)
        for move in self:
            move.care_case_count = counts.get(move.id, (0, 0))[1]

    def action_open_cases(self):
        self.ensure_one()
        return self.env["care.case"]._prepare_cases_action(
            [("invoice_id", "=", self.id)], self._prepare_case_context())

    def action_new_case(self):
        """A case about this invoice, begun from its form."""
        self.ensure_one()
        return self.env["care.case"]._prepare_new_case(self._prepare_case_context())

    def _prepare_case_context(self):
        orders = self.line_ids.sale_line_ids.order_id
        return {
            "default_partner_id": self.partner_id.id, "default_invoice_id": self.id,
            "default_company_id": self.company_id.id,
            "default_order_id": orders.id if len(orders) == 1 else False}
