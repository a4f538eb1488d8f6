from odoo import models

from .care_build import CHUNK
from .care_purchases import Scope


class CareNight(models.Model):
    _inherit = "care.night"

    def _night_steps(self):
        return super()._night_steps() | {
            "items": {"label": self.env._("Items at customers"), "sequence": 62},
            "reminder_plan": {"label": self.env._("Reminders planned"), "sequence": 69},
            "reminders": {"label": self.env._("Reminders sent"), "sequence": 70},
        }

    def _night_items(self, company, now, position):
        """Some customers' goods after the others; nothing to do while no product is followed."""
        items = self.env["care.item"]
        if not (items._followed_products() or items.search_count([], limit=1)):
            return None
        until, count = self.env["care.build"]._query_chunk_end(position, CHUNK)
        if not count:
            return None
        items._refresh(company, Scope(after=position, until=until), company._care_today(now))
        return until

    def _night_reminder_plan(self, company, now, position):
        """One rule after the other."""
        rule = self.env["care.reminder.rule"].search([
            ("company_id", "=", company.id), ("is_on", "=", True), ("id", ">", position)],
            order="id", limit=1)
        if not rule:
            return None
        self.env["care.reminder"]._plan(rule, now)
        return rule.id

    def _night_reminders(self, company, now, position):
        """What led to a purchase, then what is due, chunk by chunk."""
        reminders = self.env["care.reminder"]
        if not position:
            reminders._take_back_unsent(company, now)
            reminders._settle_bought(company, now)
        return reminders._send_due(company, now, position)
