from odoo import api, models


class CareCustomer(models.Model):
    _inherit = "care.customer"

    @api.model
    def _open_record(self, partner, company):
        """The window on the care record of a contact, or on the contact where there is none."""
        customer = self.search([("partner_id", "=", partner.id), ("company_id", "=", company.id)])
        record = customer or partner
        return {"type": "ir.actions.act_window", "res_model": record._name, "res_id": record.id,
                "views": [(False, "form")]}

    def get_timeline(self, offsets=None, only=None):
        """The next page of the customer's story, as far as the user may read it.

        :param offsets: {source: number} as the page before returned it; None begins
        :param only: one source's key; None tells all
        """
        self.ensure_one()
        self.check_access("read")
        # a page is asked for by anybody: nothing but numbers reaches the sources
        offsets = {str(key): max(int(told), 0) for key, told in (offsets or {}).items()}
        return self.env["care.timeline"]._get_page(self, offsets, only or None)
