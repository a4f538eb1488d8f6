from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Whoever wanted no surveys wants none at the address that remains either."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        super()._update_foreign_keys(src_partners, dst_partner)
        # Whoever may merge partners merges their wishes in all companies.
        stops = self.env["care.survey.stop"].sudo()
        addresses = src_partners.filtered("email_normalized").mapped("email_normalized")
        for company in stops.search([("email", "in", addresses)]).company_id:
            stops._add(dst_partner.email, company)
