from odoo import models
from odoo.tools import SQL


class CarePurchases(models.AbstractModel):
    # Loaded after the invoices, whose documents it narrows.
    _inherit = "care.purchases"

    def _query_counting(self, company, alias):
        """Compensation that the company counts as a cost is not taken off the customer's value."""
        counting = super()._query_counting(company, alias)
        if company.care_refund_in != "cost":
            return counting
        return SQL(
            "%s AND %s IS NOT TRUE", counting, SQL.identifier(alias, "care_compensation"))
