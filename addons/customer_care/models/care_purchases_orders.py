from odoo import models
from odoo.tools import SQL

from .care_purchases import Scope


class CarePurchases(models.AbstractModel):
    """Confirmed orders as purchases, with the credit notes of their invoices.

    An order is worth what was ordered or, where more was invoiced (it was reduced afterwards),
    what was invoiced; credit notes come off it on their own date. Money is converted at the rate
    of the order; orders belong to the customer whose contact ordered, as he stands today.
    """

    _inherit = "care.purchases"

    def _query_orders_documents(self, company, scope: Scope, until, netted) -> SQL:
        day = SQL("CASE WHEN w.undone THEN NULL ELSE o.day END") if netted else SQL("NULL::date")
        return SQL(
            """WITH %(orders)s
               SELECT o.partner_id, CASE WHEN w.undone THEN NULL ELSE o.day END AS day,
                      COALESCE(w.price, o.price) / o.rate AS amount, FALSE AS refund
                 FROM placed o LEFT JOIN worth w ON w.order_id = o.id
            UNION ALL
               SELECT o.partner_id, %(day)s, r.amount, TRUE
                 FROM settled r JOIN placed o ON o.id = r.order_id
                 JOIN worth w ON w.order_id = o.id
                WHERE r.refund""",
            orders=self._query_placed(company, scope, until), day=day,
        )

    def _query_orders_turnover(self, company, scope: Scope, since, until) -> SQL:
        return SQL(
            """WITH %(orders)s
               SELECT partner_id, day, amount FROM (
                   SELECT o.partner_id, o.day, COALESCE(w.price, o.price) / o.rate AS amount
                     FROM placed o LEFT JOIN worth w ON w.order_id = o.id
                UNION ALL
                   SELECT o.partner_id, r.day, r.amount
                     FROM settled r JOIN placed o ON o.id = r.order_id WHERE r.refund
               ) moved WHERE TRUE%(since)s""",
            orders=self._query_placed(company, scope, until),
            since=self._query_period(SQL("day"), since, None),
        )

    def _query_orders_products(self, company, scope: Scope, until) -> SQL:
        """Index sale_order_line (order_id)."""
        return SQL(
            """WITH %(orders)s,
               line AS (
                   SELECT s.order_id, s.product_id, s.product_uom_id, FALSE AS refund,
                          COALESCE(g.quantity, s.product_uom_qty) AS quantity,
                          COALESCE(g.price, s.price_subtotal) / o.rate AS amount,
                          COALESCE(g.price, s.price_subtotal) AS price
                     FROM placed o JOIN sale_order_line s ON s.order_id = o.id
                LEFT JOIN gross g ON g.line_id = s.id
                    WHERE s.is_downpayment IS NOT TRUE
                UNION ALL
                   SELECT s.order_id, s.product_id, s.product_uom_id, TRUE,
                          r.quantity, r.amount, r.price
                     FROM settled r JOIN sale_order_line s ON s.id = r.line_id WHERE r.refund
               )
               SELECT o.partner_id, l.product_id,
                      CASE WHEN w.undone THEN NULL ELSE o.day END AS day, l.refund,
                      l.quantity * COALESCE(u.factor / NULLIF(base.factor, 0), 1) AS quantity,
                      l.amount, l.price
                 FROM line l JOIN placed o ON o.id = l.order_id
            LEFT JOIN worth w ON w.order_id = o.id
                 JOIN product_product p ON p.id = l.product_id
                 JOIN product_template t ON t.id = p.product_tmpl_id
            LEFT JOIN uom_uom u ON u.id = l.product_uom_id
            LEFT JOIN uom_uom base ON base.id = t.uom_id""",
            orders=self._query_placed(company, scope, until),
        )

    def _query_placed(self, company, scope: Scope, until) -> SQL:
        """CTEs placed(id, partner_id, day, price, rate): confirmed orders; gross, settled, worth.

        Indexes: res_partner (commercial_partner_id), sale_order (partner_id).
        """
        day = SQL("(o.date_order AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", company._care_zone())
        return SQL(
            """placed AS (
                   SELECT o.id, p.commercial_partner_id AS partner_id, %(day)s AS day,
                          COALESCE(o.amount_untaxed, 0) AS price, o.currency_id,
                          COALESCE(NULLIF(o.currency_rate, 0), 1)::numeric AS rate
                     FROM sale_order o JOIN res_partner p ON p.id = o.partner_id
                    WHERE o.company_id = %(company)s AND o.state = 'sale'
                      AND %(scope)s%(until)s
               ),
               %(credited)s""",
            day=day, company=company.id,
            scope=self._query_customers(scope, SQL("p.commercial_partner_id")),
            until=self._query_period(day, None, until),
            credited=self._query_credited(company, until),
        )

    def _query_credited(self, company, until) -> SQL:
        """CTEs for the few orders of which something was credited.

        settled(order_id, line_id, refund, day, price, amount, quantity): what was invoiced and
        credited of their lines; gross(order_id, line_id, price, quantity): what was bought before
        anything was credited; worth(order_id, price, undone). Prices are in the order's currency.
        Indexes: sale_order_line (order_id), sale_order_line_invoice_rel.
        """
        return SQL(
            """credited AS (
                   SELECT DISTINCT o.id, o.currency_id, o.rate
                     FROM placed o JOIN sale_order_line s ON s.order_id = o.id
                     JOIN sale_order_line_invoice_rel x ON x.order_line_id = s.id
                     JOIN account_move_line l ON l.id = x.invoice_line_id
                     JOIN account_move m ON m.id = l.move_id
                    WHERE %(counting)s AND m.move_type = 'out_refund'
                      AND s.is_downpayment IS NOT TRUE%(until)s
               ),
               settled AS (
                   SELECT s.order_id, s.id AS line_id, m.move_type = 'out_refund' AS refund,
                          m.invoice_date AS day,
                          SUM(CASE WHEN m.move_type = 'out_refund' THEN -1 ELSE 1 END
                              * CASE WHEN l.currency_id = o.currency_id THEN -l.amount_currency
                                     ELSE -l.balance * o.rate END) AS price,
                          SUM(-l.balance) AS amount, SUM(l.quantity) AS quantity
                     FROM credited o JOIN sale_order_line s ON s.order_id = o.id
                     JOIN sale_order_line_invoice_rel x ON x.order_line_id = s.id
                     JOIN account_move_line l ON l.id = x.invoice_line_id
                     JOIN account_move m ON m.id = l.move_id
                    WHERE %(counting)s AND s.is_downpayment IS NOT TRUE%(until)s
                 GROUP BY s.order_id, s.id, m.move_type = 'out_refund', m.invoice_date
               ),
               invoiced AS (
                   SELECT line_id, SUM(price) AS price, SUM(quantity) AS quantity
                     FROM settled WHERE NOT refund GROUP BY line_id
               ),
               gross AS (
                   SELECT s.order_id, s.id AS line_id,
                          GREATEST(s.product_uom_qty, i.quantity) AS quantity,
                          CASE WHEN COALESCE(NULLIF(s.price_subtotal, 0), i.price) < 0
                               THEN LEAST(s.price_subtotal, i.price) -- a discount
                               ELSE GREATEST(s.price_subtotal, i.price) END AS price
                     FROM credited o JOIN sale_order_line s ON s.order_id = o.id
                LEFT JOIN invoiced i ON i.line_id = s.id
                    WHERE s.is_downpayment IS NOT TRUE
               ),
               worth AS (
                   SELECT g.order_id, SUM(g.price) AS price,
                          SUM(g.price) <= (SELECT SUM(r.price) FROM settled r
                                            WHERE r.order_id = g.order_id AND r.refund) AS undone
                     FROM gross g GROUP BY g.order_id
               )""",
            counting=self._query_counting(company, "m"),
            until=self._query_period(SQL("m.invoice_date"), None, until),
        )
