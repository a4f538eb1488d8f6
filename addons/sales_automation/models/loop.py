"""What the Sales Desk may know of the other addons of the loop, when they are installed."""

from odoo import api, models
from odoo.tools import SQL


class CrmLead(models.Model):
    """Marketing knows its people longer than sales: their first event is a first touch."""

    _inherit = "crm.lead"

    @api.model
    def _first_touch_sources(self):
        sources = super()._first_touch_sources()
        if "nurture.event" in self.env:
            sources["event"] = self._query_first_event()
        return sources

    @api.model
    def _query_first_event(self):
        """Events of humans, by the address of the lead; machines that open mails do not count."""
        return SQL(
            """SELECT a.id AS lead_id, MIN(e.occurred_at) AS at
                 FROM asked a
                 JOIN nurture_identity i ON i.kind = 'lead' AND i.res_id = a.id
                 JOIN nurture_event e ON e.person_id = i.person_id AND e.actor = 'human'
                GROUP BY a.id""")

    def _get_loop_lines(self, now):
        """Customer care's word on the account: how it buys today, and why."""
        lines = [*super()._get_loop_lines(now), *self._get_care_warnings()]
        if "care.customer" not in self.env or not self.partner_id:
            return lines
        company = self.company_id or self.env.company
        customers = self.env["care.customer"].sudo()  # one word of it is told, no figure
        customer = customers.search([
            ("partner_id", "=", self.partner_id.commercial_partner_id.id),
            ("company_id", "=", company.id)], limit=1)
        if customer.status:
            label = dict(customer._fields["status"]._description_selection(self.env))
            lines.append({
                "text": self.env._("Customer care: %s", label[customer.status]),
                "detail": customer.story, "icon": "fa-heartbeat", "tone": "muted"})
        return lines

    def _get_care_warnings(self):
        """What stands against selling now: a severe complaint, an alert on what he bought."""
        if "care.warning" not in self.env or not self.partner_id:
            return []
        told = self.env["care.warning"]._tell_partner(
            self.company_id or self.env.company, self.partner_id)
        return [{"text": line, "detail": "", "icon": "fa-exclamation-triangle", "tone": "danger"}
                for line in told]

    @api.model
    def _department_groups(self):
        groups = super()._department_groups()
        care = "customer_care.group_customer_care_user"
        if self.env.ref(care, raise_if_not_found=False):
            groups.append((care, self.env._("Customer care")))
        return groups
