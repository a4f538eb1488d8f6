from datetime import date

from odoo import api, fields, models
from odoo.tools import SQL, date_utils

from .arrays import as_array
from .care_figures import Scope

#: Columns of the table under the picture: months since the first purchase.
TOLD_MONTHS = (1, 3, 6, 12, 18, 24, 36, 48, 60)
#: Lines that an eye can still follow; there are as many colours.
MOST_LINES = 6
#: Months of a cohort.
PERIODS = {"year": 12, "quarter": 3}
#: Fewer customers than this make no line: their mean is a few people's story.
MIN_CUSTOMERS = 5
#: Customers of a cohort who are counted at a time.
CHUNK = 50_000


class CareValueCohort(models.Model):
    """What the customers won in one quarter spent in one month of their life with the company.

    Month 0 begins with the first purchase. Only customers who have lived the whole month are in
    it, with what they spent then; the mean over them, added up month by month, is the LTV curve.
    """

    _name = "care.value.cohort"
    _description = "Spending of a cohort"
    _log_access = False
    _order = "company_id, quarter, month"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    quarter = fields.Date(
        "Won in", required=True, readonly=True, help="First day of the quarter of first purchase.")
    month = fields.Integer(
        required=True, readonly=True, help="Months since the first purchase, 0 is the first one.")
    customers = fields.Integer(readonly=True, help="Those who have lived this month to its end.")
    revenue = fields.Float(readonly=True, help="What they spent in it, net, company currency.")

    _company_quarter_month_uniq = models.Constraint(
        "UNIQUE(company_id, quarter, month)", "Each month of a cohort stands once.")

    # ------------------------------------------------------------
    # The night
    # ------------------------------------------------------------

    @api.model
    def _refresh_cohort(self, company, now, position) -> int | None:
        """Count the next quarter's cohort anew; its number (year x 4 + quarter), or None."""
        self.env.flush_all()
        after = self._day_of(position + 1) if position else date.min
        first = self._query_next_first(company, after)
        quarter = date_utils.start_of(first, "quarter") if first else date.max
        self._query_forget(company, after, quarter)
        if first:
            self._count_cohort(company, quarter, company._care_today(now))
        self.invalidate_model(flush=False)
        return quarter.year * 4 + (quarter.month - 1) // 3 if first else None

    @api.model
    def _count_cohort(self, company, quarter, today):
        """Add up a cohort's months, some of its customers after the others."""
        position = 0
        while ids := self._query_members(company, quarter, position):
            self._query_add(company, quarter, today, ids)
            position = ids[-1]

    @api.model
    def _day_of(self, number) -> date:
        return date(number // 4, number % 4 * 3 + 1, 1)

    # ------------------------------------------------------------
    # The screen
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def get_curve(self, by="year"):
        """What the LTV curve shows of the company at hand, cohorts by year or quarter."""
        self.check_access("read")
        company = self.env.company
        cohorts = self._query_cohorts(company, by if by in PERIODS else "year")
        told = [cohort for cohort in cohorts if cohort["customers"] >= MIN_CUSTOMERS]
        shown = told[-MOST_LINES:]
        model = self.env["care.model"]._current(company)
        return {
            "currency_id": company.currency_id.id,
            "months": [month for month in TOLD_MONTHS
                       if any(len(cohort["points"]) >= month for cohort in shown)],
            "cohorts": [self._prepare_line(cohort, company) for cohort in shown],
            "left_out": len(told) - len(shown),
            "small": len(cohorts) - len(told),
            "few": MIN_CUSTOMERS,
            "forecast": self._explain_continuation(model, company),
            "horizon": 0 if model.money_hidden else model.horizon_days,
            "model_id": model.id,
        }

    def _prepare_line(self, cohort, company):
        """One line: the mean added up, and how it goes on where customers have a forecast."""
        start, end = cohort["start"], cohort["end"]
        return {
            "label": cohort["label"],
            "customers": cohort["customers"],
            "points": cohort["points"],
            "predicted": cohort["predicted"],
            "action": {
                "type": "ir.actions.act_window",
                "name": self.env._("Customers won in %s", cohort["label"]),
                "res_model": "care.customer",
                "views": [[False, "list"], [False, "form"]],
                "domain": [
                    ["company_id", "=", company.id],
                    ["first_purchase", ">=", str(start)], ["first_purchase", "<", str(end)]],
            },
        }

    def _explain_continuation(self, model, company):
        if model and model.money_hidden:
            return self.env._("The lines end today. %s", model.meaning)
        if model:
            return self.env._(
                "Dashed: what the forecast expects of each cohort in the next %(days)s days, in "
                "money of today. %(verdict)s", days=model.horizon_days, verdict=model.verdict)
        return self.env._(
            "The lines end today. %s", self.env["care.model"]._explain(company))

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_next_first(self, company, after) -> date | None:
        """The oldest first purchase on or after a day. Index care_customer_first_idx."""
        return self.env.execute_query(SQL(
            """SELECT MIN(first_purchase) FROM care_customer
                WHERE company_id = %s AND first_purchase >= %s""", company.id, after))[0][0]

    def _query_forget(self, company, first, last):
        """Quarters from one to another, both with: one is counted anew, the others are empty."""
        self.env.execute_query(SQL(
            """DELETE FROM care_value_cohort
                WHERE company_id = %s AND quarter >= %s AND quarter <= %s RETURNING 1""",
            company.id, first, last))

    def _query_members(self, company, quarter, after: int) -> list[int]:
        """The next customers won in a quarter. Index care_customer_first_idx."""
        return [row[0] for row in self.env.execute_query(SQL(
            """SELECT partner_id FROM care_customer
                WHERE company_id = %s AND first_purchase >= %s AND first_purchase < %s
                  AND partner_id > %s
             ORDER BY partner_id LIMIT %s""",
            company.id, quarter, date_utils.add(quarter, months=3), after, CHUNK))]

    def _query_add(self, company, quarter, today, ids):
        """Add these customers to their cohort's months.

        Unique key (partner_id, company_id), then the purchase stream's index by customer.
        """
        turnover = self.env["care.purchases"]._query_turnover(company, Scope(ids=tuple(ids)))
        self.env.execute_query(SQL(
            """WITH cohort AS (
                   SELECT partner_id, first_purchase,
                          %(months)s - 1 AS last_month
                     FROM care_customer
                    WHERE company_id = %(company)s AND partner_id = ANY(%(ids)s::int[])
               ),
               spent AS (
                   SELECT GREATEST(%(age)s, 0)::int AS month, SUM(t.amount) AS revenue
                     FROM (%(turnover)s) t JOIN cohort c ON c.partner_id = t.partner_id
                    WHERE GREATEST(%(age)s, 0) <= c.last_month
                 GROUP BY 1
               ),
               lived AS (
                   SELECT month, COUNT(*) AS customers
                     FROM cohort, generate_series(0, last_month::int) month
                 GROUP BY 1
               )
               INSERT INTO care_value_cohort AS v (company_id, quarter, month, customers, revenue)
               SELECT %(company)s, %(quarter)s, l.month, l.customers, COALESCE(s.revenue, 0)
                 FROM lived l LEFT JOIN spent s ON s.month = l.month
                   ON CONFLICT (company_id, quarter, month) DO UPDATE
                  SET customers = v.customers + EXCLUDED.customers,
                      revenue = v.revenue + EXCLUDED.revenue
            RETURNING 1""",
            company=company.id, ids=as_array(ids), quarter=quarter, turnover=turnover,
            months=self._query_months(SQL("%s::date + 1", today), SQL("first_purchase")),
            age=self._query_months(SQL("t.day"), SQL("c.first_purchase"))))

    def _query_months(self, until: SQL, since: SQL) -> SQL:
        """Whole months between two dates."""
        return SQL(
            "(EXTRACT(YEAR FROM age(%(until)s, %(since)s)) * 12"
            " + EXTRACT(MONTH FROM age(%(until)s, %(since)s)))::int", until=until, since=since)

    def _query_cohorts(self, company, period) -> list[dict]:
        """Cohorts by year or quarter with their points, oldest first. Unique index."""
        rows = self.env.execute_query(SQL(
            """SELECT date_trunc(%(period)s, quarter)::date, month, SUM(customers),
                      SUM(revenue) / SUM(customers)
                 FROM care_value_cohort
                WHERE company_id = %(company)s AND customers > 0
             GROUP BY 1, 2 ORDER BY 1, 2""", company=company.id, period=period))
        sizes, cohorts = self._query_sizes(company, period), {}
        for start, _month, customers, mean in rows:
            size, predicted = sizes.get(start, (0, None))
            points = cohorts.setdefault(start, {
                "start": start, "end": date_utils.add(start, months=PERIODS[period]),
                "label": self._label(start, period), "points": [],
                "customers": size, "predicted": predicted})["points"]
            if customers >= MIN_CUSTOMERS:
                points.append((points[-1] if points else 0.0) + mean)
        return list(cohorts.values())

    def _query_sizes(self, company, period) -> dict:
        """Cohort → (customers now, predicted LTV of one of them or None)."""
        rows = self.env.execute_query(SQL(
            """SELECT date_trunc(%s, first_purchase)::date, COUNT(*),
                      CASE WHEN COUNT(ltv_predicted) > 0
                           THEN (SUM(ltv_predicted) / COUNT(ltv_predicted))::float8 END
                 FROM care_customer
                WHERE company_id = %s AND first_purchase IS NOT NULL
             GROUP BY 1""", period, company.id))
        return {start: (customers, predicted) for start, customers, predicted in rows}

    def _label(self, start, period):
        if period == "year":
            return str(start.year)
        return self.env._("%(year)s Q%(quarter)s", year=start.year, quarter=(start.month + 2) // 3)
