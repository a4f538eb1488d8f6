from odoo import models

#: Documents that make or take back a customer's revenue.
CUSTOMER_DOCUMENTS = ("out_invoice", "out_refund", "out_receipt")
#: Writing one of these can change a customer's figures; the others (payment state, notes …) cannot.
FIGURE_FIELDS = frozenset({
    "state", "move_type", "company_id", "partner_id", "commercial_partner_id",
    "invoice_date", "reversed_entry_id",
})


class AccountMove(models.Model):
    _inherit = "account.move"

    # Serves every query of care.figures: a customer's documents of one company by date. The
    # included columns spare the visit to the wide table.
    _care_customer_idx = models.Index(
        "(company_id, commercial_partner_id, invoice_date)"
        " INCLUDE (amount_untaxed_signed, move_type, id)"
        " WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund', 'out_receipt')"
    )
    # What takes purchases back: few documents, looked for before the others of each customer.
    _care_refund_idx = models.Index(
        "(company_id, commercial_partner_id)"
        " WHERE state = 'posted' AND move_type = 'out_refund'")

    def write(self, vals):
        """Customers whose documents change are marked; counting them is the cron's work."""
        if FIGURE_FIELDS.isdisjoint(vals):
            return super().write(vals)
        before = self._care_customer_keys()
        result = super().write(vals)
        self.env["care.dirty"]._mark(before | self._care_customer_keys())
        return result

    def unlink(self):
        keys = self._care_customer_keys()
        result = super().unlink()
        self.env["care.dirty"]._mark(keys)
        return result

    def _care_customer_keys(self) -> set[tuple[int, int]]:
        """(commercial partner, company) of the documents that count at this moment."""
        return {
            (move.commercial_partner_id.id, move.company_id.id)
            for move in self
            if move.state == "posted"
            and move.move_type in CUSTOMER_DOCUMENTS
            and move.commercial_partner_id
        }
