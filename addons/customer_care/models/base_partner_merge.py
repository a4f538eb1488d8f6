from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """One care record per company remains, with the activities and notes of all.

        Core moves rows by foreign key and, where a unique key objects, deletes every row of the
        merged partners, in other companies too: the objection is taken away before it looks.
        """
        # Whoever may merge partners merges their care records in all companies.
        records = self.env["care.customer"].sudo()
        partners = src_partners | dst_partner
        everyone = records.search([("partner_id", "in", partners.ids)])
        customer = dst_partner.commercial_partner_id
        keys = {(customer.id, company.id) for company in everyone.company_id}
        for customers in everyone.grouped("company_id").values():
            kept = customers.filtered(lambda c: c.partner_id == dst_partner) or customers[:1]
            kept._absorb(customers - kept)
        super()._update_foreign_keys(src_partners, dst_partner)
        self.env["care.dirty"]._mark(keys)
        self.env["care.dirty"]._mark_partners(customer)
