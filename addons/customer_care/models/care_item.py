from datetime import date

from odoo import api, fields, models
from odoo.tools import SQL

from .care_purchases import Scope


class CareItem(models.Model):
    """Goods of one product (and lot) that a customer received on one day and still has.

    Only products with a warranty or a service interval are followed. Rows are derived: from done
    deliveries where stock is kept in the database, else from the purchase stream; what comes back
    closes them. People add what no document tells: a service done, an item no longer in use.
    """

    _name = "care.item"
    _description = "Item at a customer"
    _log_access = False
    _order = "delivered_on desc, id desc"
    _rec_name = "product_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, ondelete="cascade")
    product_id = fields.Many2one(
        "product.product", required=True, readonly=True, ondelete="cascade", index=True)
    lot_name = fields.Char("Lot or serial number", readonly=True)
    delivered_on = fields.Date(required=True, readonly=True)
    quantity = fields.Float(
        readonly=True, digits="Product Unit",
        help="Delivered and not returned, in the product's own unit of measure.")
    warranty_end = fields.Date(
        readonly=True, help="Delivery + the months of warranty of the product at that time.")
    last_service_on = fields.Date(
        "Last service", readonly=True,
        help="The latest purchase of the service that belongs to the product, or the day on which "
        "somebody recorded a service here.")
    next_service_on = fields.Date(
        "Next service", readonly=True,
        help="Last service, else delivery, + the product's service interval. A service missed by "
        "more than half an interval is given up; the next one is shown.")
    state = fields.Selection(
        [("active", "In use"), ("returned", "Returned"), ("retired", "No longer in use")],
        required=True, readonly=True, default="active")
    service_product_id = fields.Many2one(related="product_id.care_service_product_id")
    warranty_state = fields.Char("Warranty", compute="_compute_ahead")
    service_state = fields.Char("Service", compute="_compute_ahead")

    _uniq = models.Constraint(
        "UNIQUE(partner_id, company_id, product_id, delivered_on, lot_name)",
        "These goods are known already.")
    _service_idx = models.Index("(company_id, next_service_on) WHERE state = 'active'")
    _warranty_idx = models.Index("(company_id, warranty_end) WHERE state = 'active'")

    @api.depends("warranty_end", "next_service_on")
    @api.depends_context("lang")
    def _compute_ahead(self):
        now, _ = fields.Datetime.now(), self.env._
        for item in self:
            today = item.company_id._care_today(now)
            left = item.warranty_end and (item.warranty_end - today).days
            if not item.warranty_end:
                item.warranty_state = _("No warranty followed")
            else:
                item.warranty_state = _("%s days left", left) if left >= 0 else _("Ended")
            due = item.next_service_on and (item.next_service_on - today).days
            if not item.next_service_on:
                item.service_state = _("No service followed")
            else:
                item.service_state = (
                    _("In %s days", due) if due >= 0 else _("Overdue since %s days", -due))

    @api.depends("product_id", "lot_name", "delivered_on")
    def _compute_display_name(self):
        for item in self:
            name = item.product_id.display_name or ""
            item.display_name = f"{name} ({item.lot_name})" if item.lot_name else name

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_service_done(self):
        """A service was done today: the next one is an interval from now."""
        self.env["care.customer"]._check_works_with_care()
        self.check_access("read")
        for company, items in self.grouped("company_id").items():
            today = company._care_today()
            # Rows are written by code only, whoever records what happened.
            items.sudo().last_service_on = today
            items.flush_recordset()
            items._query_next_service(company, today)
        self.invalidate_recordset(flush=False)

    def action_retire(self):
        self._set_by_hand("retired")

    def action_use_again(self):
        self._set_by_hand("active")

    def _set_by_hand(self, state):
        self.env["care.customer"]._check_works_with_care()
        self.check_access("read")
        # Rows are written by code only, whoever records what happened.
        self.filtered(lambda item: item.state != "returned").sudo().state = state

    # ------------------------------------------------------------
    # Business
    # ------------------------------------------------------------

    @api.model
    def _followed_products(self):
        """Products of which delivered goods are followed."""
        # Whatever products the reader may see: the night follows them all.
        return self.env["product.product"].sudo().with_context(active_test=False).search([
            "|", ("care_warranty_months", ">", 0), ("care_service_months", ">", 0)])

    @api.model
    def _refresh(self, company, scope: Scope, today: date) -> None:
        """Goods of these customers: new ones, returned ones, and when service is due."""
        self.env.flush_all()
        products = self._followed_products()
        self._query_refresh(company, scope, products)
        self._query_serviced(company, scope)
        self._query_next_service(company, today, scope)
        self.invalidate_model(flush=False)

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_refresh(self, company, scope: Scope, products) -> None:
        """Upsert what was delivered; what is not there any more was returned."""
        self.env.execute_query(SQL(
            """WITH delivered AS (
                   SELECT partner_id, product_id, lot_name, day, SUM(quantity) AS quantity
                     FROM (%(delivered)s) moved GROUP BY partner_id, product_id, lot_name, day
                   HAVING SUM(quantity) > 0
               ),
               gone AS (
                   UPDATE care_item i SET state = 'returned', quantity = 0
                    WHERE i.company_id = %(company)s AND %(scope)s AND i.state <> 'returned'
                      AND i.product_id = ANY(%(products)s)
                      AND NOT EXISTS (SELECT 1 FROM delivered d
                                       WHERE d.partner_id = i.partner_id
                                         AND d.product_id = i.product_id
                                         AND d.lot_name = i.lot_name AND d.day = i.delivered_on)
               )
               INSERT INTO care_item AS i
                      (company_id, partner_id, product_id, lot_name, delivered_on, quantity,
                       warranty_end, state)
               SELECT %(company)s, d.partner_id, d.product_id, d.lot_name, d.day, d.quantity,
                      (d.day + make_interval(months => NULLIF(t.care_warranty_months, 0)))::date,
                      'active'
                 FROM delivered d JOIN product_product p ON p.id = d.product_id
                 JOIN product_template t ON t.id = p.product_tmpl_id
               ON CONFLICT (partner_id, company_id, product_id, delivered_on, lot_name) DO UPDATE
                  SET quantity = EXCLUDED.quantity,
                      warranty_end = COALESCE(i.warranty_end, EXCLUDED.warranty_end),
                      state = CASE WHEN i.state = 'returned' THEN 'active' ELSE i.state END
                WHERE i.quantity <> EXCLUDED.quantity OR i.state = 'returned'
                   OR (i.warranty_end IS NULL AND EXCLUDED.warranty_end IS NOT NULL)
            RETURNING 1""",
            delivered=self._query_delivered(company, scope, products), company=company.id,
            scope=self.env["care.purchases"]._query_scope(scope, SQL("i.partner_id")),
            products=products.ids,
        ))

    def _query_delivered(self, company, scope: Scope, products) -> SQL:
        """Rows (partner_id, product_id, lot_name, day, quantity): goods by delivery, where stock
        keeps them; everything else, and all of it without stock, by purchase."""
        moved = products.browse()
        if "stock.move" in self.env:
            moved = products.filtered(lambda product: product.type == "consu")
        bought = SQL(
            """SELECT partner_id, product_id, '' AS lot_name, day, quantity
                 FROM (%s) p WHERE product_id = ANY(%s)""",
            self.env["care.purchases"]._query_product_days(company, scope),
            (products - moved).ids)
        if not moved:
            return bought
        return SQL("%s UNION ALL %s", bought, self._query_moved(company, scope, moved))

    def _query_moved(self, company, scope: Scope, products) -> SQL:
        """Done deliveries; a return counts against the day of the delivery that it takes back.

        Indexes: stock_move (product_id), stock_move_line (move_id).
        """
        zone = company._care_zone()
        buyer = SQL("a.partner_id")
        order = SQL("")
        if "sale_line_id" in self.env["stock.move"]._fields:
            # Who ordered it owns it, wherever it was sent.
            buyer = SQL("COALESCE(o.partner_id, a.partner_id)")
            order = SQL(
                """LEFT JOIN sale_order_line ol ON ol.id = a.sale_line_id
                   LEFT JOIN sale_order o ON o.id = ol.order_id""")
        return SQL(
            """SELECT c.commercial_partner_id, l.product_id,
                      COALESCE(lot.name, ''),
                      (a.date AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date,
                      CASE WHEN m.id = a.id THEN l.quantity_product_uom
                           ELSE -l.quantity_product_uom END
                 FROM stock_move m
                 JOIN stock_move_line l ON l.move_id = m.id
                 JOIN stock_location src ON src.id = l.location_id
                 JOIN stock_location dst ON dst.id = l.location_dest_id
                 JOIN stock_move a ON a.id = CASE WHEN dst.usage = 'customer' THEN m.id
                                                  ELSE m.origin_returned_move_id END
            LEFT JOIN stock_lot lot ON lot.id = l.lot_id
                 %(order)s
                 JOIN res_partner c ON c.id = COALESCE(%(buyer)s, m.partner_id)
                WHERE m.state = 'done' AND m.company_id = %(company)s
                  AND m.product_id = ANY(%(products)s)
                  AND (dst.usage = 'customer') <> (src.usage = 'customer') AND %(scope)s""",
            zone=zone, order=order, buyer=buyer, company=company.id, products=products.ids,
            scope=self.env["care.purchases"]._query_scope(scope, SQL("c.commercial_partner_id")),
        )

    def _query_serviced(self, company, scope: Scope) -> None:
        """Buying the service of a product is the service of the customer's items of it."""
        self.env.execute_query(SQL(
            """UPDATE care_item i SET last_service_on = h.last_purchase
                 FROM product_product p
                 JOIN product_template t ON t.id = p.product_tmpl_id
                 JOIN care_product_history h ON h.product_id = t.care_service_product_id
                WHERE i.product_id = p.id AND h.partner_id = i.partner_id
                  AND h.company_id = i.company_id AND i.company_id = %s AND i.state = 'active'
                  AND h.last_purchase > COALESCE(i.last_service_on, i.delivered_on) AND %s
            RETURNING 1""",
            company.id, self.env["care.purchases"]._query_scope(scope, SQL("i.partner_id")),
        ))

    def _query_next_service(self, company, today: date, scope: Scope | None = None) -> None:
        """When service is due: an interval after the last one, or the next one after that."""
        of_these = (
            self.env["care.purchases"]._query_scope(scope, SQL("i.partner_id")) if scope
            else SQL("i.id = ANY(%s)", self.ids))
        begun = SQL("COALESCE(i.last_service_on, i.delivered_on)")
        every = SQL("NULLIF(t.care_service_months, 0)")
        day = SQL(
            """(%(begun)s + make_interval(months => %(every)s * greatest(
                    1, ceil((%(today)s::date - %(begun)s) / (30.4375 * %(every)s) - 0.5)::int)
                ))::date""", begun=begun, every=every, today=today)
        self.env.execute_query(SQL(
            """UPDATE care_item i SET next_service_on = %(day)s
                 FROM product_product p JOIN product_template t ON t.id = p.product_tmpl_id
                WHERE p.id = i.product_id AND i.company_id = %(company)s AND %(scope)s
                  AND i.next_service_on IS DISTINCT FROM %(day)s
            RETURNING 1""",
            day=day, company=company.id, scope=of_these,
        ))
