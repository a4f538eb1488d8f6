from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Of two open proposals of one product, the one that sales works on stays open."""
        # Whoever may merge partners merges their proposals in all companies.
        proposals = self.env["care.proposal"].sudo()
        everyone = proposals.search([
            ("partner_id", "in", (src_partners | dst_partner).ids),
            ("state", "in", ("proposed", "accepted"))], order="accepted_on, id")
        same = everyone.grouped(lambda p: (p.company_id, p.product_tmpl_id, p.product_id))
        for twins in same.values():
            twins[1:]._set_expired("merged")
        self.env.flush_all()
        return super()._update_foreign_keys(src_partners, dst_partner)
