from odoo import models
from odoo.tools import SQL

from .care_purchases import Scope


class CarePurchases(models.AbstractModel):
    """What was earned with customers: the margin that order lines were sold with.

    Each source has `_query_<source>_margins(company, scope)` → partner_id, margin, revenue, where
    revenue is the turnover whose cost is known. An invoice line earns its part of the margin of
    its order line; a line without an order tells nothing.
    """

    _inherit = "care.purchases"

    def _knows_margin(self) -> bool:
        """Whether order lines carry a margin: the module that adds it is no dependency."""
        return "margin" in self.env["sale.order.line"]._fields

    def _query_margins(self, company, scope: Scope) -> SQL:
        """Rows (partner_id, margin_net, margin_revenue): one per customer."""
        return SQL(
            """SELECT partner_id, SUM(margin) AS margin_net, SUM(revenue) AS margin_revenue
                 FROM (%s) earned GROUP BY partner_id""",
            self._query_sources(company, "margins", scope),
        )

    def _query_invoices_margins(self, company, scope: Scope) -> SQL:
        """Indexes: account_move_line (move_id), sale_order_line_invoice_rel."""
        return SQL(
            """SELECT m.commercial_partner_id AS partner_id, -l.balance AS revenue,
                      CASE WHEN s.price <> 0 THEN -l.balance * s.margin / s.price
                           ELSE CASE WHEN m.move_type = 'out_refund' THEN -1 ELSE 1 END
                                * s.margin / s.rate * COALESCE(l.quantity / NULLIF(s.qty, 0), 0)
                           END AS margin
                 FROM account_move m
                 JOIN account_move_line l ON l.move_id = m.id
                 JOIN LATERAL (
                      SELECT SUM(s.margin)::numeric AS margin, SUM(s.price_subtotal) AS price,
                             SUM(s.product_uom_qty) AS qty,
                             MIN(COALESCE(NULLIF(o.currency_rate, 0), 1))::numeric AS rate
                        FROM sale_order_line_invoice_rel x
                        JOIN sale_order_line s ON s.id = x.order_line_id
                        JOIN sale_order o ON o.id = s.order_id
                       WHERE x.invoice_line_id = l.id AND s.is_downpayment IS NOT TRUE
                      HAVING COUNT(*) > 0) s ON TRUE
                WHERE %s AND l.display_type = 'product'""",
            self._query_posted(company, scope, None, "m"),
        )

    def _query_orders_margins(self, company, scope: Scope) -> SQL:
        """What was credited of an order takes its part of the margin along."""
        return SQL(
            """WITH %s,
               kept AS (
                   SELECT o.id, o.partner_id, COALESCE(w.price, o.price) / o.rate
                          + COALESCE((SELECT SUM(r.amount) FROM settled r
                                       WHERE r.order_id = o.id AND r.refund), 0) AS revenue,
                          o.price / o.rate AS ordered, o.rate
                     FROM placed o LEFT JOIN worth w ON w.order_id = o.id
               )
               SELECT k.partner_id, k.revenue,
                      o.margin / k.rate * COALESCE(k.revenue / NULLIF(k.ordered, 0), 1) AS margin
                 FROM kept k JOIN sale_order o ON o.id = k.id""",
            self._query_placed(company, scope, None),
        )

    def _query_pos_margins(self, company, scope: Scope) -> SQL:
        """The till keeps the cost of each line. Index pos_order_line (order_id)."""
        return SQL(
            """WITH %s
               SELECT o.partner_id, earned.revenue,
                      earned.revenue - l.total_cost::numeric / o.rate AS margin
                 FROM rung o JOIN pos_order_line l ON l.order_id = o.id
           CROSS JOIN LATERAL (
                      SELECT sign(l.qty)::numeric * abs(l.price_subtotal) / o.rate AS revenue
                      ) earned
                WHERE l.is_total_cost_computed""",
            self._query_rung(company, scope, None),
        )
