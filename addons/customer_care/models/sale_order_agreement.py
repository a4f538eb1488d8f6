from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class SaleOrder(models.Model):
    _inherit = "sale.order"

    care_agreement_count = fields.Integer(
        "Agreements", compute="_compute_care_agreements", groups="base.group_user")
    care_agreement_open = fields.Boolean(
        compute="_compute_care_agreements",
        help="A line sells an agreement that has not been made yet.", groups="base.group_user")

    @api.depends("order_line.product_id", "state")
    def _compute_care_agreements(self):
        agreements = self.env["care.agreement"]
        readable = agreements.has_access("read")
        made = agreements.search([("order_id", "in", self.ids)]) if readable else agreements
        by_order = made.grouped("order_id")
        for order in self:
            found = by_order.get(order._origin, agreements)
            order.care_agreement_count = len(found)
            order.care_agreement_open = readable and order.state == "sale" and bool(
                order._care_agreement_lines() - found.order_line_id)

    def _care_agreement_lines(self):
        return self.order_line.filtered("product_id.care_agreement_months")

    def action_make_agreements(self):
        """One running agreement for each line that sells one, made once."""
        self.ensure_one()
        self.env["care.agreement"].check_access("create")
        if self.state != "sale":
            raise UserError(self.env._("Confirm the order before you make its agreements."))
        agreements = self.env["care.agreement"]
        made = agreements.search([("order_id", "=", self.id)])
        new = agreements.create([
            self._prepare_agreement_vals(line)
            for line in self._care_agreement_lines() - made.order_line_id
        ])
        new._set_running()
        return self.action_open_agreements()

    def action_open_agreements(self):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("customer_care.care_agreement_action")
        found = self.env["care.agreement"].search([("order_id", "=", self.id)])
        if len(found) == 1:
            return action | {"views": [(False, "form")], "res_id": found.id, "context": {}}
        return action | {"domain": Domain("id", "in", found.ids), "context": {}}

    def _prepare_agreement_vals(self, line) -> dict:
        months = line.product_id.care_agreement_months
        start = fields.Date.context_today(self, self.date_order)
        return {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "product_id": line.product_id.id,
            "order_id": self.id,
            "order_line_id": line.id,
            "user_id": self.user_id.id or self.env.user.id,
            "date_start": start,
            "date_end": start + relativedelta(months=months, days=-1),
            "currency_id": self.currency_id.id,
            "monthly_amount": line.price_subtotal / months,
        }
