from odoo import api, models

from .moments import tell_month

#: Printed months on paper, the latest ones.
MONTHS = 12


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

    def _paper_months(self):
        """What was printed of him month by month: it stays, whatever becomes known later."""
        months = self.env["care.customer.month"]
        if not months.has_access("read"):
            return months
        return months.search([
            ("partner_id", "=", self.partner_id.id), ("company_id", "=", self.company_id.id),
            ("basis", "=", "purchases")], order="month desc, id desc", limit=MONTHS)

    @api.model
    def _tell_paper_month(self, month):
        return tell_month(self.env, month.month)
