from odoo import api, models

from .moments import tell_days

LINES = 200


class SalesDay(models.AbstractModel):
    """My day: deals that went stale, and open deals whose closing date has passed."""

    _inherit = "sales.day"

    @api.model
    def _day_sources(self):
        return {
            **super()._day_sources(),
            "stale": {"label": self.env._("Stale"), "icon": "fa-hourglass-end", "sequence": 50},
            "late_close": {
                "label": self.env._("Closing Date Passed"), "icon": "fa-calendar-times-o",
                "sequence": 60},
        }

    @api.model
    def _day_lines_stale(self, user, now):
        leads = self.env["crm.lead"].search(
            [("user_id", "=", user.id), ("stale_level", "=", "stale")],
            order="expected_revenue desc, id", limit=LINES)
        rows = leads._get_stale_rows(now)
        return [
            self._prepare_discipline_line(lead, self._tell_stale(rows[lead.id]), False, 2, [
                {"text": self.env._("Plan"), "icon": "fa-calendar-plus-o", "model": "crm.lead",
                 "method": "action_plan_next_step", "primary": True},
                {"text": self.env._("Keep Quiet Until…"), "icon": "fa-bell-slash-o",
                 "model": "crm.lead", "method": "action_snooze"},
                {"text": self.env._("Not Now"), "icon": "fa-moon-o", "model": "crm.lead",
                 "method": "action_plan_recycle"},
            ]) for lead in leads]

    @api.model
    def _tell_stale(self, row):
        """The signs in words; that the closing date has passed is told by its own source."""
        return " · ".join(self.env["crm.lead"]._tell_stale({**row, "late": False}))

    @api.model
    def _day_lines_late_close(self, user, now):
        leads = self.env["crm.lead"]
        today = leads._get_facts_day(now)
        leads = leads.search(
            [("user_id", "=", user.id), ("type", "=", "opportunity"),
             ("sales_outcome", "=", "open"), ("date_deadline", "<", today),
             "|", ("company_id", "=", False), ("company_id.sales_stale_deadline", "=", True),
             "|", ("snooze_until", "=", False), ("snooze_until", "<", today)],
            order="date_deadline, id", limit=LINES)
        return [
            self._prepare_discipline_line(
                lead, self.env._(
                    "The expected closing date passed %s ago: close the deal or set a new date.",
                    tell_days(self.env, (today - lead.date_deadline).days)),
                lead.date_deadline, 1, [
                    {"text": self.env._("New Closing Date"), "icon": "fa-calendar",
                     "model": "crm.lead", "method": "action_open_deadline",
                     "primary": True},
                ]) for lead in leads]

    @api.model
    def _prepare_discipline_line(self, lead, reason, due, urgency, actions):
        return {
            "model": "crm.lead", "res_id": lead.id, "lead_id": lead.id, "title": lead.name,
            "subtitle": lead.partner_id.display_name or lead.partner_name or "",
            "reason": reason, "due": due, "amount": lead.expected_revenue or 0,
            "urgency": urgency, "actions": actions,
        }
