from datetime import date, datetime

from odoo import api, fields, models
from odoo.addons.customer_care.engine.rhythm import STEPS
from odoo.tools import SQL

from .care_purchases import Scope

#: Figures that documents tell; every other column of care.customer follows from them.
FIGURES = (
    "revenue_net", "invoiced", "credited", "purchase_days",
    "first_purchase", "previous_purchase", "last_purchase", "margin_net", "margin_revenue",
)
#: Without any document left these are unknown, the others 0.
UNKNOWN = FIGURES[4:]


class CareFigures(models.AbstractModel):
    """How a customer's figures are derived from posted documents, and written where they changed.

    One query serves the full build, the delta and a single customer; they differ in the scope
    alone. What a purchase is, care.purchases knows.
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
        # The builds are seen by their managers alone; whoever counts must know.
        history = not self.env["care.build"].sudo()._is_redefining(company)
        changed = self._query_refresh(company, scope, rules, pace, now, history)
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

    def _query_figures(self, company, scope: Scope) -> SQL:
        """CTEs ending in figures(partner_id, …): what the documents of the scope add up to."""
        return SQL(
            """counted AS (
                   SELECT partner_id,
                          SUM(amount) AS revenue_net,
                          COALESCE(SUM(amount) FILTER (WHERE NOT refund), 0) AS invoiced,
                          COALESCE(-SUM(amount) FILTER (WHERE refund), 0) AS credited,
                          COUNT(DISTINCT day) AS purchase_days,
                          array_agg(DISTINCT day ORDER BY day) AS days
                     FROM (%s) documents
                 GROUP BY partner_id
               ),
               figures AS (
                   SELECT partner_id, revenue_net, invoiced, credited, purchase_days,
                          days[1] AS first_purchase,
                          days[NULLIF(purchase_days - 1, 0)] AS previous_purchase,
                          days[purchase_days] AS last_purchase, %s
                     FROM counted%s
               )""",
            self.env["care.purchases"]._query_documents(company, scope),
            *self._query_margin(company, scope),
        )

    def _query_margin(self, company, scope: Scope) -> tuple[SQL, SQL]:
        """The columns of the margin and what joins them: its cost is paid where it is asked for."""
        purchases = self.env["care.purchases"]
        if company.care_value_basis != "margin" or not purchases._knows_margin():
            return SQL("NULL::numeric AS margin_net, NULL::numeric AS margin_revenue"), SQL()
        return SQL("margin_net, margin_revenue"), SQL(
            " LEFT JOIN (%s) margins USING (partner_id)", purchases._query_margins(company, scope))

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
                    THEN %(assumed)s ELSE %(pool)s END AS gap,
               %(today)s::date - last_purchase AS silence,
               %(today)s::date - first_purchase AS age,
               last_purchase - COALESCE(previous_purchase, last_purchase) AS comeback""",
            least=pace.own_from, assumed=self._query_assumed(pace), pool=pool, today=today,
        )

    def _query_assumed(self, pace) -> SQL:
        """The gap of who has no rhythm of his own; `few` is an array, or a column of arrays."""
        assumed = SQL("%s::float8", pace.assumed)
        if not pace.few:
            return assumed
        few = pace.few if isinstance(pace.few, SQL) else SQL("%s::float8[]", list(pace.few))
        return SQL(
            """COALESCE(CASE purchase_days WHEN 0 THEN NULL WHEN 1 THEN (%(few)s)[1]
                        ELSE (%(few)s)[2 + width_bucket(last_purchase - first_purchase,
                                                        %(steps)s::int[])] END, %(assumed)s)""",
            few=few, steps=list(STEPS), assumed=assumed)

    def _query_refresh(self, company, scope: Scope, rules, pace, now, history: bool) -> int:
        """Write what changed: records, and a history line for each change of a known status."""
        today, kept = company._care_today(now), SQL("old_status IS NOT NULL AND %s", history)
        names = [SQL.identifier(name) for name in FIGURES]
        nothing = [SQL("NULL" if name in UNKNOWN else "0") for name in FIGURES]
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
            scope=self.env["care.purchases"]._query_scope(scope, SQL("k.partner_id")),
            merged=SQL(", ").join(merged), new=SQL(", ").join(values),
            old=SQL(", ").join(SQL("k.%s", name) for name in names),
            columns=SQL(", ").join(names),
            new_columns=SQL(", ").join(SQL("c.%s", name) for name in names),
            paced=self._query_paced(pace, today),
            status=rules._query_status(), since=rules._query_since(),
            history=self._query_history(company, now, kept),
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
