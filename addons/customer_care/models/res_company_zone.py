from odoo import fields, models
from odoo.addons.base.models.res_partner import _tz_get


class ResCompany(models.Model):
    """In whose time zone a day begins, for every figure."""

    _inherit = "res.company"

    care_tz = fields.Selection(
        _tz_get, "Time zone of the figures",
        help="Where a day, a month and “today” begin for all figures of Customer Care. Empty: that "
        "of the company's working hours, which follow whoever logs in first. Another zone counts "
        "all customers again and begins a new version of the definitions.",
        groups="base.group_user")

    def _care_zone(self):
        return self.sudo().care_tz or super()._care_zone()  # a zone is no secret

    def _care_definition_words(self):
        return super()._care_definition_words() | {
            self.env._("Time zone of the figures"): self._care_zone()}
