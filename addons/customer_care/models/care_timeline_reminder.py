from odoo import models
from odoo.tools import format_amount

from .moments import tell_day


class CareTimeline(models.AbstractModel):
    _inherit = "care.timeline"

    def _timeline_sources(self):
        return super()._timeline_sources() | {
            "reminders": {"label": self.env._("Reminders"), "icon": "fa-bell-o",
                          "model": "care.reminder", "sequence": 90},
            "items": {"label": self.env._("Deliveries followed"), "icon": "fa-cube",
                      "model": "care.item", "sequence": 100},
        }

    def _timeline_reminders(self, customer, offset, limit):
        """What was sent, and what was not and why; plans are no story yet."""
        reminders = self.env["care.reminder"].search(
            [*customer._product_domain(), ("state", "in", ("sent", "done", "suppressed"))],
            order="send_on desc, id desc", offset=offset, limit=limit)
        tones = {"done": "success", "suppressed": "warning"}
        return [{
            # A day, so that the order stays the same from page to page.
            "at": reminder.send_on,
            "title": self.env._("Reminder: %s", reminder.rule_id.name),
            "detail": ": ".join(filter(None, (
                (reminder.item_id or reminder.product_id or reminder.agreement_id).display_name,
                reminder.why))),
            "amount": format_amount(
                self.env, reminder.bought_amount, reminder.currency_id)
            if reminder.bought_amount else "",
            "tone": tones.get(reminder.state, ""),
            "model": "care.reminder", "res_id": reminder.id,
        } for reminder in reminders]

    def _timeline_items(self, customer, offset, limit):
        items = self.env["care.item"].search(
            customer._product_domain(), order="delivered_on desc, id desc",
            offset=offset, limit=limit)
        return [{
            "at": item.delivered_on,
            "title": self.env._("Delivered: %s", item.display_name),
            "detail": self.env._("Returned") if item.state == "returned" else (item.warranty_end
            and self.env._("Warranty until %s", tell_day(self.env, item.warranty_end))) or "",
            "tone": "warning" if item.state == "returned" else "",
            "model": "care.item", "res_id": item.id,
        } for item in items]
