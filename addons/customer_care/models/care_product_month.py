from collections import defaultdict
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import SQL

from .care_purchases import Scope

#: Months that are kept: a running year, the year before it, and the month under way.
MONTHS = 25


class CareProductMonth(models.Model):
    """Units of one product that a company sold in one month and that were not returned.

    Derived from the purchase stream by the night; what comes back is taken off the month in which
    it was sold. `building` is filled chunk by chunk and takes the place of the number at the end,
    so that nobody reads half a count.
    """

    _name = "care.product.month"
    _description = "Units sold in a month"
    _log_access = False
    _order = "month desc, id desc"
    _rec_name = "product_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    product_id = fields.Many2one(
        "product.product", required=True, readonly=True, ondelete="cascade", index=True)
    month = fields.Date(required=True, readonly=True, help="Its first day.")
    quantity = fields.Float("Units sold", readonly=True, digits="Product Unit")
    building = fields.Float(readonly=True)

    _uniq = models.Constraint(
        "UNIQUE(company_id, product_id, month)", "A product has each month once.")

    @api.model
    def _begin(self, company) -> None:
        self._query_begin(company)

    @api.model
    def _add(self, company, scope: Scope, today: date) -> None:
        """Add what some customers bought."""
        self.env.flush_all()
        self._query_add(company, scope, today.replace(day=1) - relativedelta(months=MONTHS - 1))

    @api.model
    def _end(self, company) -> None:
        """The new count takes the place of the old one."""
        self._query_end(company)
        self.invalidate_model(flush=False)

    @api.model
    def _sold(self, company, products, after: date, until: date) -> dict[int, float]:
        """{product: units sold after one day and up to another}.

        Only months are known: one that is cut counts by its days, as if each had sold as many.
        """
        rows = self._read_group(
            [("company_id", "=", company.id), ("product_id", "in", products.ids),
             ("month", ">=", after.replace(day=1)), ("month", "<=", until)],
            ["product_id", "month:month"], ["quantity:sum"])
        today, sold = company._care_today(), defaultdict(float)
        for product, month, quantity in rows:
            # the month under way has sold all its units up to today
            last = min(month + relativedelta(months=1, days=-1), max(today, until))
            before = month - timedelta(days=1)
            share = (min(last, until) - max(before, after)).days / (last - before).days
            if share > 0:
                sold[product.id] += quantity * share
        return dict(sold)

    @api.model
    def _first_months(self, company, products) -> dict[int, date]:
        rows = self._read_group(
            [("company_id", "=", company.id), ("product_id", "in", products.ids)],
            ["product_id"], ["month:min"])
        return {product.id: month for product, month in rows}

    # ---- queries --------------------------------------------------------------------------------

    def _query_begin(self, company) -> None:
        self.env.execute_query(SQL(
            """UPDATE care_product_month SET building = 0
                WHERE company_id = %s AND building <> 0 RETURNING 1""", company.id))

    def _query_add(self, company, scope: Scope, since: date) -> None:
        self.env.execute_query(SQL(
            """INSERT INTO care_product_month AS m
                      (company_id, product_id, month, quantity, building)
               SELECT %(company)s, product_id, date_trunc('month', day)::date, 0, SUM(quantity)
                 FROM (%(stream)s) p WHERE product_id IS NOT NULL AND day >= %(since)s
             GROUP BY 2, 3
               ON CONFLICT (company_id, product_id, month)
               DO UPDATE SET building = COALESCE(m.building, 0) + EXCLUDED.building
            RETURNING 1""",
            company=company.id, since=since,
            stream=self.env["care.purchases"]._query_product_days(company, scope)))

    def _query_end(self, company) -> None:
        self.env.execute_query(SQL(
            """WITH gone AS (
                   DELETE FROM care_product_month
                    WHERE company_id = %(company)s AND COALESCE(building, 0) = 0 RETURNING 1
               )
               UPDATE care_product_month SET quantity = building, building = 0
                WHERE company_id = %(company)s AND building <> 0 RETURNING 1""",
            company=company.id))
