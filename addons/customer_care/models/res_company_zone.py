from contextlib import contextmanager

from odoo import fields, models
from odoo.addons.base.models.res_partner import _tz_get


class ResCompany(models.Model):
    """In whose time zone a day begins, for every figure."""

    _inherit = "res.company"

    care_tz = fields.Selection(
        _tz_get, "Time zone of the figures",
        help="Where a day, a month and “today” begin for all figures of Customer Care. Empty: that "
        "of the company's working hours, which follow whoever logs in first. Another zone, also by "
        "other working hours, counts all customers again and begins a new version of the "
        "definitions.",
        groups="base.group_user", prefetch="customer_care")

    def write(self, vals):
        if "resource_calendar_id" not in vals or "care_tz" in vals:
            return super().write(vals)
        with self._care_watch_zone():
            return super().write(vals)

    @contextmanager
    def _care_watch_zone(self):
        """The working hours change: another zone is a version of its own where anybody counts.

        A company that begins, or its first login, finds nobody who was counted by the old zone.
        """
        customers = self.env["care.customer"].sudo()  # whoever plans the hours
        before = {
            company: company._care_definition_words() for company in self.sudo()  # for all of them
            if customers.search_count([("company_id", "=", company.id)], limit=1)}
        yield
        for company, words in before.items():
            company._care_note_changes(words)

    def _care_zone(self):
        return self.sudo().care_tz or super()._care_zone()  # a zone is no secret

    def _care_definition_words(self):
        return super()._care_definition_words() | {
            self.env._("Time zone of the figures"): self._care_zone()}
