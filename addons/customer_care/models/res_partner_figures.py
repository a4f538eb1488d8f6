from odoo import models

#: Writing one of these moves a contact to another customer.
CUSTOMER_FIELDS = frozenset({"parent_id", "is_company"})


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        """The old and the new customer of a contact that moves are counted again."""
        if CUSTOMER_FIELDS.isdisjoint(vals):
            return super().write(vals)
        before = {partner: partner.commercial_partner_id for partner in self}
        result = super().write(vals)
        moved = self.filtered(lambda partner: before[partner] != partner.commercial_partner_id)
        customers = moved.commercial_partner_id.union(*(before[partner] for partner in moved))
        self.env["care.dirty"]._mark_partners(customers)
        return result
