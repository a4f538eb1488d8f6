from odoo import api, models
from odoo.tools import format_amount

from .moments import tell_ago, tell_day


class CrmLead(models.Model):
    """What the whole house knows of the deal's customer: each department's last contact, the
    last order, what is unpaid, and what other apps add in loop.py."""

    _inherit = "crm.lead"

    def _get_account_lines(self, now):
        return [
            *self._get_money_lines(now), *self._get_loop_lines(now),
            *self._get_department_lines(now)]

    def _get_loop_lines(self, now):
        """What other apps of the house know of the customer; see loop.py."""
        return []

    def _get_department_lines(self, now):
        """The last contact of each department with anyone of the account."""
        rows = [row for row in self._read_account_contacts(now) if row["user_id"]]
        # Names only: the department of a colleague is no secret.
        users = self.env["res.users"].sudo().browse({row["user_id"] for row in rows})
        departments = self.env["sales.contact.map"]._get_departments(users)
        last = {}
        for row in rows:  # newest first
            last.setdefault(departments[row["user_id"]], row)
        partners = self.env["res.partner"].browse(
            row["partner_id"] for row in last.values())._filtered_access("read")
        names = {partner.id: partner.name for partner in partners}
        return [{
            "text": department, "icon": "fa-comments-o", "tone": "muted",
            "detail": " · ".join(filter(None, (
                names.get(row["partner_id"]), self._tell_contact(row, now)))),
        } for department, row in last.items()]

    def _get_money_lines(self, now):
        """The last order and the overdue sum, of the company of the deal, else the user's."""
        _ = self.env._
        company = self.company_id or self.env.company
        account = self.partner_id.commercial_partner_id
        lines = []
        overdue, oldest = self._read_overdue(account, company, now)
        if overdue:
            lines.append({
                "text": _("Unpaid: %s overdue",
                          format_amount(self.env, overdue, company.currency_id)),
                "detail": _("oldest due on %s", tell_day(self.env, oldest)),
                "icon": "fa-money", "tone": "danger"})
        order = self.env["sale.order"].search([
            ("partner_id", "child_of", account.id), ("state", "=", "sale"),
            ("company_id", "=", company.id)], order="date_order desc, id desc", limit=1)
        if order:
            lines.append({
                "text": _("Last order %s", order.name),
                "detail": " · ".join((
                    format_amount(self.env, order.amount_untaxed, order.currency_id),
                    tell_ago(self.env, order.date_order, now))),
                "icon": "fa-shopping-cart", "tone": "muted", "action": order.action_sales_open()})
        return lines

    def _read_overdue(self, account, company, now):
        """Return (sum, oldest due date) of overdue invoices in company currency.

        The sum only: whoever sells has to know that the customer does not pay, not the invoices.
        """
        moves = self.env["account.move"].sudo()  # the sum is told, no invoice is shown
        [(overdue, oldest)] = moves._read_group([
            ("commercial_partner_id", "=", account.id), ("company_id", "=", company.id),
            ("move_type", "in", ("out_invoice", "out_receipt")), ("state", "=", "posted"),
            ("payment_state", "in", ("not_paid", "partial")),
            ("invoice_date_due", "<", self._get_facts_day(now)),
        ], [], ["amount_residual_signed:sum", "invoice_date_due:min"])
        return overdue or 0.0, oldest

    @api.model
    def _department_groups(self):
        """The first group that a user has says where he works; see loop.py for other apps."""
        _ = self.env._
        groups = [
            ("sales_team.group_sale_salesman", _("Sales")),
            ("mass_mailing.group_mass_mailing_user", _("Marketing")),
            ("account.group_account_invoice", _("Accounting")),
        ]
        return [(xmlid, name) for xmlid, name in groups
                if self.env.ref(xmlid, raise_if_not_found=False)]
