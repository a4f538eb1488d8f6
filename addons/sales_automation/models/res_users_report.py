from odoo import models
from odoo.addons.sales_automation.engine import day_window


class ResUsers(models.Model):
    """The clock by which a person's day is cut."""

    _inherit = "res.users"

    def _get_sales_tz(self):
        """The person's time zone; people who never set one live by their company's hours."""
        self.ensure_one()
        person = self.sudo()  # the schedule belongs to HR
        return person.tz or person.company_id.resource_calendar_id.tz or "UTC"

    def _get_sales_day(self, moment):
        """The day on which a moment (naive UTC) falls for this person."""
        return day_window.local_now(moment, self._get_sales_tz()).date()
