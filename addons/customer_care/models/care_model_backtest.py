from collections.abc import Iterator
from datetime import timedelta
from itertools import count as counter
from itertools import groupby

from odoo import fields, models
from odoo.tools import SQL

from .care_figures import Scope

#: Every partner there can be.
EVERYBODY = Scope(after=0, until=2**31 - 1)
#: Rows of a long answer that are in memory at a time.
PORTION = 5_000
#: No two cursors of a process have the same name.
_cursors = counter(1)


class CareModel(models.Model):
    """The test of a card on the company's own past, and what is read for it.

    Everything before the cut is taken as it was known then: documents dated later, refunds too,
    did not exist. What happened from the cut to the card's day is what really was bought.
    """

    _inherit = "care.model"

    cut_day = fields.Date(
        "Test since", readonly=True,
        help="The model was made once more from what was known before this day, and its forecasts "
        "were held against what happened since.")
    test_days = fields.Integer(
        "Days tested", compute="_compute_test_days",
        help="The horizon, at most a third of the history.")
    cut_customers = fields.Integer("Customers in the test", readonly=True)
    cut_repeaters = fields.Integer("Repeat buyers in the test", readonly=True)
    cut_r = fields.Float("r (test)", readonly=True)
    cut_alpha = fields.Float("α (test)", readonly=True, help="In days.")
    cut_a = fields.Float("a (test)", readonly=True)
    cut_b = fields.Float("b (test)", readonly=True)
    cut_log_likelihood = fields.Float(
        "Log-likelihood (test)", readonly=True, digits=(16, 1), help="With times in days.")
    cut_p = fields.Float("p (test)", readonly=True)
    cut_q = fields.Float("q (test)", readonly=True)
    cut_gamma = fields.Float("γ (test)", readonly=True)
    cut_median_value = fields.Monetary("Median purchase (test)", readonly=True)
    cut_money_reason = fields.Char(readonly=True)
    cut_value_correlation = fields.Float(readonly=True, digits=(16, 2))

    test_reason = fields.Char("Why there is no test", readonly=True)
    expected_total = fields.Float(
        "Purchases expected", readonly=True, digits=(16, 1),
        help="By the customers in the test, in the days of the test.")
    actual_total = fields.Integer("Purchases made", readonly=True)
    total_error = fields.Float(
        "Total missed by", readonly=True,
        help="(Expected - made) / made. Beyond 25 % either way the forecast is not used.")
    rmse = fields.Float(
        "Error (RMSE)", readonly=True, digits=(16, 3),
        help="Root of the mean squared difference per customer, in purchases.")
    mae = fields.Float(
        "Mean difference", readonly=True, digits=(16, 3),
        help="Mean of expected and made apart, per customer, in purchases. It proves little: "
        "forecasting 0 for all looks good in it where most buy nothing.")
    naive_repeat_rmse = fields.Float(
        "Error of “as before”", readonly=True, digits=(16, 3),
        help="RMSE of the simple guess that each customer buys as often as in as many days before.")
    naive_mean_rmse = fields.Float(
        "Error of “as everybody”", readonly=True, digits=(16, 3),
        help="RMSE of the simple guess that all customers buy at the mean rate.")
    gini = fields.Float(
        "Ranking (Gini)", readonly=True, digits=(16, 2),
        help="How well the forecast puts customers in order of what they bought: 0 is chance, "
        "1 is perfect.")
    top_decile = fields.Float(
        "Held by the top tenth", readonly=True,
        help="Share of the purchases made by the tenth of customers with the highest forecast.")
    coverage = fields.Float(
        "Inside the range", readonly=True,
        help="Share of customers whose purchases ended inside the 8-of-10 range. 80 % or more is "
        "right: most ranges begin at 0, so more than eight end inside.")
    money_expected = fields.Monetary(
        readonly=True, help="Expected purchases x expected value, not discounted.")
    money_actual = fields.Monetary(
        "Money spent", readonly=True, help="What these purchases were worth.")
    money_error = fields.Float("Money missed by", readonly=True)
    bins = fields.Json(readonly=True)

    def _compute_test_days(self):
        for model in self:
            model.test_days = (
                (model.fitted_on - model.cut_day).days + 1 if model.cut_day else 0)

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_known(self, company, today) -> dict:
        """How many customers there are and since when. care_customer, one pass."""
        customers, repeaters, first, last = self.env.execute_query(SQL(
            """SELECT COUNT(*), COUNT(*) FILTER (WHERE purchase_days > 1),
                      MIN(first_purchase), MAX(last_purchase)
                 FROM care_customer
                WHERE company_id = %s AND purchase_days > 0 AND last_purchase <= %s""",
            company.id, today))[0]
        return {
            "customers": customers, "repeaters": repeaters, "first_day": first, "last_day": last,
            "history": (today - first).days + 1 if first else 0}

    def _query_portions(self, query: SQL) -> Iterator[tuple]:
        """The rows of a query, a few at a time: there may be one for each customer."""
        self.env.flush_query(query)
        cr, name = self.env.cr, SQL.identifier(f"care_model_{next(_cursors)}")
        # All rows are wanted: the plan that begins soonest is not the one that ends soonest.
        cr.execute(SQL("SELECT set_config('cursor_tuple_fraction', '1', true)"))
        cr.execute(SQL("DECLARE %s NO SCROLL CURSOR FOR %s", name, query))
        while True:
            cr.execute(SQL("FETCH %s FROM %s", PORTION, name))
            yield from (rows := cr.fetchall())
            if len(rows) < PORTION:
                break
        cr.execute(SQL("CLOSE %s", name))

    def _query_known_today(self) -> Iterator[tuple]:
        """(x, t_x, T, customers) of the care records in their order, one pass."""
        return self._query_portions(SQL(
            """SELECT purchase_days - 1, last_purchase - first_purchase,
                      GREATEST(%s::date - first_purchase, 1), COUNT(*)
                 FROM care_customer WHERE company_id = %s AND purchase_days > 0
             GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""", self.fitted_on, self.company_id.id))

    def _query_spending(self) -> Iterator[tuple]:
        """(purchases, mean value, customers) of the care records in their order, one pass."""
        return self._query_portions(SQL(
            """SELECT purchase_days, ROUND(revenue_net / purchase_days, 2)::float8, COUNT(*)
                 FROM care_customer WHERE company_id = %s AND purchase_days > 0
             GROUP BY 1, 2 ORDER BY 1, 2""", self.company_id.id))

    def _query_lived(self) -> SQL:
        """Subselect: per customer (purchases, first, last, amount, recent) known before the cut.

        recent: repeat purchases in as many days before the cut as the test has.
        """
        return SQL(
            """SELECT partner_id, COUNT(*) AS purchases, MIN(day) AS first, MAX(day) AS last,
                      SUM(amount) AS amount,
                      COUNT(*) FILTER (WHERE day >= %s) AS recent
                 FROM (%s) known GROUP BY partner_id""",
            self.cut_day - timedelta(days=self.test_days),
            self.env["care.purchases"]._query_purchase_days(
                self.company_id, EVERYBODY, until=self.cut_day))

    def _query_known_before_cut(self) -> Iterator[Iterator[tuple]]:
        """(x, t_x, T, customers), then (purchases, mean value, customers), of what was known
        before the cut, in their order and in one pass. Each is to be read before the next.

        Indexes of the purchase stream.
        """
        rows = self._query_portions(SQL(
            """SELECT purchases, t_x, age, mean, COUNT(*)
                 FROM (SELECT purchases, last - first AS t_x, GREATEST(%s - first, 1) AS age,
                              ROUND(amount / purchases, 2)::float8 AS mean
                         FROM (%s) lived) known
             GROUP BY GROUPING SETS ((purchases, t_x, age), (purchases, mean))
             ORDER BY GROUPING(mean) DESC, purchases, t_x, age, mean""",
            self.cut_day - timedelta(days=1), self._query_lived()))
        for of_money, part in groupby(rows, key=lambda row: row[2] is None):
            if of_money:
                yield ((n, mean, count) for n, _t_x, _age, mean, count in part)
            else:
                yield ((n - 1, t_x, age, count) for n, t_x, age, _mean, count in part)

    def _query_happened(self) -> Iterator[tuple]:
        """(x, t_x, T, recent, made, customers, sum of mean values, money) of the test's customers.

        made and money: purchases from the cut to the card's day, as known that day.
        """
        purchases = self.env["care.purchases"]
        until = self.fitted_on + timedelta(days=1)
        return self._query_portions(SQL(
            """WITH lived AS (%(lived)s),
               made AS (SELECT partner_id, COUNT(*) AS purchases, SUM(amount) AS amount
                          FROM (%(days)s) days WHERE day >= %(cut)s GROUP BY partner_id)
               SELECT l.purchases - 1, l.last - l.first, GREATEST(%(cut)s - 1 - l.first, 1),
                      l.recent - CASE WHEN l.first >= %(recent)s THEN 1 ELSE 0 END,
                      COALESCE(m.purchases, 0), COUNT(*),
                      SUM(GREATEST(l.amount / l.purchases, 0))::float8,
                      COALESCE(SUM(m.amount), 0)::float8
                 FROM lived l LEFT JOIN made m ON m.partner_id = l.partner_id
             GROUP BY 1, 2, 3, 4, 5""",
            lived=self._query_lived(), cut=self.cut_day,
            recent=self.cut_day - timedelta(days=self.test_days),
            days=purchases._query_purchase_days(self.company_id, EVERYBODY, until=until)))
