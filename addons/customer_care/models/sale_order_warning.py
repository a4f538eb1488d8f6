from odoo import api, fields, models

#: Orders that are still being sold.
OPEN = ("draft", "sent")


class SaleOrder(models.Model):
    _inherit = "sale.order"

    care_warning = fields.Text(
        compute="_compute_care_warning", groups="base.group_user",
        help="What the salesperson must know of this customer and of the products offered: severe "
        "complaints that are open, and product alerts.")

    @api.depends("partner_id", "order_line.product_id", "state", "company_id")
    @api.depends_context("lang")
    def _compute_care_warning(self):
        self.care_warning = False
        selling = self.filtered(lambda order: order.state in OPEN and order.partner_id)
        for company, orders in selling.grouped("company_id").items():
            told = self.env["care.warning"]._tell(company, {
                order: (order.partner_id.commercial_partner_id.id, order.order_line.product_id.ids)
                for order in orders})
            for order, lines in told.items():
                order.care_warning = "\n".join(lines)
