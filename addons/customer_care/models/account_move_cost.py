from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    care_compensation = fields.Boolean(
        "Compensation", copy=False,
        help="This credit note makes up for a complaint. By the company's setting it lowers the "
        "customer's value, or is a retention cost: never both.",
        groups="base.group_user", prefetch="customer_care")

    # Compensation of a period; few documents are.
    _care_compensation_idx = models.Index("(company_id, invoice_date) WHERE care_compensation")

    def write(self, vals):
        """Whether a credit note is compensation can change what the customer is worth."""
        result = super().write(vals)
        if "care_compensation" in vals:
            self.env["care.dirty"]._mark(self._care_customer_keys())
        return result
