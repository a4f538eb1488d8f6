from odoo import fields, models
from odoo.tools import format_amount

from .crm_lead_quote import REMINDABLE
from .sale_order_followup import TO_DO

URGENCY = {
    "answered": 3, "late": 3, "expired": 2, "expiring": 2, "unanswered": 2, "seen": 1,
    "unsent": 1}
LIMIT = 200


class SalesDay(models.AbstractModel):
    """My day: the quotations that ask for a word from me."""

    _inherit = "sales.day"

    def _day_sources(self):
        return {**super()._day_sources(), "quotes": {
            "label": self.env._("Quotations"), "icon": "fa-file-text-o", "sequence": 40}}

    def _day_lines_quotes(self, user, now):
        orders = self.env["sale.order"].search(
            [("user_id", "=", user.id), ("sales_followup", "in", TO_DO)], limit=LIMIT,
            order="amount_untaxed desc, id")
        orders = orders.sorted(lambda order: TO_DO.index(order.sales_followup))
        lines, served = [], set()
        for order in orders:
            # One button per deal: that of its most pressing quotation. The others are reasons.
            deal = order.opportunity_id.id
            lines.append(self._prepare_quote_day_line(order, has_action=deal not in served))
            served |= {deal} - {False}
        return lines

    def _prepare_quote_day_line(self, order, *, has_action):
        label = dict(order._fields["sales_followup"]._description_selection(self.env))
        amount = format_amount(self.env, order.amount_untaxed, order.currency_id)
        return {
            "model": "sale.order", "res_id": order.id,
            "lead_id": order.opportunity_id.id or False,
            "title": f"{order.name} · {amount}", "subtitle": order.partner_id.display_name,
            "reason": f"{order.name}: {label[order.sales_followup]}. "
                      f"{order.sales_followup_text}.",
            "due": self._get_quote_day(order),
            "amount": order.currency_id._convert(
                order.amount_untaxed, self.env.company.currency_id, order.company_id,
                order.date_order),
            "urgency": URGENCY[order.sales_followup],
            "actions": [self._prepare_quote_action(order)] if has_action else [],
        }

    def _get_quote_day(self, order):
        """The day that the line is about: of the customer's word, the delivery, the validity."""
        if order.sales_followup != "answered" and order.state != "sale":
            return order.validity_date
        moment = order.commitment_date if order.state == "sale" else order.sales_last_word_at
        return moment and fields.Datetime.context_timestamp(self, moment).date()

    def _prepare_quote_action(self, order):
        _ = self.env._
        if order.sales_followup in REMINDABLE:
            text, icon, method = _("Remind"), "fa-envelope-o", "action_sales_remind"
        elif order.sales_followup == "expired":
            text, icon, method = _("Extend"), "fa-calendar-plus-o", "action_sales_extend"
        else:
            text, icon, method = _("Open"), "fa-file-text-o", "action_sales_open"
        return {"text": f"{text} {order.name}", "icon": icon, "model": "sale.order",
                "method": method, "primary": True}
