from datetime import datetime, time

import pytz
from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    care_reminder_limit_days = fields.Integer(
        "One reminder per customer in", default=14,
        help="Days in which a customer gets one reminder mail at most, over all rules. What is due "
        "within half of them stands in the same mail; what is due later waits until they have "
        "passed, and leaves unless it is needless then. 0: no limit.",
        groups="base.group_user", prefetch="customer_care")
    care_reminder_hour = fields.Float(
        "Reminders leave at", default=9.0,
        help="Hour of the company's day at which reminder mails leave.",
        groups="base.group_user", prefetch="customer_care")
    care_reminder_weekend = fields.Boolean(
        "Also on weekends", default=False,
        help="Off: what falls on a Saturday or Sunday leaves on Monday.",
        groups="base.group_user", prefetch="customer_care")
    care_reminder_from = fields.Char(
        "Reminders come from",
        help="Sender of reminder mails, as “Name <address>”. Empty: the customer's salesperson, "
        "else the company.",
        groups="base.group_user", prefetch="customer_care")
    care_reminder_window_days = fields.Integer(
        "A reminder worked within", default=30,
        help="Days after a reminder within which a purchase counts as led to by it.",
        groups="base.group_user", prefetch="customer_care")

    _care_reminder_numbers = models.Constraint(
        "CHECK(care_reminder_limit_days >= 0 AND care_reminder_window_days > 0"
        " AND care_reminder_hour >= 0 AND care_reminder_hour < 24)",
        "The limit of reminders cannot be negative, the window must be a day or more, and the "
        "hour lies between 0 and 24.")

    def _care_reminder_moment(self, now: datetime) -> datetime:
        """When a reminder that is due now leaves: at once if the hour has passed (naive UTC)."""
        self.ensure_one()
        zone = pytz.timezone(self._care_zone())
        local = pytz.utc.localize(now).astimezone(zone)
        hour = time(int(self.care_reminder_hour), int(self.care_reminder_hour % 1 * 60))
        day = local.date()
        if not self.care_reminder_weekend and day.weekday() >= 5:
            day = fields.Date.add(day, days=7 - day.weekday())
        leaves = zone.localize(datetime.combine(day, hour)).astimezone(pytz.utc)
        return max(leaves.replace(tzinfo=None), now)
