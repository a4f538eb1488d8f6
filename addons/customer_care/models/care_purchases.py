from dataclasses import dataclass
from datetime import date

from odoo import api, models
from odoo.tools import SQL

from .arrays import as_array

#: A credit note of less than this part of the goods' price lowers the price; the goods stay.
GOODS_BACK = 0.99


@dataclass(frozen=True)
class Scope:
    """Which customers to count: some ids, or the ids in (after, until]."""

    ids: tuple[int, ...] | None = None
    after: int = 0
    until: int = 0


class CarePurchases(models.AbstractModel):
    """The purchase stream: what customers bought, when, and for how much; the only truth on it.

    A purchase is a day. Several documents of one day are one purchase, a down payment and its
    final invoice are one, what was wholly taken back is none, and refunds are netted into the
    purchase that they take back. Money is untaxed, in the company's currency, at the rate of
    each document. Customers are commercial partners, without those of the companies themselves.

    A source is one entry in `_sources()` and three methods, each the body of a subselect:
    `_query_<source>_documents(company, scope, until, netted)` → partner_id, day, amount, refund;
    `_query_<source>_turnover(company, scope, since, until)` → partner_id, day, amount;
    `_query_<source>_products(company, scope, until)` → partner_id, product_id, day, refund,
    quantity, amount, price (in the document's currency).
    """

    _name = "care.purchases"
    _description = "Stream of purchases"

    @api.model
    def _sources(self, company) -> tuple[str, ...]:
        """Where the purchases of a company are read."""
        sources = (company.care_revenue_source,)
        return (*sources, "pos") if company.care_pos and self._has_pos() else sources

    # ------------------------------------------------------------
    # What everybody reads
    # ------------------------------------------------------------

    def _query_purchase_days(self, company, scope: Scope, until: date | None = None) -> SQL:
        """Rows (partner_id, day, amount): one per purchase, what was refunded of it taken off.

        With `until`, what was known before that day.
        """
        return SQL(
            """SELECT partner_id, day, SUM(amount) AS amount
                 FROM (%s) documents
                WHERE day IS NOT NULL
             GROUP BY partner_id, day
               HAVING bool_or(NOT refund)""",
            self._query_documents(company, scope, until, netted=True),
        )

    def _query_turnover(
        self, company, scope: Scope, since: date | None = None, until: date | None = None
    ) -> SQL:
        """Rows (partner_id, day, amount): money by each document's own date, refunds negative."""
        return SQL(
            "SELECT partner_id, day, SUM(amount) AS amount FROM (%s) documents"
            " GROUP BY partner_id, day",
            self._query_sources(company, "turnover", scope, since, until),
        )

    def _query_product_days(
        self, company, scope: Scope, since: date | None = None, until: date | None = None
    ) -> SQL:
        """Rows (partner_id, product_id, day, quantity, amount): each product of each purchase.

        Quantity is in the product's own unit. A credit note takes goods back unless it is worth
        less than they cost: then it lowers the price and the customer keeps them.
        """
        return SQL(
            """SELECT * FROM (
                   SELECT partner_id, product_id, day,
                          SUM(quantity) FILTER (WHERE NOT refund)
                          - CASE WHEN SUM(price) FILTER (WHERE refund)
                                      * SUM(quantity) FILTER (WHERE NOT refund)
                                      >= %(back)s * SUM(price) FILTER (WHERE NOT refund)
                                      * SUM(quantity) FILTER (WHERE refund)
                                 THEN SUM(quantity) FILTER (WHERE refund) ELSE 0 END AS quantity,
                          SUM(amount) AS amount
                     FROM (%(lines)s) lines
                    WHERE day IS NOT NULL%(since)s
                 GROUP BY partner_id, product_id, day
                   HAVING SUM(price) FILTER (WHERE NOT refund) >= 0
               ) products WHERE quantity > 0""",
            back=GOODS_BACK, lines=self._query_sources(company, "products", scope, until),
            since=SQL(" AND day >= %s", since) if since else SQL(),
        )

    # ------------------------------------------------------------
    # What the sources build on
    # ------------------------------------------------------------

    def _query_documents(self, company, scope: Scope, until=None, netted=False) -> SQL:
        """Rows (partner_id, day, amount, refund): each document and the purchase it belongs to.

        day is NULL where no purchase stands. The day of a refund costs a look at what it takes
        back: it is NULL too unless it was asked for by `netted`.
        """
        return self._query_sources(company, "documents", scope, until, netted)

    def _query_sources(self, company, subject: str, *args) -> SQL:
        return SQL(" UNION ALL ").join(
            SQL("(%s)", getattr(self, f"_query_{source}_{subject}")(company, *args))
            for source in self._sources(company)
        )

    def _query_customers(self, scope: Scope, column: SQL) -> SQL:
        """The customers of the scope: without the partners of the companies themselves."""
        own = self.env["res.company"].sudo().search([]).partner_id.ids  # every company's partner
        return SQL("%s AND %s <> ALL(%s)", self._query_scope(scope, column), column, own)

    def _query_scope(self, scope: Scope, column: SQL) -> SQL:
        if scope.ids is not None:
            return SQL("%s = ANY(%s::int[])", column, as_array(scope.ids))
        return SQL("%s > %s AND %s <= %s", column, scope.after, column, scope.until)

    def _query_period(self, column: SQL, since: date | None, until: date | None) -> SQL:
        return SQL(
            "%s%s",
            SQL(" AND %s >= %s", column, since) if since else SQL(),
            SQL(" AND %s < %s", column, until) if until else SQL(),
        )
