import json

from odoo import api, models
from odoo.addons.customer_care.engine import churn
from odoo.tools import SQL

from .care_purchases import Scope

#: Repeat buyers whose gaps tell the typical one of each month of the past.
SAMPLE = 20_000
#: Columns of a month that are derived; the same for what is printed and for today's knowledge.
COLUMNS = (
    "partner_id", "month", "basis", "in_both", "status_start", "status_end", "active_start",
    "active_end", "event", "purchases", "revenue", "revenue_before", "revenue_after", "lost_on",
    "limit_days", "cohort",
)


class CareChurnHistory(models.AbstractModel):
    """Months of customers derived from the purchase stream: engine/churn.py in SQL.

    One query serves the first printing of the past, the closing of one month, and the question
    what would be printed today; they differ in the months and in whether the first month goes on
    from what was printed before.
    """

    _name = "care.churn.history"
    _description = "Derivation of customer months"

    @api.model
    def _write_months(self, company, scope: Scope, periods) -> None:
        """The rows of these customers in months that are not printed yet."""
        self.env.flush_all()
        definition = periods.definition_id
        terms = periods._terms()
        rows = self._query_months(company, scope, definition, terms, periods[0]._goes_on())
        self._query_write(company, scope, min(terms), definition, rows, "purchases")
        self.env["care.customer.month"].invalidate_model(flush=False)

    def _query_write(self, company, scope, first, definition, rows, basis) -> None:
        """Write the rows of a chunk; the same chunk again writes the same.

        A customer keeps the cohort that he was printed in first, whatever comes to light later: a
        row of the retention map is always the same people. Index care_customer_month_customer_idx.
        """
        columns = {name: SQL.identifier(name) for name in COLUMNS}
        kept = SQL(
            """COALESCE((SELECT k.cohort FROM care_customer_month k
                          WHERE k.partner_id = m.partner_id AND k.company_id = %s
                            AND k.month < %s AND k.basis = %s
                       ORDER BY k.month, k.id LIMIT 1), m.cohort)""", company.id, first, basis)
        self.env.execute_query(SQL(
            """DELETE FROM care_customer_month k
                WHERE k.company_id = %s AND k.month >= %s AND k.basis = %s AND %s RETURNING 1""",
            company.id, first, basis,
            self.env["care.purchases"]._query_scope(scope, SQL("k.partner_id"))))
        self.env.execute_query(SQL(
            """WITH written AS (
                   INSERT INTO care_customer_month (company_id, definition_id, %(columns)s)
                   SELECT %(company)s, %(definition)s, %(values)s FROM (%(rows)s) m
                RETURNING 1
               ) SELECT COUNT(*) FROM written""",
            columns=SQL(", ").join(columns.values()), company=company.id,
            values=SQL(", ").join((columns | {"cohort": kept}).values()),
            definition=definition.id, rows=rows))

    # ------------------------------------------------------------
    # From what is known at the end of each month to rows
    # ------------------------------------------------------------

    def _query_rows(self, company, scope, judged: SQL, basis, first, goes_on) -> SQL:
        """Rows with COLUMNS, from CTEs that end in `judged`: one row per customer and month.

        goes_on: the first month begins with what was printed for the one before it.
        """
        return SQL(
            """WITH %(printed)s, %(judged)s,
               lined AS (
                   SELECT j.*, CASE WHEN %(goes_on)s AND j.month = %(first)s
                                    THEN COALESCE(b.status_end, CASE WHEN j.first_purchase < j.month
                                                                     THEN 'churned' END)
                                    ELSE CASE WHEN j.day_before > 0 THEN j.before END
                               END AS status_start
                     FROM judged j
                LEFT JOIN printed b ON b.partner_id = j.partner_id AND j.month = %(first)s
               ),
               happened AS (SELECT *, %(event)s AS event FROM lined WHERE month >= %(first)s)
               SELECT partner_id, month, %(basis)s AS basis, in_both, status_start, status_end,
                      event IN ('retained', 'lost', 'restored') AS active_start,
                      status_end NOT IN ('churned', 'prospect') AS active_end,
                      event, purchases, revenue, revenue_before, revenue_after,
                      CASE WHEN event = 'lost'
                           THEN LEAST(GREATEST(lost_on, month), boundary - 1) END AS lost_on,
                      limit_days, date_trunc('month', first_purchase)::date AS cohort
                 FROM happened WHERE event <> ''""",
            printed=self._query_printed_before(company, scope, basis, first, goes_on),
            judged=judged, event=self._query_event(), goes_on=goes_on, first=first, basis=basis,
        )

    def _query_printed_before(self, company, scope, basis, first, goes_on) -> SQL:
        """CTE printed: what was printed for the month before. Index _customer_idx or _month_idx."""
        return SQL(
            """printed AS (
                   SELECT DISTINCT ON (k.partner_id) k.partner_id, k.status_end
                     FROM care_customer_month k
                    WHERE %(goes_on)s AND k.company_id = %(company)s AND k.basis = %(basis)s
                      AND k.month = %(previous)s AND %(scope)s
                 ORDER BY k.partner_id, k.active_end DESC, k.id
               )""",
            company=company.id, goes_on=goes_on, basis=basis, previous=churn.next_month(first, -1),
            scope=self.env["care.purchases"]._query_scope(scope, SQL("k.partner_id")),
        )

    def _query_event(self) -> SQL:
        """churn.event_of() over columns of `lined`."""
        return SQL(
            """CASE WHEN COALESCE(status_start, 'prospect') NOT IN ('churned', 'prospect')
                    THEN CASE status_end WHEN 'churned' THEN 'lost'
                                         WHEN 'prospect' THEN 'withdrawn' ELSE 'retained' END
                    WHEN purchases > 0 AND first_purchase >= month THEN 'new'
                    WHEN purchases > 0 THEN 'reactivated'
                    WHEN status_end NOT IN ('churned', 'prospect') THEN 'restored'
                    ELSE '' END"""
        )

    # ------------------------------------------------------------
    # By purchases
    # ------------------------------------------------------------

    def _query_months(self, company, scope, definition, terms, goes_on=False) -> SQL:
        """Rows with COLUMNS of the months of `terms` {month: Terms}, one after the other."""
        first, last = min(terms), max(terms)
        judged = SQL(
            "%s, %s, %s", self._query_told(company, scope, first, last),
            self._query_rolled(first, last), self._query_judged(company, definition, terms))
        return self._query_rows(company, scope, judged, "purchases", first, goes_on)

    def _query_told(self, company, scope, first, last) -> SQL:
        """CTEs ending in told: what the documents say of each month; older ones in one heap.

        Who is in `printed` has a row here even if none of his documents stands any more.
        """
        purchases = self.env["care.purchases"]
        heap, end = churn.next_month(first, -churn.YEAR - 1), churn.next_month(last)
        return SQL(
            """days AS (
                   SELECT partner_id, day, row_number() OVER own AS nth,
                          lag(day) OVER own AS previous, first_value(day) OVER own AS first
                     FROM (%(days)s) p WHERE day < %(end)s
                   WINDOW own AS (PARTITION BY partner_id ORDER BY day)
               ),
               told AS (
                   SELECT partner_id, month, SUM(purchases) AS purchases, MAX(nth) AS nth,
                          MAX(last) AS last, MAX(previous) AS previous, MIN(first) AS first,
                          SUM(amount) AS amount
                     FROM (SELECT partner_id,
                                  GREATEST(date_trunc('month', day)::date, %(heap)s) AS month,
                                  1 AS purchases, nth, day AS last, previous, first, 0 AS amount
                             FROM days
                        UNION ALL
                           SELECT partner_id,
                                  GREATEST(date_trunc('month', day)::date, %(heap)s),
                                  0, NULL, NULL, NULL, NULL, amount
                             FROM (%(turnover)s) t
                        UNION ALL
                           SELECT partner_id, %(heap)s, 0, NULL, NULL, NULL, NULL, 0 FROM printed
                          ) d
                 GROUP BY partner_id, month
               )""",
            days=purchases._query_purchase_days(company, scope),
            turnover=purchases._query_turnover(company, scope, until=end),
            heap=SQL("%s::date", heap), end=end,
        )

    def _query_rolled(self, first, last) -> SQL:
        """CTEs ending in rolled: every month of every customer, with all that was known at its end.

        Counts and days of purchases only grow, so the largest so far is the latest.
        """
        return SQL(
            """grid AS (
                   SELECT c.partner_id, g.month::date AS month
                     FROM (SELECT partner_id, MIN(month) AS since FROM told GROUP BY 1) c,
                          generate_series(c.since, %(last)s::date, '1 month') g(month)
               ),
               rolled AS (
                   SELECT partner_id, month, (month + interval '1 month')::date AS boundary,
                          COALESCE(t.purchases, 0) AS purchases, COALESCE(t.amount, 0) AS revenue,
                          COALESCE(MAX(t.nth) OVER so_far, 0) AS purchase_days,
                          MAX(t.last) OVER so_far AS last_purchase,
                          MAX(t.previous) OVER so_far AS previous_purchase,
                          MIN(t.first) OVER so_far AS first_purchase,
                          COALESCE(SUM(t.amount) OVER so_far, 0) AS revenue_net,
                          COALESCE(SUM(t.amount) OVER (own ROWS BETWEEN 12 PRECEDING
                                                           AND 1 PRECEDING), 0) AS revenue_before,
                          COALESCE(SUM(t.amount) OVER (own ROWS 11 PRECEDING), 0) AS revenue_after
                     FROM grid LEFT JOIN told t USING (partner_id, month)
                   WINDOW own AS (PARTITION BY partner_id ORDER BY month),
                          so_far AS (PARTITION BY partner_id ORDER BY month)
               )""",
            last=last,
        )

    def _query_judged(self, company, definition, terms) -> SQL:
        """CTEs ending in judged: the status at the end of each month, and at the end before it.

        Where both kinds are shown together, his agreement judges who has had one.
        """
        first = min(terms)
        known = {churn.next_month(first, -1): terms[first]} | terms
        rules = definition._to_rules()
        return SQL(
            """paced AS (
                   SELECT r.*, %(paced)s
                     FROM rolled r
                     JOIN jsonb_to_recordset(%(terms)s::jsonb)
                          terms (month date, pool float8, few float8[]) USING (month)
               ),
               limited AS (SELECT *, %(status)s AS status_end, %(limit)s AS limit_days FROM paced),
               judged AS (
                   SELECT l.*, last_purchase + floor(limit_days)::int + 1 AS lost_on,
                          lag(status_end) OVER own AS before,
                          lag(purchase_days) OVER own AS day_before,
                          a.started IS NULL OR a.started >= boundary AS in_both
                     FROM limited l
                LEFT JOIN (SELECT partner_id, MIN(started) AS started
                             FROM (%(spans)s) s GROUP BY 1) a USING (partner_id)
                   WINDOW own AS (PARTITION BY partner_id ORDER BY month)
               )""",
            paced=self.env["care.figures"]._query_paced(
                definition._to_pace(SQL("NULLIF(pool, 0)"), SQL("few")), SQL("(boundary - 1)")),
            terms=json.dumps([{"month": str(month), **term._asdict()}
                              for month, term in known.items()]),
            status=rules._query_status(), limit=self._query_limit(rules),
            spans=self.env["care.agreement"]._query_spans(company),
        )

    def _query_limit(self, rules) -> SQL:
        """churn.limit_of() over columns of `paced`."""
        limits = [
            SQL("%s * %s", rule.silence_from, SQL("gap") if rule.unit == "gap" else SQL("1"))
            for rule in rules if rule.status == "churned" and rule.silence_from
        ]
        return SQL("LEAST(%s)::float8", SQL(", ").join(limits)) if limits else SQL("NULL::float8")

    # ------------------------------------------------------------
    # By agreements
    # ------------------------------------------------------------

    def _query_contract_months(
        self, company, scope, definition, months, today, goes_on=False,
    ) -> SQL:
        """Rows with COLUMNS of customers under agreement, in months that follow each other.

        A chain of renewals runs through; revenue is what runs at a moment, for a year.
        """
        first = min(months)
        judged = SQL(
            """spans AS (SELECT * FROM (%(spans)s) s WHERE %(scope)s),
               ran AS (
                   SELECT c.partner_id, m.month, m.boundary, s.started, s.ended,
                          s.monthly::numeric AS monthly,
                          s.started < m.boundary
                          AND (s.stopped IS NULL OR s.stopped >= m.boundary
                               OR s.ended IS NULL AND s.stopped = m.boundary - 1) AS runs,
                          s.started < m.month
                          AND (s.stopped IS NULL OR s.stopped >= m.month
                               OR s.ended IS NULL AND s.stopped = m.month - 1) AS ran
                     FROM (SELECT partner_id FROM spans UNION SELECT partner_id FROM printed) c
               CROSS JOIN (SELECT month, (month + interval '1 month')::date AS boundary
                             FROM unnest(%(months)s::date[]) u (month)) m
                LEFT JOIN spans s ON s.partner_id = c.partner_id AND s.started < m.boundary
               ),
               seen AS (
                   SELECT partner_id, month, boundary, MIN(started) AS first_purchase,
                          COUNT(started) AS spans, MAX(ended) AS lost_on,
                          COUNT(*) FILTER (WHERE started >= month) AS purchases,
                          COALESCE(SUM(monthly) FILTER (WHERE runs), 0) AS revenue,
                          COALESCE(SUM(monthly) FILTER (WHERE ran), 0) * 12 AS revenue_before,
                          COALESCE(SUM(monthly) FILTER (WHERE runs), 0) * 12 AS revenue_after,
                          CASE WHEN bool_or(runs) THEN 'active'
                               WHEN COUNT(started) > 0 THEN 'churned' ELSE 'prospect'
                           END AS status_end
                     FROM ran GROUP BY 1, 2, 3
               ),
               judged AS (
                   SELECT *, TRUE AS in_both, NULL::float8 AS limit_days,
                          lag(status_end) OVER own AS before, lag(spans) OVER own AS day_before
                     FROM seen WINDOW own AS (PARTITION BY partner_id ORDER BY month)
               )""",
            spans=self.env["care.agreement"]._query_spans(company, today, definition.grace_days),
            scope=self.env["care.purchases"]._query_scope(scope, SQL("s.partner_id")),
            months=[churn.next_month(first, -1), *months],
        )
        return self._query_rows(company, scope, judged, "agreements", first, goes_on)

    def _query_first_agreement(self, company):
        return self.env.execute_query(SQL(
            "SELECT MIN(started) FROM (%s) s",
            self.env["care.agreement"]._query_spans(company)))[0][0]

    # ------------------------------------------------------------
    # The typical gap of the past
    # ------------------------------------------------------------

    def _query_pools(self, company, months) -> dict:
        """{month: median of the customers' mean gaps, from what was bought before its end}.

        Of a sample that the customers' ids draw, always the same: nobody's status hangs on it.
        """
        ids = tuple(row[0] for row in self.env.execute_query(SQL(
            """SELECT partner_id FROM care_customer
                WHERE company_id = %s AND gap_days IS NOT NULL
             ORDER BY hashint4(partner_id) LIMIT %s""", company.id, SAMPLE)))
        rows = self.env.execute_query(SQL(
            """WITH days AS (
                   SELECT day, row_number() OVER own AS nth, first_value(day) OVER own AS first,
                          lead(day) OVER own AS next
                     FROM (%(days)s) p WINDOW own AS (PARTITION BY partner_id ORDER BY day)
               )
               SELECT m.month, percentile_cont(0.5) WITHIN GROUP (
                          ORDER BY (d.day - d.first)::float8 / (d.nth - 1))
                 FROM unnest(%(months)s::date[]) m (month)
                 JOIN days d ON d.nth > 1 AND d.day < m.month + interval '1 month'
                            AND (d.next IS NULL OR d.next >= m.month + interval '1 month')
             GROUP BY m.month""",
            days=self.env["care.purchases"]._query_purchase_days(company, Scope(ids=ids)),
            months=months))
        return {month: 0.0 for month in months} | dict(rows)
