from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .care_customer_feedback import NPS_BANDS
from .res_partner import COLLEAGUES


class ResPartner(models.Model):
    _inherit = "res.partner"

    care_nps_band = fields.Selection(
        NPS_BANDS, "Recommends us", compute="_compute_care_nps_band",
        search="_search_care_nps_band", groups=COLLEAGUES,
        help="By the customer's last NPS answer in the current company.")

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_care_nps_band(self):
        """Apart from the figures of every list: who shows it pays for it."""
        # What a colleague may see of it is decided on this field.
        bands = self.env["care.customer"].sudo()._find_nps_bands(
            self.env.company, self.commercial_partner_id)
        for partner in self:
            partner.care_nps_band = bands.get(partner.commercial_partner_id.id)

    def _search_care_nps_band(self, operator, value):
        """Audiences ask by it; False also means that nobody of the customer answered."""
        if operator != "in":
            return NotImplemented
        # Core asks for the right to read a stored field it searches by, not for this one.
        self._check_field_access(self._fields["care_nps_band"], "read")
        self.env["care.feedback"].flush_model()
        # Whoever may read the field may search by it.
        customers = self.env["care.customer"].sudo()
        bands = [band for band in value if band]
        found = Domain("commercial_partner_id", "in", customers._query_nps_people(
            self.env.company, SQL("band = ANY(%s)", bands)))
        if False in value:
            found |= Domain("commercial_partner_id", "not in", customers._query_nps_people(
                self.env.company, SQL("TRUE")))
        return found
