from odoo import api, fields, models
from odoo.addons.customer_care.engine import repurchase
from odoo.tools import SQL

from .care_purchases import Scope
from .moments import tell_day

#: What the purchases of a product tell; the expected days follow from them and the pace.
COUNTED = (
    "purchases", "quantity", "last_quantity", "revenue", "first_purchase", "last_purchase",
    "gap_days", "early", "late",
)

EXPECTED = ("expected_on", "expected_from", "expected_until")


class CareProductHistory(models.Model):
    """What one customer bought of one product in one company, and when he will need it again.

    Every column is derived from the purchase stream and may be thrown away. The expected day is
    told by engine/repurchase.py; `_query_expected` says the same in SQL.
    """

    _name = "care.product.history"
    _description = "Purchases of a product"
    _log_access = False
    _order = "last_purchase desc, id desc"
    _rec_name = "product_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, ondelete="cascade")
    product_id = fields.Many2one(
        "product.product", required=True, readonly=True, ondelete="cascade", index=True)
    categ_id = fields.Many2one(
        "product.category", "Product category", related="product_id.categ_id")
    purchases = fields.Integer(
        readonly=True,
        help="Days on which the customer bought this product and kept some of it. Several "
        "documents of one day are one purchase; returns are netted into the purchase they undo.")
    quantity = fields.Float(
        readonly=True, digits="Product Unit",
        help="Pieces bought and kept, in the product's own unit of measure.")
    last_quantity = fields.Float(
        "Last quantity", readonly=True, digits="Product Unit", aggregator=None,
        help="Pieces of the last purchase: what the customer still uses.")
    revenue = fields.Monetary(
        readonly=True, help="Net of returns, untaxed, company currency at each document's rate.")
    first_purchase = fields.Date(readonly=True)
    last_purchase = fields.Date(readonly=True)
    gap_days = fields.Float(
        "Usual interval", readonly=True, digits=(16, 1), aggregator="avg",
        help="Mean days between two purchases of this product; empty until there are two.")
    early = fields.Float("Early share", readonly=True, aggregator=None)
    late = fields.Float("Late share", readonly=True, aggregator=None)
    expected_on = fields.Date(
        "Expected", readonly=True,
        help="Last purchase + the days its quantity usually lasts this customer, mixed with two "
        "gaps of the product's typical customer. Empty below three purchases.")
    expected_from = fields.Date("Window from", readonly=True)
    expected_until = fields.Date("Window to", readonly=True)
    next_expected = fields.Date(
        compute="_compute_outlook", help="The expected day, never before tomorrow.")
    outlook = fields.Char(
        compute="_compute_outlook",
        help="The days between which half of this customer's purchases came (P25 to P75), mixed "
        "with those of the product's typical customer; or why nothing can be said.")

    _uniq = models.Constraint(
        "UNIQUE(partner_id, company_id, product_id)",
        "This customer already has a history of this product.")
    # Reminders look for what falls due soon; most rows have no expected day.
    _expected_idx = models.Index("(company_id, expected_on) WHERE expected_on IS NOT NULL")

    @api.depends("expected_on", "expected_from", "expected_until", "purchases")
    @api.depends_context("lang")
    def _compute_outlook(self):
        now = fields.Datetime.now()
        for company, histories in self.grouped("company_id").items():
            today = company._care_today(now)
            for history in histories:
                history.next_expected, history.outlook = history._tell_outlook(today)

    def _tell_outlook(self, today):
        """The next expected day and the sentence beside it; too little history says so."""
        if not self.expected_on:
            return False, self.env._(
                "Too little history: %(count)s of %(needed)s purchases",
                count=self.purchases, needed=repurchase.MIN_PURCHASES)
        window = repurchase.from_tomorrow(
            repurchase.Window(self.expected_on, self.expected_from, self.expected_until), today)
        overdue = (today - self.expected_on).days
        if overdue > 0:
            return window.on, self.env._("Overdue since %(days)s days", days=overdue)
        return window.on, self.env._(
            "Likely %(first)s – %(last)s",
            first=tell_day(self.env, window.earliest),
            last=tell_day(self.env, window.latest))

    # ------------------------------------------------------------
    # Business
    # ------------------------------------------------------------

    @api.model
    def _refresh(self, company, scope: Scope) -> int:
        """Count what these customers bought of each product again; rows written or removed."""
        self.env.flush_all()
        changed = self._query_refresh(company, scope)
        self.invalidate_model(flush=False)
        return changed

    @api.model
    def _settle_pace(self, company) -> None:
        """Measure the typical rhythms, and expect anew where one moved."""
        self._query_analyze()
        products = self.env["care.product.pace"]._measure(company)
        if products:
            self._query_expect(company, products)
            self.invalidate_model(EXPECTED, flush=False)

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_analyze(self) -> None:
        """The planner knows nothing yet of rows that this night wrote."""
        self.env.cr.execute(SQL("ANALYZE care_product_history"))

    def _query_refresh(self, company, scope: Scope) -> int:
        """From the stream to the rows of a scope: upsert what differs, remove what is gone."""
        columns = [SQL.identifier(name) for name in (*COUNTED, *EXPECTED)]
        return self.env.execute_query(SQL(
            """WITH %(counted)s,
               judged AS (SELECT c.*, %(expected)s FROM counted c %(pace)s),
               gone AS (
                   DELETE FROM care_product_history h
                    WHERE h.company_id = %(company)s AND %(scope)s
                      AND NOT EXISTS (SELECT 1 FROM judged j
                                       WHERE j.partner_id = h.partner_id
                                         AND j.product_id = h.product_id)
                RETURNING 1
               ),
               written AS (
                   INSERT INTO care_product_history AS h
                          (company_id, partner_id, product_id, %(columns)s)
                   SELECT %(company)s, partner_id, product_id, %(columns)s FROM judged
                   ON CONFLICT (partner_id, company_id, product_id) DO UPDATE
                      SET (%(columns)s) = ROW(%(fresh)s)
                    WHERE (%(stored)s) IS DISTINCT FROM (%(fresh)s)
                RETURNING 1
               )
               SELECT (SELECT COUNT(*) FROM gone) + (SELECT COUNT(*) FROM written)""",
            counted=self._query_counted(company, scope), company=company.id,
            expected=self._query_expected("c"),
            pace=self._query_pace(SQL("c.product_id"), company),
            scope=self.env["care.purchases"]._query_scope(scope, SQL("h.partner_id")),
            columns=SQL(", ").join(columns),
            fresh=SQL(", ").join(SQL("EXCLUDED.%s", name) for name in columns),
            stored=SQL(", ").join(SQL("h.%s", name) for name in columns),
        ))[0][0]

    def _query_counted(self, company, scope: Scope) -> SQL:
        """CTEs ending in counted(partner_id, product_id, …): repurchase.bought() in SQL."""
        return SQL(
            """steps AS (
                   SELECT *, (day - lag(day) OVER bought)::float8
                             / (lag(quantity) OVER bought)::float8 AS lasted
                     FROM (%(stream)s) p WHERE quantity > 0 AND product_id IS NOT NULL
                   WINDOW bought AS (PARTITION BY partner_id, product_id ORDER BY day)
               ),
               summed AS (
                   SELECT partner_id, product_id, COUNT(*)::int AS purchases,
                          SUM(quantity)::float8 AS quantity, SUM(amount) AS revenue,
                          (array_agg(quantity::float8 ORDER BY day DESC))[1] AS last_quantity,
                          MIN(day) AS first_purchase, MAX(day) AS last_purchase,
                          percentile_cont(ARRAY[0.25, 0.75])
                              WITHIN GROUP (ORDER BY lasted) AS quartiles
                     FROM steps GROUP BY partner_id, product_id
               ),
               paced AS (
                   SELECT *, (last_purchase - first_purchase)::float8
                             / NULLIF(quantity - last_quantity, 0) AS own_unit
                     FROM summed
               ),
               counted AS (
                   SELECT *, (last_purchase - first_purchase)::float8
                             / NULLIF(purchases - 1, 0) AS gap_days,
                          CASE WHEN purchases >= %(least)s
                               THEN least(quartiles[1] / own_unit, 1) END AS early,
                          CASE WHEN purchases >= %(least)s
                               THEN greatest(quartiles[2] / own_unit, 1) END AS late
                     FROM paced
               )""",
            stream=self.env["care.purchases"]._query_product_days(company, scope),
            least=repurchase.MIN_PURCHASES,
        )

    def _query_pace(self, product: SQL, company) -> SQL:
        """The join that brings a product's typical rhythm as alias t."""
        return SQL(
            "LEFT JOIN care_product_pace t ON t.product_id = %s AND t.company_id = %s",
            product, company.id)

    def _query_days(self, alias: str, by_quantity: bool = True) -> SQL:
        """repurchase.expected_days() over a row `alias` with its typical rhythm t."""
        row = SQL.identifier(alias)
        if by_quantity:
            own = SQL(
                "(%(h)s.last_purchase - %(h)s.first_purchase)"
                " / NULLIF(%(h)s.quantity - %(h)s.last_quantity, 0)", h=row)
            return SQL(
                "%s * %s.last_quantity", self._query_shrunk(row, own, SQL("t.unit_days")), row)
        return self._query_shrunk(row, SQL("%s.gap_days", row), SQL("t.gap_days"))

    def _query_shrunk(self, row: SQL, own: SQL, typical: SQL) -> SQL:
        """repurchase.shrunk()."""
        return SQL(
            """CASE WHEN %(typical)s IS NULL THEN %(own)s
                    ELSE (%(weight)s * %(typical)s + (%(row)s.purchases - 1) * (%(own)s))
                         / (%(weight)s + %(row)s.purchases - 1) END""",
            own=own, typical=typical, row=row, weight=repurchase.WEIGHT)

    def _query_expected(self, alias: str) -> SQL:
        """repurchase.expected(): columns expected_on, expected_from, expected_until."""
        row, days = SQL.identifier(alias), SQL("(%s)", self._query_days(alias))
        early = self._query_shrunk(row, SQL("%s.early", row), SQL("t.early"))
        late = self._query_shrunk(row, SQL("%s.late", row), SQL("t.late"))
        shares = (SQL("1"), SQL("least(%s, 1)", early), SQL("greatest(%s, 1)", late))
        return SQL(", ").join(
            SQL(
                """CASE WHEN %(row)s.purchases >= %(least)s THEN %(row)s.last_purchase
                        + greatest(floor(least(%(days)s * %(share)s, 36500) + 0.5)::int, 1)
                   END AS %(name)s""",
                row=row, least=repurchase.MIN_PURCHASES, days=days, share=share,
                name=SQL.identifier(name))
            for name, share in zip(EXPECTED, shares, strict=True)
        )

    def _query_expect(self, company, product_ids) -> None:
        """Expected days of some products, where they moved. Index product_id."""
        columns = [SQL.identifier(name) for name in EXPECTED]
        self.env.execute_query(SQL(
            """UPDATE care_product_history h
                  SET (%(columns)s) = ROW(%(fresh)s)
                 FROM (SELECT h.id, %(expected)s FROM care_product_history h %(pace)s
                        WHERE h.company_id = %(company)s AND h.product_id = ANY(%(products)s)
                          AND h.early IS NOT NULL) j
                WHERE j.id = h.id AND (%(stored)s) IS DISTINCT FROM (%(fresh)s)
            RETURNING 1""",
            columns=SQL(", ").join(columns), company=company.id, products=product_ids,
            expected=self._query_expected("h"), pace=self._query_pace(SQL("h.product_id"), company),
            fresh=SQL(", ").join(SQL("j.%s", name) for name in columns),
            stored=SQL(", ").join(SQL("h.%s", name) for name in columns),
        ))
