from odoo import models


class ResourceCalendar(models.Model):
    """Working hours whose time zone is that of a company's figures, too."""

    _inherit = "resource.calendar"

    def write(self, vals):
        if "tz" not in vals:
            return super().write(vals)
        # Whoever plans the hours need not see every company that keeps them.
        companies = self.env["res.company"].sudo().search([("resource_calendar_id", "in", self.ids)])
        with companies._care_watch_zone():
            return super().write(vals)
