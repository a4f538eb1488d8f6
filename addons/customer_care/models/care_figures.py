from dataclasses import dataclass
from datetime import date, datetime

from odoo import api, fields, models
from odoo.addons.customer_care.engine.rhythm import MIN_PURCHASES
from odoo.tools import SQL

#: Figures that documents tell; every other column of care.customer follows from them.
FIGURES = (
    "revenue_net", "invoiced", "credited", "purchase_days",
    "first_purchase", "previous_purchase", "last_purchase",
)


@dataclass(frozen=True)
class Scope:
    """Which customers to count: some ids, or the ids in (after, until]."""

    ids: tuple[int, ...] | None = None
    after: int = 0
    until: int = 0


class CareFigures(models.AbstractModel):
    """How a customer's figures are derived from posted documents, and written where they changed.

    One query serves the full build, the delta and a single customer; they differ in the scope
    alone. A purchase is a day with an invoice that was not wholly credited; a down payment and
    its final invoice are one purchase, on the day of the down payment (see `_query_adjusted`).
    """

    _name = "care.figures"
    _description = "Derivation of customer figures"

    @api.model
    def _refresh(self, company, scope: Scope, now: datetime | None = None) -> int:
        """Count these customers of a company again; returns how many records changed."""
        self.env.flush_all()
        now = now or fields.Datetime.now()
        rules = self.env["care.status.rule"]._rules_of(company)
        pace = company._care_pace(rules._to_engine())
        changed = self._query_refresh(company, scope, rules, pace, now)
        self._forget_cached()
        return changed

    @api.model
    def _restate(self, company, now: datetime | None = None, history: bool = True) -> int:
        """Judge all customers of a company anew: days went by, or the rules or the pace changed."""
        self.env.flush_all()
        now = now or fields.Datetime.now()
        rules = self.env["care.status.rule"]._rules_of(company)
        pace = company._care_pace(rules._to_engine())
        changed = self._query_restate(company, rules, pace, now, history)
        self._forget_cached()
        return changed

    @api.model
    def _calibrate(self, company) -> None:
        """Measure the typical gap of a company's customers."""
        gap = self._query_pool_gap(company)
        if gap != company.care_pool_gap:
            company.sudo().care_pool_gap = gap  # measured, whoever asked for the count

    def _forget_cached(self):
        """Rows were written behind the ORM's back."""
        self.env["care.customer"].invalidate_model(flush=False)
        partner = self.env["res.partner"]
        partner.invalidate_model(
            [name for name in partner._fields if name.startswith("care_")], flush=False)

    # ------------------------------------------------------------
    # From documents to figures
    # ------------------------------------------------------------

    def _query_documents(self, company, scope: Scope, alias: str) -> SQL:
        """Posted customer documents of the scope, without those of the companies themselves.

        Index account_move_care_customer_idx.
        """
        own = self.env["res.company"].sudo().search([]).partner_id.ids  # every company's partner
        return SQL(
            """%(m)s.company_id = %(company)s AND %(m)s.state = 'posted'
               AND %(m)s.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
               AND %(scope)s AND %(m)s.commercial_partner_id <> ALL(%(own)s)""",
            m=SQL.identifier(alias), company=company.id, own=own,
            scope=self._query_scope(scope, SQL.identifier(alias, "commercial_partner_id")),
        )

    def _query_scope(self, scope: Scope, column: SQL) -> SQL:
        if scope.ids is not None:
            return SQL("%s = ANY(%s)", column, list(scope.ids))
        return SQL("%s > %s AND %s <= %s", column, scope.after, column, scope.until)

    def _query_adjusted(self, company, scope: Scope) -> SQL:
        """CTEs ending in adjusted(move_id, day): invoices whose purchase is not their own day.

        day is NULL where everything was taken back, by credit notes of the invoice or by refunds
        of its whole order, compared in the document's currency; else it is the day of the down
        payment that the invoice settles. Index account_move (reversed_entry_id).
        """
        return SQL(
            """credited AS (
                   SELECT i.id AS move_id
                     FROM account_move c JOIN account_move i ON i.id = c.reversed_entry_id
                    WHERE %(documents)s AND c.move_type = 'out_refund'
                      AND i.state = 'posted' AND i.currency_id = c.currency_id
                 GROUP BY i.id
                   HAVING MIN(i.amount_untaxed_in_currency_signed)
                          + SUM(c.amount_untaxed_in_currency_signed) <= 0
               ),
               %(deals)s,
               adjusted AS (
                   SELECT move_id, CASE WHEN bool_or(undone) THEN NULL ELSE MIN(day) END AS day
                     FROM (SELECT move_id, TRUE AS undone, NULL::date AS day FROM credited
                           UNION ALL
                           SELECT move_id, undone, day FROM dated
                            WHERE undone OR day IS NOT NULL) said
                 GROUP BY move_id
               )""",
            documents=self._query_documents(company, scope, "c"),
            deals=self._query_deals(company, scope),
        )

    def _query_deals(self, company, scope: Scope) -> SQL:
        """CTEs ending in dated(move_id, undone, day): documents of orders that need a look.

        These are orders with a down payment, or with a refund made from the order itself. Indexes:
        account_move_line (move_id), sale_order_line_invoice_rel both ways.
        """
        return SQL(
            """told AS (
                   SELECT s.order_id
                     FROM account_move m
                     JOIN account_move_line l ON l.move_id = m.id
                     JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = l.id
                     JOIN sale_order_line s ON s.id = r.order_line_id
                    WHERE %(documents)s AND m.move_type = 'out_refund'
                      AND m.reversed_entry_id IS NULL
                    UNION
                   SELECT s.order_id
                     FROM sale_order_line s
                     JOIN sale_order_line_invoice_rel r ON r.order_line_id = s.id
                     JOIN account_move_line l ON l.id = r.invoice_line_id
                     JOIN account_move m ON m.id = l.move_id
                    WHERE %(documents)s AND s.is_downpayment
               ),
               part AS ( -- what each document contributes to such an order
                   SELECT s.order_id, l.move_id, bool_or(s.is_downpayment) AS deposit,
                          -SUM(l.amount_currency) AS amount
                     FROM told
                     JOIN sale_order_line s ON s.order_id = told.order_id
                     JOIN sale_order_line_invoice_rel r ON r.order_line_id = s.id
                     JOIN account_move_line l ON l.id = r.invoice_line_id
                    WHERE l.parent_state = 'posted' AND l.company_id = %(company)s
                 GROUP BY s.order_id, l.move_id
               ),
               deal AS (
                   SELECT p.order_id,
                          SUM(p.amount) <= 0 AND bool_or(m.move_type = 'out_refund') AS undone,
                          MIN(m.invoice_date)
                              FILTER (WHERE p.deposit AND m.move_type <> 'out_refund') AS day
                     FROM part p JOIN account_move m ON m.id = p.move_id
                 GROUP BY p.order_id
               ),
               dated AS (
                   SELECT p.move_id,
                          bool_and(d.undone) -- and the invoice holds nothing else
                          AND abs(SUM(p.amount) - MIN(m.amount_untaxed_in_currency_signed)) < 0.005
                              AS undone,
                          MIN(d.day) FILTER (WHERE p.deposit) AS day
                     FROM part p
                     JOIN deal d ON d.order_id = p.order_id
                     JOIN account_move m ON m.id = p.move_id
                 GROUP BY p.move_id
               )""",
            documents=self._query_documents(company, scope, "m"), company=company.id,
        )

    def _query_figures(self, company, scope: Scope) -> SQL:
        """CTEs ending in figures(partner_id, …): what the documents of the scope add up to.

        Money is the company's currency at each document's own rate; refunds are negative there.
        """
        return SQL(
            """%(adjusted)s,
               counted AS (
                   SELECT d.partner_id,
                          SUM(d.amount) AS revenue_net,
                          COALESCE(SUM(d.amount) FILTER (WHERE NOT d.refund), 0) AS invoiced,
                          COALESCE(-SUM(d.amount) FILTER (WHERE d.refund), 0) AS credited,
                          COUNT(DISTINCT d.day) AS purchase_days,
                          array_agg(DISTINCT d.day ORDER BY d.day) AS days
                     FROM (SELECT m.commercial_partner_id AS partner_id,
                                  m.amount_untaxed_signed AS amount,
                                  m.move_type = 'out_refund' AS refund,
                                  CASE WHEN m.move_type = 'out_refund' THEN NULL
                                       WHEN a.move_id IS NOT NULL THEN a.day
                                       ELSE m.invoice_date END AS day
                             FROM account_move m
                        LEFT JOIN adjusted a ON a.move_id = m.id
                            WHERE %(documents)s) d
                 GROUP BY d.partner_id
               ),
               figures AS (
                   SELECT partner_id, revenue_net, invoiced, credited, purchase_days,
                          days[1] AS first_purchase,
                          days[NULLIF(purchase_days - 1, 0)] AS previous_purchase,
                          days[purchase_days] AS last_purchase
                     FROM counted
               )""",
            adjusted=self._query_adjusted(company, scope),
            documents=self._query_documents(company, scope, "m"),
        )

    # ------------------------------------------------------------
    # From figures to a status
    # ------------------------------------------------------------

    def _query_paced(self, pace, today: date) -> SQL:
        """Columns gap, silence, age, comeback: rhythm.expected_gap() and lifecycle.case_of()."""
        pool = SQL(
            "CASE WHEN %(pool)s::float8 IS NULL"
            " THEN (last_purchase - first_purchase)::float8 / (purchase_days - 1)"
            " ELSE (%(weight)s::float8 * %(pool)s::float8 + (last_purchase - first_purchase))"
            " / (%(weight)s::float8 + (purchase_days - 1)) END",
            pool=pace.pool, weight=pace.weight,
        )
        return SQL(
            """CASE WHEN purchase_days < %(least)s
                    THEN %(assumed)s::float8 ELSE %(pool)s END AS gap,
               %(today)s::date - last_purchase AS silence,
               %(today)s::date - first_purchase AS age,
               last_purchase - COALESCE(previous_purchase, last_purchase) AS comeback""",
            least=MIN_PURCHASES, assumed=pace.assumed, pool=pool, today=today,
        )

    def _query_refresh(self, company, scope: Scope, rules, pace, now) -> int:
        """Write what changed: records, and a history line for each change of a known status."""
        today = company._care_today(now)
        names = [SQL.identifier(name) for name in FIGURES]
        # Without any document left, counts and sums are 0 and dates are unknown.
        nothing = [SQL("NULL" if name.endswith("_purchase") else "0") for name in FIGURES]
        values = [SQL("COALESCE(f.%s, %s)", *pair) for pair in zip(names, nothing, strict=True)]
        merged = [SQL("%s AS %s", *pair) for pair in zip(values, names, strict=True)]
        return self.env.execute_query(SQL(
            """WITH %(figures)s,
               known AS (SELECT * FROM care_customer k
                          WHERE k.company_id = %(company)s AND %(scope)s),
               merged AS (
                   SELECT k.id, COALESCE(f.partner_id, k.partner_id) AS partner_id, %(merged)s,
                          k.status AS old_status, k.status_since AS old_since,
                          (%(old)s) IS DISTINCT FROM (%(new)s) AS moved
                     FROM figures f FULL JOIN known k ON k.partner_id = f.partner_id
               ),
               paced AS (SELECT *, %(paced)s FROM merged),
               judged AS (SELECT *, %(status)s AS status FROM paced),
               changed AS (
                   SELECT *, (last_purchase - first_purchase)::float8
                             / NULLIF(purchase_days - 1, 0) AS gap_days,
                          CASE WHEN old_status = status THEN old_since
                                  WHEN old_status IS NULL THEN %(since)s
                                  ELSE COALESCE(%(since)s, %(today)s::date) END AS status_since
                     FROM judged WHERE moved OR old_status IS DISTINCT FROM status
               ),
               %(history)s,
               begun AS (
                   INSERT INTO care_customer
                          (partner_id, company_id, %(columns)s, gap_days,
                           status, status_since, computed_at)
                   SELECT partner_id, %(company)s, %(columns)s, gap_days,
                          status, status_since, %(now)s
                     FROM changed WHERE old_status IS NULL
               ),
               written AS (
                   UPDATE care_customer k
                      SET (%(columns)s, gap_days, status, status_since, computed_at)
                        = (%(new_columns)s, c.gap_days, c.status, c.status_since, %(now)s)
                     FROM changed c WHERE c.id = k.id
               )
               SELECT COUNT(*) FROM changed""",
            figures=self._query_figures(company, scope), company=company.id, now=now, today=today,
            scope=self._query_scope(scope, SQL("k.partner_id")),
            merged=SQL(", ").join(merged), new=SQL(", ").join(values),
            old=SQL(", ").join(SQL("k.%s", name) for name in names),
            columns=SQL(", ").join(names),
            new_columns=SQL(", ").join(SQL("c.%s", name) for name in names),
            paced=self._query_paced(pace, today),
            status=rules._query_status(), since=rules._query_since(),
            history=self._query_history(company, now, SQL("old_status IS NOT NULL")),
        ))[0][0]

    def _query_history(self, company, now, kept: SQL) -> SQL:
        """CTE that writes a history line for each of `changed` whose status is another one."""
        return SQL(
            """history AS (
                   INSERT INTO care_status_change
                          (partner_id, company_id, from_status, to_status, changed_on, changed_at,
                           revenue_net, purchase_days)
                   SELECT partner_id, %s, old_status, status, status_since, %s,
                          revenue_net, purchase_days
                     FROM changed WHERE %s AND old_status <> status
               )""",
            company.id, now, kept,
        )

    def _query_restate(self, company, rules, pace, now, history: bool) -> int:
        """One pass over the narrow table; only customers with another status are written."""
        today = company._care_today(now)
        return self.env.execute_query(SQL(
            """WITH paced AS (
                   SELECT *, status AS old_status, %(paced)s FROM care_customer
                    WHERE company_id = %(company)s
               ),
               judged AS (SELECT *, %(status)s AS new_status FROM paced),
               changed AS (
                   SELECT id, partner_id, revenue_net, purchase_days, old_status,
                          new_status AS status,
                          COALESCE(%(since)s, %(today)s::date) AS status_since
                     FROM judged WHERE new_status <> old_status
               ),
               %(history)s,
               written AS (
                   UPDATE care_customer k
                      SET status = c.status, status_since = c.status_since, computed_at = %(now)s
                     FROM changed c WHERE c.id = k.id
                   RETURNING 1
               )
               SELECT COUNT(*) FROM written""",
            paced=self._query_paced(pace, today), company=company.id, now=now,
            status=rules._query_status(), since=rules._query_since(), today=today,
            history=self._query_history(company, now, SQL("%s", history)),
        ))[0][0]

    def _query_pool_gap(self, company) -> float:
        """Median of the customers' own mean gaps; 0 while nobody has bought twice."""
        return self.env.execute_query(SQL(
            """SELECT COALESCE(percentile_cont(0.5) WITHIN GROUP (ORDER BY gap_days), 0)
                 FROM care_customer WHERE company_id = %s AND gap_days IS NOT NULL""",
            company.id,
        ))[0][0]
