from textwrap import shorten

from odoo import api, models
from odoo.addons.customer_care.engine import phone
from odoo.tools import email_normalize, format_amount

from .moments import tell_day

#: Rows of one part; what opens behind its title has them all.
ROWS = 4
#: Orders looked through for goods; who buys the same each time has few products in many.
ORDERS = 20
#: Letters of a comment that are told.
EXCERPT = 120
#: Suggestions for a sender whom nobody knows.
SUGGESTED = 3
TONES = {
    "active": "success", "loyal": "success", "reactivated": "success", "prospect": "info",
    "new": "info", "at_risk": "warning", "lapsed": "warning", "churned": "danger",
    "good": "success", "watch": "warning", "risk": "danger",
}


class CareBeside(models.AbstractModel):
    """What an agent should know of a customer while he has his case before him.

    A new part is one entry in `_beside_parts()` and one method `_beside_<key>(customer, company,
    case)`, which returns rows: dictionaries with "title" and "detail", "amount" (formatted text),
    "tone", "model" and "res_id" (what a click opens), "use" (values for the case). It reads with
    the rights of the user; who may not read the part's model does not see that there is one.
    """

    _name = "care.beside"
    _description = "Customer beside a case"

    @api.model
    def _beside_parts(self) -> dict[str, dict]:
        """Registry: key → {"label", "icon", "model" that must be readable, "sequence"}."""
        _ = self.env._
        return {
            "cases": {"label": _("Other open cases"), "icon": "fa-life-ring",
                      "model": "care.case", "sequence": 10},
            "due": {"label": _("Invoices due"), "icon": "fa-file-text-o",
                    "model": "account.move", "sequence": 20},
            "orders": {"label": _("Open quotations and orders"), "icon": "fa-shopping-cart",
                       "model": "sale.order", "sequence": 30},
            "bought": {"label": _("Bought last"), "icon": "fa-cube",
                       "model": "sale.order.line", "sequence": 40},
            "said": {"label": _("Said last"), "icon": "fa-comment-o",
                     "model": "care.feedback", "sequence": 50},
        }

    @api.model
    def _tell(self, partner, company, case):
        """Everything that stands beside a case, in one answer."""
        customer = partner.commercial_partner_id
        parts = [
            {"key": key, **part, "rows": rows}
            for key, part in sorted(
                self._beside_parts().items(), key=lambda entry: entry[1]["sequence"])
            if customer and part["model"] in self.env
            and self.env[part["model"]].has_access("read")
            and (rows := getattr(self, f"_beside_{key}")(customer, company, case))]
        return {
            "partner": [partner.id, partner.display_name] if partner else False,
            "customer": self._tell_customer(customer, company) if customer else False,
            "parts": parts,
            "suggested": [] if partner else self._tell_suggested(case),
        }

    def _tell_customer(self, partner, company):
        """The care record in short; None for one whose record the reader may not see."""
        customers = self.env["care.customer"]
        if not customers.has_access("read"):
            return None
        customer = customers.search(
            [("partner_id", "=", partner.id), ("company_id", "=", company.id)], limit=1)
        if not customer:
            return False
        status, level = (
            dict(customer._fields[name]._description_selection(self.env)).get(customer[name])
            for name in ("status", "health_level"))
        return {
            "id": customer.id, "status": status, "status_tone": TONES.get(customer.status),
            "health": level and f"{level} ({customer.health})",
            "health_tone": TONES.get(customer.health_level),
            "reasons": self._tell_reasons(customer) if level else [],
            "value": format_amount(self.env, customer.revenue_net, customer.currency_id)
            if customer.invoiced else False,
            "purchases": customer.purchase_days,
            "last": tell_day(self.env, customer.last_purchase)
            if customer.last_purchase else False,
            "advice": customer.advice or False,
        }

    def _tell_reasons(self, customer):
        """The rules that moved his health most, the worst first."""
        moved = {
            int(key): points for key, points in (customer.health_reasons or {}).items()
            if key != "base" and points}
        # Who may see a score may read what it is made of.
        rules = self.env["care.health.rule"].sudo().with_context(active_test=False).search_fetch(
            [("id", "in", list(moved))], ["name"])
        return [
            {"name": rule.name, "points": moved[rule.id]}
            for rule in rules.sorted(lambda rule: moved[rule.id])[:3]]

    def _tell_suggested(self, case):
        """Contacts whom a stranger's address or telephone number points to."""
        partners = self.env["res.partner"]
        address = email_normalize(case.email_from or "")
        if address:
            partners = partners.search([("email_normalized", "=", address)], limit=SUGGESTED)
        if len(partners) < SUGGESTED and len(phone.tail(case.phone)) == phone.TAIL:
            partners |= partners._care_by_phone(case.phone, SUGGESTED)
        return [
            {"id": partner.id, "name": partner.display_name,
             "detail": " · ".join(filter(None, [partner.email, partner.phone]))}
            for partner in partners[:SUGGESTED]]

    # ---- the parts ------------------------------------------------------------------------------

    def _beside_cases(self, customer, company, case):
        cases = self.env["care.case"].search(
            [("commercial_partner_id", "=", customer.id), ("company_id", "=", company.id),
             ("id", "!=", case.id), *case._domain_open()], limit=ROWS)
        return [{
            "title": other.display_name, "detail": other.stage_id.name,
            "tone": "danger" if other._is_severe() else "", "model": "care.case",
            "res_id": other.id} for other in cases]

    def _beside_due(self, customer, company, case):
        today = company._care_today()
        moves = self.env["account.move"].search(
            [("commercial_partner_id", "=", customer.id), ("company_id", "=", company.id),
             ("move_type", "=", "out_invoice"), ("state", "=", "posted"),
             ("payment_state", "in", ("not_paid", "partial"))],
            order="invoice_date_due, id", limit=ROWS)
        return [{
            "title": move.name,
            "detail": self.env._("overdue since %s", tell_day(self.env, move.invoice_date_due))
            if late else self.env._("due on %s", tell_day(self.env, move.invoice_date_due)),
            "amount": format_amount(self.env, move.amount_residual, move.currency_id),
            "tone": "danger" if late else "", "model": "account.move", "res_id": move.id,
        } for move in moves for late in [
            bool(move.invoice_date_due) and move.invoice_date_due < today]]

    def _beside_orders(self, customer, company, case):
        orders = self.env["sale.order"].search(
            [("partner_id.commercial_partner_id", "=", customer.id),
             ("company_id", "=", company.id), "|", ("state", "=", "sent"),
             "&", ("state", "=", "sale"), ("invoice_status", "=", "to invoice")],
            order="date_order desc, id desc", limit=ROWS)
        states = dict(orders._fields["state"]._description_selection(self.env))
        return [{
            "title": order.name,
            "detail": f"{states[order.state]}, {tell_day(self.env, order.date_order)}",
            "amount": format_amount(self.env, order.amount_untaxed, order.currency_id),
            "model": "sale.order", "res_id": order.id} for order in orders]

    def _beside_bought(self, customer, company, case):
        """The goods of his last orders; a click says that the case is about them."""
        return [{
            "title": line.product_id.display_name,
            "detail": self.env._(
                "%(quantity)g on %(day)s, %(order)s", quantity=line.product_uom_qty,
                day=tell_day(self.env, line.order_id.date_order), order=line.order_id.name),
            "model": "sale.order", "res_id": line.order_id.id,
            "use": {"order_line_id": [line.id, line.display_name]},
        } for line in self._find_bought(customer, company, ROWS)]

    def _beside_said(self, customer, company, case):
        """His last answers, whoever of his people gave them."""
        answers = self.env["care.feedback"].search(
            [("commercial_partner_id", "=", customer.id), ("company_id", "=", company.id),
             ("excluded_reason", "=", False)], order="responded_at desc, id desc", limit=ROWS)
        metrics = dict(answers._fields["metric"]._description_selection(self.env))
        return [{
            "title": f"{metrics[answer.metric]}: {answer.value} / {answer.scale_max}",
            "detail": " · ".join(filter(None, [
                tell_day(self.env, answer.responded_at.date()),
                shorten(answer.comment or "", EXCERPT, placeholder="…")])),
            "tone": "danger" if answer.band in ("detractor", "bad") else "",
            "model": "care.feedback", "res_id": answer.id} for answer in answers]

    def _find_bought(self, customer, company, limit):
        """The latest line of each product in his last orders, the latest first."""
        orders = self.env["sale.order"].search(
            [("partner_id.commercial_partner_id", "=", customer.id),
             ("company_id", "=", company.id), ("state", "=", "sale")],
            order="date_order desc, id desc", limit=ORDERS)
        latest = {}
        for line in orders.order_line.filtered(
                lambda line: line.product_id and not line.display_type
                and line.product_uom_qty > 0).sorted(
                lambda line: (line.order_id.date_order, line.order_id.id), reverse=True):
            latest.setdefault(line.product_id, line)
        return self.env["sale.order.line"].union(*list(latest.values())[:limit])
