from odoo import models
from odoo.exceptions import UserError


class CareProposal(models.Model):
    _inherit = "care.proposal"

    def action_accept(self):
        """What was proposed before the complaint waits until it is settled."""
        for company, proposals in self.grouped("company_id").items():
            # Whether a case is open is asked for the house, not for the reader.
            upset = self.env["care.case"].sudo()._get_severe_partners(
                company, proposals.partner_id.ids)
            if upset:
                raise UserError(self.env._(
                    "A severe complaint is open: settle it before you sell. Customers: %s",
                    ", ".join(self.partner_id.browse(upset).mapped("display_name"))))
        return super().action_accept()
