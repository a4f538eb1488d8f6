from datetime import date, timedelta

from odoo import api, fields, models
from odoo.addons.customer_care.engine.affinity import Counts, Pair
from odoo.tools import SQL

from .care_purchases import Scope

#: Pairs are counted among so many products, those with the most customers: 125,000 pairs at most.
PRODUCTS = 500
#: Who bought more different products resells them: he says nothing about what goes together.
RESELLER = 200
#: Pairs that are judged one by one: those furthest from luck.
JUDGED = 20_000
#: What a row holds beside its products.
COUNTED = ("baskets", "customers", "ripe", "held_ab", "later_ab", "held_ba", "later_ba", "left_out")


class CareAffinityTally(models.Model):
    """One count of two products in one company while the pairs of a week are being counted.

    item_a < item_b: a pair. item_a = item_b: one product. Both 0: all products; `place` is where
    the count stands, so that a part that runs twice is counted once. Items are templates or
    variants, as the company wants. What is counted says engine/affinity.py: `count_pairs`.
    """

    _name = "care.affinity.tally"
    _description = "Count of pairs under way"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    item_a = fields.Integer(readonly=True)
    item_b = fields.Integer(readonly=True)
    baskets = fields.Integer(readonly=True, help="Purchase days with both.")
    customers = fields.Integer(readonly=True, help="Customers who bought both.")
    ripe = fields.Integer(readonly=True, help="Customers whose first purchase is long enough ago.")
    held_ab = fields.Integer(readonly=True, help="Of the ripe ones of A: had B by that day.")
    later_ab = fields.Integer(readonly=True, help="Of the ripe ones of A: bought B in time.")
    held_ba = fields.Integer(readonly=True)
    later_ba = fields.Integer(readonly=True)
    left_out = fields.Integer(readonly=True, help="Customers with too many products to tell.")
    place = fields.Integer(readonly=True)

    _uniq = models.Constraint(
        "UNIQUE(company_id, item_a, item_b)", "This pair is counted already.")

    # ------------------------------------------------------------
    # Business
    # ------------------------------------------------------------

    @api.model
    def _begin(self, company) -> None:
        """Forget the last count; name the products that can be part of a pair."""
        self.env.flush_all()
        self._query_begin(company)

    @api.model
    def _is_begun(self, company) -> bool:
        return self._query_place(company) is not None

    @api.model
    def _add(self, company, scope: Scope, today: date) -> None:
        """Count the purchases of some customers, unless they are counted."""
        if self._query_place(company) <= scope.after:
            self._query_add(company, scope, today)

    @api.model
    def _end(self, company) -> None:
        self._query_end(company)

    @api.model
    def _totals(self, company) -> tuple[int, int, int, int]:
        """(baskets, customers, customers left out, products) that were counted."""
        return self._query_totals(company)

    @api.model
    def _pairs(self, company, chosen=None) -> list[tuple[int, int, Counts, Counts, Pair]]:
        """(A, B, by basket, by customer, what followed), both ways, of the pairs worth a look.

        :param chosen: these pairs instead, whatever they count
        """
        baskets, customers, _left_out, _products = self._totals(company)
        found = []
        for row in self._query_pairs(company, chosen):
            (a, b, both, both_customers, held_ab, later_ab, held_ba, later_ba,
             a_baskets, a_customers, a_ripe, b_baskets, b_customers, b_ripe) = row
            by_basket = Counts(baskets, a_baskets, b_baskets, both)
            by_customer = Counts(customers, a_customers, b_customers, both_customers)
            found.append((a, b, by_basket, by_customer,
                          Pair(both, both_customers, a_ripe - held_ab, later_ab)))
            found.append((b, a, by_basket.flipped(), by_customer.flipped(),
                          Pair(both, both_customers, b_ripe - held_ba, later_ba)))
        return found

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_item(self, company) -> SQL:
        """What a pair is made of, as a column of product_product v."""
        variants = company.care_affinity_level == "variant"
        return SQL("v.id") if variants else SQL("v.product_tmpl_id")

    def _query_begin(self, company) -> None:
        """The products by customers, from what each customer bought of each."""
        zeros = SQL(", ").join([SQL("0")] * (len(COUNTED) + 1))
        columns = SQL(", ").join(SQL.identifier(name) for name in (*COUNTED, "place"))
        self._query_end(company)
        self.env.execute_query(SQL(
            """INSERT INTO care_affinity_tally (company_id, item_a, item_b, %(columns)s)
               SELECT %(company)s, item, item, %(zeros)s
                 FROM (SELECT %(item)s AS item, COUNT(*) AS customers
                         FROM care_product_history h JOIN product_product v ON v.id = h.product_id
                        WHERE h.company_id = %(company)s
                     GROUP BY 1 HAVING COUNT(*) >= %(least)s
                     ORDER BY 2 DESC, 1 LIMIT %(most)s) products
                UNION ALL SELECT %(company)s, 0, 0, %(zeros)s
            RETURNING id""",
            columns=columns, company=company.id, zeros=zeros, item=self._query_item(company),
            least=company.care_affinity_customers, most=PRODUCTS,
        ))

    def _query_end(self, company) -> None:
        self.env.execute_query(SQL(
            "WITH gone AS (DELETE FROM care_affinity_tally WHERE company_id = %s RETURNING 1)"
            " SELECT COUNT(*) FROM gone", company.id))

    def _query_place(self, company) -> int | None:
        """Where the count stands; None when none is under way."""
        return self.env.execute_query(SQL(
            "SELECT MAX(place) FROM care_affinity_tally"
            " WHERE company_id = %s AND item_a = 0 AND item_b = 0", company.id))[0][0]

    def _query_add(self, company, scope: Scope, today: date) -> None:
        """Add the pairs of a scope to the counts. Index care_affinity_tally_uniq."""
        self.env.execute_query(SQL(
            """WITH %(bought)s, %(pairs)s,
               fresh AS (
                   SELECT item_a, item_b, SUM(baskets) AS baskets, SUM(customers) AS customers,
                          0 AS ripe, SUM(held_ab) AS held_ab, SUM(later_ab) AS later_ab,
                          SUM(held_ba) AS held_ba, SUM(later_ba) AS later_ba, 0 AS left_out
                     FROM (SELECT item_a, item_b, 0 AS baskets, customers,
                                  held_ab, later_ab, held_ba, later_ba FROM owned
                            UNION ALL
                           SELECT item_a, item_b, baskets, 0, 0, 0, 0, 0 FROM together) parts
                    GROUP BY item_a, item_b
                    UNION ALL
                   SELECT item, item, SUM(days), COUNT(*), COUNT(*) FILTER (WHERE ripe),
                          0, 0, 0, 0, 0
                     FROM firsts GROUP BY item
                    UNION ALL
                   SELECT 0, 0, (SELECT COUNT(*) FROM (
                                    SELECT DISTINCT partner_id, day FROM kept) baskets),
                          (SELECT COUNT(DISTINCT partner_id) FROM kept), 0, 0, 0, 0, 0,
                          (SELECT COUNT(*) FROM wide)
               ),
               added AS (
                   INSERT INTO care_affinity_tally AS t
                          (company_id, item_a, item_b, %(columns)s, place)
                   SELECT %(company)s, item_a, item_b, %(columns)s, %(place)s FROM fresh
                   ON CONFLICT (company_id, item_a, item_b) DO UPDATE
                      SET (%(columns)s, place) = ROW(%(sums)s, EXCLUDED.place)
                RETURNING 1
               )
               SELECT COUNT(*) FROM added""",
            bought=self._query_bought(company, scope, today), company=company.id,
            pairs=self._query_found(company), place=scope.until,
            columns=SQL(", ").join(SQL.identifier(name) for name in COUNTED),
            sums=SQL(", ").join(
                SQL("t.%(n)s + EXCLUDED.%(n)s", n=SQL.identifier(name)) for name in COUNTED),
        ))

    def _query_bought(self, company, scope: Scope, today: date) -> SQL:
        """CTEs ending in firsts(partner_id, item, day, ripe, days): what each customer has."""
        since = fields.Date.subtract(today, months=company.care_affinity_months)
        stream = self.env["care.purchases"]._query_product_days(
            company, scope, since, today + timedelta(days=1))
        return SQL(
            """bought AS MATERIALIZED (
                   SELECT DISTINCT p.partner_id, p.day, %(item)s AS item
                     FROM (%(stream)s) p JOIN product_product v ON v.id = p.product_id
               ),
               wide AS MATERIALIZED (
                   SELECT partner_id FROM bought GROUP BY partner_id
                   HAVING COUNT(DISTINCT item) > %(reseller)s
               ),
               kept AS MATERIALIZED (
                   SELECT * FROM bought WHERE partner_id NOT IN (SELECT partner_id FROM wide)
               ),
               counted AS MATERIALIZED (
                   SELECT k.partner_id, k.day, k.item
                     FROM kept k JOIN care_affinity_tally t
                       ON t.company_id = %(company)s AND t.item_a = k.item AND t.item_b = k.item
               ),
               firsts AS MATERIALIZED (
                   SELECT partner_id, item, MIN(day) AS day, COUNT(*) AS days,
                          MIN(day) <= %(ripe)s::date AS ripe
                     FROM counted GROUP BY partner_id, item
               )""",
            stream=stream, item=self._query_item(company), reseller=RESELLER, company=company.id,
            ripe=today - timedelta(days=company.care_affinity_days),
        )

    def _query_found(self, company) -> SQL:
        """CTEs together (by basket) and owned (by customer) of the pairs that occur.

        Each basket and customer is spread out from one row: the planner cannot know how long the
        lists are, and a join of them with themselves may compare everything with everything.
        """
        return SQL(
            """together AS (
                   SELECT items[i] AS item_a, items[j] AS item_b, COUNT(*) AS baskets
                     FROM (SELECT array_agg(item ORDER BY item) AS items FROM counted
                            GROUP BY partner_id, day HAVING COUNT(*) > 1) basket,
                          generate_series(1, cardinality(items) - 1) i,
                          generate_series(i + 1, cardinality(items)) j
                    GROUP BY 1, 2
               ),
               owned AS (
                   SELECT items[i] AS item_a, items[j] AS item_b, COUNT(*) AS customers,
                          COUNT(*) FILTER (WHERE ripe[i] AND days[j] <= days[i]) AS held_ab,
                          COUNT(*) FILTER (WHERE ripe[i] AND days[j] > days[i]
                                             AND days[j] - days[i] <= %(window)s) AS later_ab,
                          COUNT(*) FILTER (WHERE ripe[j] AND days[i] <= days[j]) AS held_ba,
                          COUNT(*) FILTER (WHERE ripe[j] AND days[i] > days[j]
                                             AND days[i] - days[j] <= %(window)s) AS later_ba
                     FROM (SELECT array_agg(item ORDER BY item) AS items,
                                  array_agg(day ORDER BY item) AS days,
                                  array_agg(ripe ORDER BY item) AS ripe
                             FROM firsts GROUP BY partner_id HAVING COUNT(*) > 1) customer,
                          generate_series(1, cardinality(items) - 1) i,
                          generate_series(i + 1, cardinality(items)) j
                    GROUP BY 1, 2
               )""",
            window=company.care_affinity_days,
        )

    def _query_totals(self, company) -> tuple[int, int, int, int]:
        return self.env.execute_query(SQL(
            """SELECT COALESCE(SUM(baskets) FILTER (WHERE item_a = 0), 0),
                      COALESCE(SUM(customers) FILTER (WHERE item_a = 0), 0),
                      COALESCE(SUM(left_out) FILTER (WHERE item_a = 0), 0),
                      COUNT(*) FILTER (WHERE item_a > 0)
                 FROM care_affinity_tally WHERE company_id = %s AND item_a = item_b""",
            company.id))[0]

    def _query_pairs(self, company, chosen) -> list[tuple]:
        """Counts of pairs and of their two products. Index care_affinity_tally_uniq."""
        if chosen is None:
            pairs = SQL(
                """SELECT item_a, item_b FROM care_affinity_tally
                    WHERE company_id = %s AND item_a < item_b AND customers >= %s""",
                company.id, company.care_affinity_customers)
        else:
            lower, upper = ([f(pair) for pair in chosen] for f in (min, max))
            pairs = SQL("SELECT DISTINCT * FROM unnest(%s::int[], %s::int[]) c (item_a, item_b)",
                        lower, upper)
        return self.env.execute_query(SQL(
            """SELECT c.item_a, c.item_b, COALESCE(p.baskets, 0), COALESCE(p.customers, 0),
                      COALESCE(p.held_ab, 0), COALESCE(p.later_ab, 0),
                      COALESCE(p.held_ba, 0), COALESCE(p.later_ba, 0),
                      a.baskets, a.customers, a.ripe, b.baskets, b.customers, b.ripe
                 FROM (%(pairs)s) c
                 JOIN care_affinity_tally a ON a.company_id = %(company)s
                      AND a.item_a = c.item_a AND a.item_b = c.item_a
                 JOIN care_affinity_tally b ON b.company_id = %(company)s
                      AND b.item_a = c.item_b AND b.item_b = c.item_b
            LEFT JOIN care_affinity_tally p ON p.company_id = %(company)s
                      AND p.item_a = c.item_a AND p.item_b = c.item_b
             ORDER BY (COALESCE(p.customers, 0)
                       - a.customers::float8 * b.customers / %(total)s)
                      / sqrt(greatest(a.customers::float8 * b.customers, 1)) DESC, 1, 2
                LIMIT %(most)s""",
            pairs=pairs, company=company.id, total=max(self._totals(company)[1], 1), most=JUDGED,
        ))
