from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .care_cost_period import EVERYBODY


class ResPartner(models.Model):
    _inherit = "res.partner"

    care_open_complaint = fields.Boolean(
        "Open severe complaint", compute="_compute_care_open_complaint",
        search="_search_care_open_complaint", groups="base.group_user",
        help="The customer, or somebody who works there, has a complaint or defect of severity "
        "Severe or Critical that is not resolved in the current company. Reminders, proposals "
        "and win-back stop; the tag Open complaint tells marketing.")

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_care_open_complaint(self):
        # Every colleague may know that there is one, not what it says.
        upset = self.env["care.case"].sudo()._get_severe_partners(
            self.env.company, self.commercial_partner_id.ids)
        for partner in self:
            partner.care_open_complaint = partner.commercial_partner_id.id in upset

    def _search_care_open_complaint(self, operator, value):
        if operator != "in":
            return NotImplemented
        # No row has an unknown answer: whoever has no case has none open.
        found = [self._search_care_complaining() if one else ~self._search_care_complaining()
                 for one in {bool(one) for one in value}]
        return Domain.OR(found)

    def _search_care_complaining(self):
        self.env["care.case"].flush_model()
        # As above: the word, not the case.
        severe = self.env["care.case"].sudo()._query_severe(self.env.company, EVERYBODY)
        return Domain("commercial_partner_id", "in", SQL("(%s)", severe))
