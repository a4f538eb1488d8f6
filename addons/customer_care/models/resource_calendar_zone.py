from odoo import models


class ResourceCalendar(models.Model):
    """Working hours whose time zone is that of a company's figures, too."""

    _inherit = "resource.calendar"

    def write(self, vals):
        if "tz" not in vals:
            return super().write(vals)
        companies = self.env["res.company"].sudo()  # who plans the hours need not see them all
        keeping = companies.search([("resource_calendar_id", "in", self.ids)])
        with keeping._care_watch_zone():
            return super().write(vals)
