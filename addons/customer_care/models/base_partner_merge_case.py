from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Cases follow a merged contact, and his customer's first contact resolution is told again."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        super()._update_foreign_keys(src_partners, dst_partner)
        # Whoever may merge partners merges their cases in all companies.
        cases = self.env["care.case"].sudo().with_context(active_test=False)
        cases.invalidate_model()
        mine = cases.search([("partner_id", "=", dst_partner.id)])
        self.env.add_to_compute(cases._fields["commercial_partner_id"], mine)
        customer = dst_partner.commercial_partner_id
        cases.search([("commercial_partner_id", "=", customer.id)])._refresh_fcr()
