from typing import NamedTuple

from odoo import models


class Buyers(NamedTuple):
    """Customers who bought, those of them who bought again, and what all of them brought."""

    count: int
    again: int
    revenue: float

    @property
    def repeat_rate(self) -> float | None:
        """Percent of those who bought that bought again; None where nobody bought."""
        return 100 * self.again / self.count if self.count else None

    @property
    def mean_revenue(self) -> float | None:
        """Historic LTV per customer who bought; None where nobody bought."""
        return self.revenue / self.count if self.count else None


class CareCustomer(models.Model):
    """Who buys again: customers with two purchase days or more, of all who ever bought."""

    _inherit = "care.customer"

    def _tell_buyers(self, company) -> Buyers:
        """Of a company, as its customers stand today, with the rights of the user."""
        here = [("company_id", "=", company.id)]
        [(count, revenue)] = self._read_group(
            [*here, ("purchase_days", ">", 0)], [], ["__count", "revenue_net:sum"])
        return Buyers(
            count, self.search_count([*here, ("purchase_days", ">", 1)]), revenue or 0.0)
