from odoo import models
from odoo.tools import SQL

from .care_purchases import Scope


class CarePurchases(models.AbstractModel):
    """Paid orders of the point of sale as purchases, where that is installed.

    Beside invoices, those that became no invoice; beside orders, all that settle no order.
    """

    _inherit = "care.purchases"

    def _has_pos(self) -> bool:
        """Whether there are orders of a point of sale: that module is no dependency."""
        return "pos.order" in self.env

    def _query_pos_documents(self, company, scope: Scope, until, netted) -> SQL:
        return SQL(
            """WITH %(orders)s
               SELECT o.partner_id,
                      CASE WHEN o.refund THEN %(day)s
                           WHEN b.undone THEN NULL ELSE o.day END AS day,
                      o.amount, o.refund
                 FROM rung o
            LEFT JOIN back b ON b.order_id = o.id""",
            orders=self._query_rung(company, scope, until),
            day=self._query_taken_back() if netted else SQL("NULL"),
        )

    def _query_pos_turnover(self, company, scope: Scope, since, until) -> SQL:
        return SQL(
            "WITH %s SELECT partner_id, day, amount FROM rung WHERE TRUE%s",
            self._query_rung(company, scope, until), self._query_period(SQL("day"), since, None),
        )

    def _query_pos_products(self, company, scope: Scope, until) -> SQL:
        """Lines are in the product's own unit. Index pos_order_line (order_id)."""
        return SQL(
            """WITH %(orders)s
               SELECT o.partner_id, l.product_id,
                      CASE WHEN o.refund THEN %(day)s
                           WHEN b.undone THEN NULL ELSE o.day END AS day,
                      l.qty < 0 AS refund, abs(l.qty) AS quantity,
                      sign(l.qty) * abs(l.price_subtotal) / o.rate AS amount,
                      abs(l.price_subtotal) AS price
                 FROM rung o JOIN pos_order_line l ON l.order_id = o.id
            LEFT JOIN back b ON b.order_id = o.id""",
            orders=self._query_rung(company, scope, until), day=self._query_taken_back(),
        )

    def _query_taken_back(self) -> SQL:
        """The day of the order that a refund takes back; NULL where nothing of it is left."""
        return SQL(
            """(SELECT CASE WHEN bool_or(t.undone) THEN NULL ELSE MIN(f.day) END
                  FROM pos_order_line x
                  JOIN pos_order_line y ON y.id = x.refunded_orderline_id
                  JOIN rung f ON f.id = y.order_id LEFT JOIN back t ON t.order_id = f.id
                 WHERE x.order_id = o.id)""")

    def _query_rung(self, company, scope: Scope, until) -> SQL:
        """CTEs rung(id, partner_id, day, amount, rate, refund) and back(order_id, undone).

        Indexes: res_partner (commercial_partner_id), pos_order (partner_id), pos_order_line
        (refunded_orderline_id).
        """
        day = SQL("(o.date_order AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", company._care_zone())
        return SQL(
            """rung AS (
                   SELECT o.id, p.commercial_partner_id AS partner_id, %(day)s AS day,
                          (o.amount_total - o.amount_tax) / r.rate AS amount, r.rate,
                          o.amount_total < 0 AS refund
                     FROM pos_order o JOIN res_partner p ON p.id = o.partner_id
               CROSS JOIN LATERAL (
                          SELECT COALESCE(NULLIF(o.currency_rate, 0), 1)::numeric AS rate) r
                    WHERE o.company_id = %(company)s AND o.state IN ('paid', 'done')
                      AND %(alone)s AND %(scope)s%(until)s
               ),
               back AS (
                   SELECT y.order_id,
                          SUM(abs(x.price_subtotal)) / MIN(f.rate) > MIN(f.amount) - 0.005 AS undone
                     FROM rung f
                     JOIN pos_order_line y ON y.order_id = f.id
                     JOIN pos_order_line x ON x.refunded_orderline_id = y.id
                     JOIN pos_order o ON o.id = x.order_id
                    WHERE NOT f.refund AND o.state IN ('paid', 'done')%(until)s
                 GROUP BY y.order_id
               )""",
            day=day, company=company.id, alone=self._query_alone(company),
            scope=self._query_customers(scope, SQL("p.commercial_partner_id")),
            until=self._query_period(day, None, until),
        )

    def _query_alone(self, company) -> SQL:
        """That another source does not count the same sale."""
        if company.care_revenue_source == "invoices":
            return SQL("o.account_move IS NULL")
        if "sale_order_origin_id" not in self.env["pos.order.line"]._fields:
            return SQL("TRUE")  # orders cannot be settled at this till
        return SQL("NOT EXISTS (SELECT 1 FROM pos_order_line s WHERE s.order_id = o.id"
                   " AND s.sale_order_origin_id IS NOT NULL)")
