from odoo import models
from odoo.tools import SQL

from .care_purchases import Scope


class CarePurchases(models.AbstractModel):
    """Posted customer invoices, receipts and credit notes as purchases."""

    _inherit = "care.purchases"

    def _query_invoices_documents(self, company, scope: Scope, until, netted) -> SQL:
        return SQL(
            """WITH %(adjusted)s%(returned)s
               SELECT m.commercial_partner_id AS partner_id, %(day)s AS day,
                      m.amount_untaxed_signed AS amount, m.move_type = 'out_refund' AS refund
                 FROM account_move m
            LEFT JOIN adjusted a ON a.move_id = m.id%(joined)s
                WHERE %(posted)s""",
            adjusted=self._query_adjusted(company, scope, until),
            returned=self._query_returned(company, scope, until) if netted else SQL(),
            joined=SQL(" LEFT JOIN returned b ON b.move_id = m.id") if netted else SQL(),
            day=self._query_day(netted), posted=self._query_posted(company, scope, until, "m"),
        )

    def _query_invoices_turnover(self, company, scope: Scope, since, until) -> SQL:
        return SQL(
            """SELECT m.commercial_partner_id AS partner_id, m.invoice_date AS day,
                      m.amount_untaxed_signed AS amount
                 FROM account_move m WHERE %s%s""",
            self._query_posted(company, scope, until, "m"),
            self._query_period(SQL("m.invoice_date"), since, None),
        )

    def _query_invoices_products(self, company, scope: Scope, until) -> SQL:
        """Index account_move_line (move_id)."""
        return SQL(
            """WITH %(adjusted)s%(returned)s
               SELECT m.commercial_partner_id AS partner_id, l.product_id, %(day)s AS day,
                      m.move_type = 'out_refund' AS refund,
                      l.quantity * COALESCE(u.factor / NULLIF(base.factor, 0), 1) AS quantity,
                      -l.balance AS amount, abs(l.amount_currency) * sign(l.price_subtotal) AS price
                 FROM account_move m
                 JOIN account_move_line l ON l.move_id = m.id
                 JOIN product_product p ON p.id = l.product_id
                 JOIN product_template t ON t.id = p.product_tmpl_id
            LEFT JOIN uom_uom u ON u.id = l.product_uom_id
            LEFT JOIN uom_uom base ON base.id = t.uom_id
            LEFT JOIN adjusted a ON a.move_id = m.id
            LEFT JOIN returned b ON b.move_id = m.id
                WHERE %(posted)s AND l.display_type = 'product'
                  AND l.is_downpayment IS NOT TRUE""",
            adjusted=self._query_adjusted(company, scope, until),
            returned=self._query_returned(company, scope, until),
            day=self._query_day(netted=True), posted=self._query_posted(company, scope, until, "m"),
        )

    def _query_posted(self, company, scope: Scope, until, alias: str) -> SQL:
        """Posted customer documents of the scope. Index account_move_care_customer_idx."""
        return SQL(
            "%s AND %s%s", self._query_counting(company, alias),
            self._query_customers(scope, SQL.identifier(alias, "commercial_partner_id")),
            self._query_period(SQL.identifier(alias, "invoice_date"), None, until),
        )

    def _query_counting(self, company, alias: str) -> SQL:
        """The documents of a company that make or take back revenue."""
        return SQL(
            """%(m)s.company_id = %(company)s AND %(m)s.state = 'posted'
               AND %(m)s.move_type IN ('out_invoice', 'out_refund', 'out_receipt')""",
            m=SQL.identifier(alias), company=company.id,
        )

    def _query_day(self, netted: bool) -> SQL:
        return SQL(
            """CASE WHEN m.move_type = 'out_refund' THEN %s
                    WHEN a.move_id IS NOT NULL THEN a.day
                    ELSE m.invoice_date END""",
            SQL("b.day") if netted else SQL("NULL"),
        )

    def _query_adjusted(self, company, scope: Scope, until) -> SQL:
        """CTEs ending in adjusted(move_id, day): invoices whose purchase is not their own day.

        day is NULL where everything was taken back, by credit notes of the invoice or by refunds
        of its whole order, compared in the document's currency or, where they differ, in the
        company's up to the smallest coin of the credit note; else it is the day of the down
        payment that the invoice settles. An invoice with a down payment on it is judged by its
        order alone, as long as its credit notes name goods of it: what came back can be worth more
        than was left to pay, and less than was bought. Index account_move (reversed_entry_id).
        """
        return SQL(
            """%(deals)s,
               credited AS (
                   SELECT i.id AS move_id
                     FROM account_move c JOIN account_move i ON i.id = c.reversed_entry_id
                     JOIN res_currency x ON x.id = c.currency_id
                LEFT JOIN dated di ON di.move_id = i.id
                LEFT JOIN dated dc ON dc.move_id = c.id
                    WHERE %(posted)s AND c.move_type = 'out_refund'
                      AND i.state = 'posted'
                 GROUP BY i.id
                   HAVING CASE WHEN bool_and(i.currency_id = c.currency_id)
                               THEN MIN(i.amount_untaxed_in_currency_signed)
                                    + SUM(c.amount_untaxed_in_currency_signed) <= 0
                               ELSE MIN(i.amount_untaxed_signed) + SUM(c.amount_untaxed_signed)
                                    <= MAX(x.rounding * c.amount_untaxed_signed
                                           / NULLIF(c.amount_untaxed_in_currency_signed, 0)) END
                      AND bool_and(di.whole AND di.day IS NOT NULL AND dc.whole)
                          IS NOT TRUE
               ),
               adjusted AS (
                   SELECT move_id, CASE WHEN bool_or(undone) THEN NULL ELSE MIN(day) END AS day
                     FROM (SELECT move_id, TRUE AS undone, NULL::date AS day FROM credited
                           UNION ALL
                           SELECT move_id, undone, day FROM dated
                            WHERE undone OR day IS NOT NULL) said
                 GROUP BY move_id
               )""",
            posted=self._query_posted(company, scope, until, "c"),
            deals=self._query_deals(company, scope, until),
        )

    def _query_deals(self, company, scope: Scope, until) -> SQL:
        """CTEs ending in dated(move_id, whole, undone, day, bought): documents that need a look.

        They are those of orders with a down payment, or with a refund made from the order itself;
        whole are those that hold nothing else, bought is the day of what such a refund takes back.
        Indexes: account_move_line (move_id), sale_order_line_invoice_rel both ways.
        """
        return SQL(
            """%(told)s,
               part AS ( -- what each document contributes to such an order
                   SELECT s.order_id, l.move_id, bool_or(s.is_downpayment) AS deposit,
                          -SUM(l.amount_currency) AS amount, -SUM(l.balance) AS money
                     FROM told
                     JOIN sale_order_line s ON s.order_id = told.order_id
                     JOIN sale_order_line_invoice_rel r ON r.order_line_id = s.id
                     JOIN account_move_line l ON l.id = r.invoice_line_id
                    WHERE l.parent_state = 'posted' AND l.company_id = %(company)s
                 GROUP BY s.order_id, l.move_id
               ),
               deal AS (
                   SELECT p.order_id,
                          CASE WHEN MIN(m.currency_id) = MAX(m.currency_id)
                               THEN SUM(p.amount) ELSE SUM(p.money) END <= 0
                          AND bool_or(m.move_type = 'out_refund') AS undone,
                          MIN(m.invoice_date)
                              FILTER (WHERE p.deposit AND m.move_type <> 'out_refund') AS day,
                          MAX(m.invoice_date) FILTER (WHERE m.move_type <> 'out_refund') AS latest
                     FROM part p JOIN account_move m ON m.id = p.move_id
                    WHERE TRUE%(period)s
                 GROUP BY p.order_id
               ),
               held AS (
                   SELECT p.move_id, bool_and(d.undone) AS undone,
                          abs(SUM(p.amount) - MIN(m.amount_untaxed_in_currency_signed)) < 0.005
                              AS whole,
                          MIN(d.day) FILTER (WHERE p.deposit) AS day,
                          COALESCE(MIN(d.day), MAX(d.latest)) AS bought
                     FROM part p
                     JOIN deal d ON d.order_id = p.order_id
                     JOIN account_move m ON m.id = p.move_id
                 GROUP BY p.move_id
               ),
               dated AS (
                   SELECT move_id, whole, whole AND undone AS undone, day, bought FROM held
               )""",
            told=self._query_told(company, scope, until), company=company.id,
            period=self._query_period(SQL("m.invoice_date"), None, until),
        )

    def _query_told(self, company, scope: Scope, until) -> SQL:
        """CTE told(order_id): orders with a down payment, or with a refund made from the order."""
        return SQL(
            """told AS (
                   SELECT s.order_id
                     FROM account_move m
                     JOIN account_move_line l ON l.move_id = m.id
                     JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = l.id
                     JOIN sale_order_line s ON s.id = r.order_line_id
                    WHERE %(posted)s AND m.move_type = 'out_refund'
                      AND m.reversed_entry_id IS NULL
                    UNION
                   SELECT s.order_id
                     FROM sale_order_line s
                     JOIN sale_order_line_invoice_rel r ON r.order_line_id = s.id
                     JOIN account_move_line l ON l.id = r.invoice_line_id
                     JOIN account_move m ON m.id = l.move_id
                    WHERE %(posted)s AND s.is_downpayment
               )""",
            posted=self._query_posted(company, scope, until, "m"),
        )

    def _query_returned(self, company, scope: Scope, until) -> SQL:
        """One more CTE, returned(move_id, day): the purchase that a refund takes back, in part."""
        return SQL(
            """, returned AS (
                   SELECT c.id AS move_id,
                          CASE WHEN a.move_id IS NOT NULL THEN a.day ELSE i.invoice_date END AS day
                     FROM account_move c JOIN account_move i ON i.id = c.reversed_entry_id
                LEFT JOIN adjusted a ON a.move_id = i.id
                    WHERE %(posted)s AND c.move_type = 'out_refund' AND i.state = 'posted'
                    UNION ALL
                   SELECT d.move_id, CASE WHEN d.undone THEN NULL ELSE d.bought END
                     FROM dated d JOIN account_move c ON c.id = d.move_id
                    WHERE %(posted)s AND c.move_type = 'out_refund'
                      AND c.reversed_entry_id IS NULL
               )""",
            posted=self._query_posted(company, scope, until, "c"),
        )
