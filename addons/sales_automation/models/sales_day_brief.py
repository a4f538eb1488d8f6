from odoo import fields, models

from .moments import tell_moment

LIMIT = 200


class SalesDay(models.AbstractModel):
    """My day: the briefs of deals that became mine."""

    _inherit = "sales.day"

    def _day_sources(self):
        return {**super()._day_sources(), "briefs": {
            "label": self.env._("Briefs to Read"), "icon": "fa-book", "sequence": 50}}

    def _day_lines_briefs(self, user, now):
        _ = self.env._
        briefs = self.env["sales.brief"].search(
            [("user_id", "=", user.id), ("state", "=", "waiting")], limit=LIMIT,
            order="deadline_at, id")
        return [{
            "model": "sales.brief", "res_id": brief.id, "lead_id": brief.lead_id.id,
            "title": brief.lead_id.name, "subtitle": brief.partner_id.display_name or "",
            "reason": _("New to you, from %(colleague)s: read the brief until %(until)s.",
                        colleague=brief.from_user_id.name or _("a colleague"),
                        until=tell_moment(self.env, brief.deadline_at)),
            "due": fields.Datetime.context_timestamp(self, brief.deadline_at).date(),
            "amount": brief.lead_id.expected_revenue,
            "urgency": 3 if brief.is_overdue else 2, "since": brief.create_date,
            "actions": [
                {"text": _("Read the brief"), "icon": "fa-book", "model": "sales.brief",
                 "method": "action_open", "primary": True},
                {"text": _("Got it"), "icon": "fa-check", "model": "sales.brief",
                 "method": "action_acknowledge"}],
        } for brief in briefs]
