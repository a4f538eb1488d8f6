from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_amount

from .sale_order_followup import OPEN_STATES, TO_DO

TONES = {
    "answered": "danger", "expired": "danger", "late": "danger", "expiring": "warning",
    "unanswered": "warning", "unsent": "warning", "seen": "info", "confirmed": "success"}
REMINDABLE = ("unanswered", "expiring", "seen", "sent")
SHOWN = 20


class CrmLead(models.Model):
    """The quotations of a deal: where each stands, and the step that it asks for."""

    _inherit = "crm.lead"

    def _deal_panel_sections(self):
        return {**super()._deal_panel_sections(), "quotes": {
            "title": self.env._("Quotations"), "icon": "fa-file-text-o",
            "sequence": 40}}

    def _deal_panel_quotes(self, now):
        orders = self._get_followed_quotes()
        if not orders:
            return False
        to_do = orders.filtered(lambda order: order.sales_followup in TO_DO)
        return {
            "badge": {"text": self.env._("%s to do", len(to_do)), "tone": "warning"}
            if to_do else False,
            "lines": [self._prepare_quote_line(order) for order in orders],
            "buttons": self._prepare_quote_buttons(orders),
            "folded": not to_do,
        }

    def _get_followed_quotes(self):
        """The deal's quotations that the user may read, the most pressing first."""
        self.ensure_one()
        orders = self.env["sale.order"].search(
            [("opportunity_id", "=", self.id), ("state", "!=", "cancel")], limit=SHOWN,
            order="id desc")
        return orders.sorted(lambda order: (
            TO_DO.index(order.sales_followup) if order.sales_followup in TO_DO else len(TO_DO)))

    @api.model
    def _prepare_quote_line(self, order):
        followup = order.sales_followup
        label = dict(order._fields["sales_followup"]._description_selection(self.env))[followup]
        amount = format_amount(self.env, order.amount_untaxed, order.currency_id)
        return {
            "text": f"{order.name} · {amount} · {label}", "detail": order.sales_followup_text,
            "icon": "fa-truck" if order.state == "sale" else "fa-file-text-o",
            "tone": TONES.get(followup, "muted"), "action": order.action_sales_open(),
        }

    @api.model
    def _prepare_quote_buttons(self, orders):
        """At most one reminder and one extension: for the quotation that needs it most."""
        _ = self.env._
        mine = orders.filtered(
            lambda order: order.state in OPEN_STATES)._filtered_access("write")
        remind = mine.filtered(lambda order: order.sales_followup in REMINDABLE)[:1]
        extend = mine.filtered(lambda order: order.sales_followup in ("expired", "expiring"))[:1]
        buttons = []
        if remind:
            buttons.append({
                "text": _("Remind about %s", remind.name), "method": "action_quote_remind",
                "args": [remind.id], "primary": True})
        if extend:
            buttons.append({
                "text": _("Extend %s", extend.name), "method": "action_quote_extend",
                "args": [extend.id]})
        return buttons

    def action_quote_remind(self, order_id):
        return self._find_quote(order_id).action_sales_remind()

    def action_quote_extend(self, order_id):
        return self._find_quote(order_id).action_sales_extend()

    def _find_quote(self, order_id):
        """The quotation, if it is one of this deal; its own rights are asked by the action."""
        self.ensure_one()
        self.check_access("read")
        quote = self.env["sale.order"].search(
            [("id", "=", order_id), ("opportunity_id", "=", self.id)])
        if not quote:
            raise UserError(self.env._("This deal has no such quotation any more."))
        return quote

    @api.model
    def _backfill_quotes(self, ids):
        """Fill the moment of sending of older quotations from the first mail about them."""
        self.env.cr.execute(self._query_backfill_quotes(ids))
        self.env["sale.order"].invalidate_model(["sales_sent_at"])

    @api.model
    def _query_backfill_quotes(self, ids):
        """Reached by sale_order's index on opportunity_id and mail_message_model_res_id_idx."""
        return SQL(
            """
            UPDATE sale_order o SET sales_sent_at = COALESCE((
                   SELECT MIN(m.date) FROM mail_message m
                    WHERE m.model = 'sale.order' AND m.res_id = o.id
                      AND m.message_type IN ('comment', 'email_outgoing')
                      AND m.subtype_id = %(comment)s), o.date_order)
             WHERE o.opportunity_id = ANY(%(leads)s) AND o.state = 'sent'
               AND o.sales_sent_at IS NULL
            """,
            leads=list(ids),
            comment=self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment"))
