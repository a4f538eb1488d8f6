from odoo import api, models


class ResourceCalendarLeaves(models.Model):
    """A day off of a company or a calendar moves the deadlines of its open cases at once; the time
    off of a person moves none.
    """

    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._care_tell_deadlines(leaves._care_companies())
        return leaves

    def write(self, vals):
        before = self._care_companies()
        result = super().write(vals)
        self._care_tell_deadlines(before | self._care_companies())
        return result

    def unlink(self):
        companies = self._care_companies()
        result = super().unlink()
        self._care_tell_deadlines(companies)
        return result

    def _care_companies(self):
        """Companies whose clocks stand on these days."""
        shared = self.filtered(lambda leave: not leave.resource_id)
        if any(not leave.company_id for leave in shared):
            # Working times of no company are everybody's.
            return self.env["res.company"].sudo().search([])
        return shared.company_id

    def _care_tell_deadlines(self, companies):
        if companies:
            # Whoever enters a day off need not work with cases.
            self.env["care.case"].sudo()._set_deadlines_due(companies)
