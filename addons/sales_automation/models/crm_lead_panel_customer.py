from odoo import models

from .crm_lead_contact_map import SHOWN
from .moments import tell_ago, tell_moment


class CrmLead(models.Model):
    """Cards of the deal's side panel about its customer: people, the house, a brief to read."""

    _inherit = "crm.lead"

    def _deal_panel_sections(self):
        _ = self.env._
        return {
            **super()._deal_panel_sections(),
            "brief": {"title": _("New to You"), "icon": "fa-book", "sequence": 5},
            "contacts": {"title": _("People"), "icon": "fa-users", "sequence": 50},
            "departments": {
                "title": _("Customer in the House"), "icon": "fa-building-o", "sequence": 55},
        }

    def _deal_panel_brief(self, now):
        brief = self.brief_ids.filtered("is_mine")[:1]
        if not brief:
            return False
        _ = self.env._
        until = tell_moment(self.env, brief.deadline_at)
        return {
            "badge": {"text": _("overdue"), "tone": "danger"} if brief.is_overdue else False,
            "lines": [{
                "text": _("From %(colleague)s, %(when)s", colleague=brief.from_user_id.name,
                          when=tell_ago(self.env, brief.given_at, now)),
                "detail": _("Read the brief until %s", until), "icon": "fa-book",
                "tone": "danger" if brief.is_overdue else "info"}],
            "buttons": [
                {"text": _("Read the brief"), "method": "action_open_brief", "primary": True},
                {"text": _("Got it"), "method": "action_acknowledge_brief"}],
        }

    def _deal_panel_contacts(self, now):
        _ = self.env._
        rows = self._read_account_contacts(now)
        people = self._get_deal_people(rows)
        lines = [
            {"text": text, "icon": "fa-exclamation-triangle", "tone": "warning"}
            for text in self._tell_others(rows, now)]
        lines += [self._prepare_person_line(person, rows, now) for person in people[:SHOWN]]
        involved = self._count_contacts()[self.id]
        return {
            "badge": {"text": _("1 person"), "tone": "warning"}
            if involved == 1 else False,
            "lines": lines,
            "buttons": [
                {"text": _("Contact map"), "method": "action_open_contact_map"},
                *([{"text": _("Add a person"), "method": "action_add_deal_contact"}]
                  if self.has_access("write") else [])],
            "empty": _("Nobody of the customer is known yet: add who decides and who uses it."),
        }

    def _deal_panel_departments(self, now):
        if not self.partner_id:
            return False
        lines = self._get_account_lines(now)
        return {"lines": lines, "folded": not any(
            line.get("tone") == "danger" for line in lines),
            "empty": self.env._("No department was in touch with this customer yet.")}
