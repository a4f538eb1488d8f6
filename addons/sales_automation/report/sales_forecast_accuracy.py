from odoo import api, fields, models
from odoo.tools import SQL


class SalesForecastAccuracy(models.Model):
    """One row per person in a team, ended period and snapshot of it: what was said, what came.

    Accuracy is max(0, 1 - sum of errors / sum won), so that a group shows its WAPE and a single
    row its own; bias is (said - won) / won. Where nothing was won there is no figure, not 0.
    What a person won without anybody having said so is a row, too. What was won is what it was
    when the period was over, and amounts of companies with another currency are converted at the
    rate of the period's last day: the figures of a period that is over do not move any more.
    """

    _name = "sales.forecast.accuracy"
    _inherit = "sales.report.money"
    _description = "Forecast Accuracy"
    _auto = False
    _order = "date_start desc, taken_on, team_id, user_id, id"
    _rec_name = "user_id"
    _depends = {
        "crm.lead": [
            "sales_outcome", "won_at", "lost_at", "type", "user_id", "team_id", "company_id",
            "expected_revenue"],
        "sales.won.change": ["lead_id", "changed_at", "amount"],
        "sales.forecast.snapshot": ["taken_on", "amount", "category", "level"],
        "sales.forecast.snapshot.deal": ["taken_on", "amount", "category"],
    }

    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    period_kind = fields.Selection([("month", "Month"), ("quarter", "Quarter")], "Period",
                                   readonly=True)
    date_start = fields.Date("Period From", readonly=True)
    taken_on = fields.Date("Forecast Of", readonly=True)
    is_first = fields.Boolean(
        "At the Start", readonly=True,
        help="The first snapshot of the period, taken within its first week.")
    weeks_left = fields.Integer(
        "Weeks Before the End", readonly=True, aggregator=None,
        help="Whole weeks from the snapshot to the end of the period.")
    currency_id = fields.Many2one("res.currency", readonly=True)
    said = fields.Monetary("Forecast", readonly=True)
    won = fields.Monetary(
        "Won", readonly=True, help="As the deals stood when the period was over. Amounts of "
        "companies with another currency are converted at the rate of the period's last day.")
    difference = fields.Monetary("Forecast − Won", readonly=True)
    error = fields.Monetary(
        readonly=True, help="How far the forecast was off, whichever way, person by person.")
    accuracy = fields.Float(
        readonly=True, aggregator="avg",
        help="1 − errors / won, never below 0. Of a group: all errors against all that was won.")
    bias = fields.Float(
        readonly=True, aggregator="avg",
        help="(Forecast − won) / won. Above 0: more was promised than came.")
    slipped_count = fields.Integer(
        "Slipped Deals", readonly=True,
        help="Deals that were to close in the period at that time and were neither won nor lost "
        "in it.")
    slipped_amount = fields.Monetary("Slipped Revenue", readonly=True)

    @property
    def _table_query(self):
        """The id is made from the key, so that it stays when rows come in between; 48 bits, as a
        browser can hold them."""
        return SQL(
            """
            SELECT ('x' || LEFT(MD5(CONCAT_WS('/', x.company_id, x.period_kind, x.date_start,
                        x.taken_on, COALESCE(x.team_id, 0), COALESCE(x.user_id, 0))), 12)
                   )::bit(48)::bigint AS id,
                   x.company_id, x.period_kind, x.date_start, x.taken_on, x.team_id, x.user_id,
                   x.taken_on < x.date_start + 7 AND x.taken_on = MIN(x.taken_on) FILTER (
                        WHERE x.taken_on >= x.date_start) OVER (
                        PARTITION BY x.company_id, x.period_kind, x.date_start) AS is_first,
                   (x.date_end - x.taken_on) / 7 AS weeks_left, %(currency)s AS currency_id,
                   SUM(x.said) AS said, SUM(x.won) AS won, SUM(x.said) - SUM(x.won) AS difference,
                   ABS(SUM(x.said) - SUM(x.won)) AS error,
                   CASE WHEN SUM(x.won) > 0 THEN GREATEST(
                        0, 1 - ABS(SUM(x.said) - SUM(x.won)) / SUM(x.won)) END AS accuracy,
                   CASE WHEN SUM(x.won) > 0
                        THEN (SUM(x.said) - SUM(x.won)) / SUM(x.won) END AS bias,
                   SUM(x.slipped_count) AS slipped_count, SUM(x.slipped_amount) AS slipped_amount
              FROM (SELECT y.company_id, y.period_kind, y.date_start, y.date_end, y.taken_on,
                           y.team_id, y.user_id, y.said * %(rate)s AS said,
                           y.won * %(rate)s AS won, y.slipped_count,
                           y.slipped_amount * %(rate)s AS slipped_amount
                      FROM (%(parts)s) y) x
             GROUP BY x.company_id, x.period_kind, x.date_start, x.date_end, x.taken_on,
                      x.team_id, x.user_id
            """,
            parts=self._query_parts(), rate=self._query_rate_then(),
            currency=self._query_currency(SQL("x.company_id")))

    def action_open_slipped(self):
        """Open the deals that were to close in the period and did not."""
        self.ensure_one()
        rows = self.env.execute_query(self._query_own_slipped())
        return self.env["sales.forecast"]._open_leads(
            self.env._("Slipped Deals"), fields.Domain("id", "in", [row[0] for row in rows]))

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Rates of a group are made from its sums: the mean of rates would let the person with
        the smallest business decide."""
        if aggregate_spec not in ("accuracy:avg", "bias:avg"):
            return super()._read_group_select(aggregate_spec, query)
        rate = self._query_rate_of_sums(aggregate_spec.split(":")[0], *(
            self._field_to_sql(self._table, name, query) for name in ("said", "won", "error")))
        return self._query_known(rate, query)

    @api.model
    def _query_rate_of_sums(self, name, said, won, error):
        """`engine.forecast.team_accuracy` and `bias` of a group of rows."""
        if name == "accuracy":
            rate = SQL("GREATEST(0, 1 - SUM(%s) / SUM(%s))", error, won)
        else:
            rate = SQL("(SUM(%s) - SUM(%s)) / SUM(%s)", said, won, won)
        return SQL("CASE WHEN SUM(%s) > 0 THEN %s END", won, rate)

    @api.model
    def _query_rate_then(self):
        """What an amount of row y was worth in the company looked from when its period ended."""
        service, home = self.env["sales.forecast"], self.env.company.currency_id
        if self.env.companies.currency_id == home:
            return SQL("1")
        ends = [end for (end,) in self.env.execute_query(SQL(
            "SELECT DISTINCT date_end FROM (%s) p", self._query_days()))]
        return SQL("CASE %s END", SQL(" ").join([
            SQL("WHEN y.date_end = %s THEN %s", end, service._query_rate(
                SQL("y.company_id"), service._get_rates(self.env.companies, home, end)))
            for end in ends] or [SQL("WHEN TRUE THEN NULL")]))

    @api.model
    def _query_parts(self):
        """What was said, what was won and what slipped, to be added up by place.

        A deal that changed hands counts for whoever held it when the forecast was given: he had
        promised it. Found by the index on sales_forecast_snapshot_deal.lead_id.
        """
        return SQL(
            """
            SELECT s.company_id, s.period_kind, s.date_start, s.date_end, s.taken_on,
                   s.team_id, s.user_id, s.amount AS said, 0 AS won, 0 AS slipped_count,
                   0 AS slipped_amount
              FROM sales_forecast_snapshot s
             WHERE s.category = 'forecast' AND s.level = 'person' AND s.won_until <= %(now)s
             UNION ALL
            SELECT p.company_id, p.period_kind, p.date_start, p.date_end, p.taken_on,
                   CASE WHEN k.id IS NULL THEN l.team_id ELSE k.team_id END,
                   CASE WHEN k.id IS NULL THEN l.user_id ELSE k.user_id END,
                   0, %(worth)s, 0, 0
              FROM (%(days)s) p
              JOIN crm_lead l ON l.won_at >= p.won_from AND l.won_at < p.won_until
              LEFT JOIN res_users u ON u.id = l.user_id
              LEFT JOIN sales_forecast_snapshot_deal k ON k.lead_id = l.id
                   AND k.taken_on = p.taken_on AND k.company_id = p.company_id
             WHERE l.type = 'opportunity' AND l.sales_outcome = 'won'
               AND %(home)s = p.company_id
             UNION ALL
            SELECT d.company_id, d.period_kind, d.date_start, d.date_end, d.taken_on,
                   d.team_id, d.user_id, 0, 0, 1, d.amount
              FROM (%(slipped)s) d
            """,
            worth=self.env["sales.won.change"]._query_worth_at(SQL("p.won_until")),
            days=self._query_days(), slipped=self._query_slipped(), now=fields.Datetime.now(),
            home=self.env["crm.lead"]._query_home_company("l", "u"))

    @api.model
    def _query_days(self):
        """Each snapshot of a period that has ended, by the clock of its company, once."""
        return SQL(
            """
            SELECT DISTINCT company_id, period_kind, date_start, date_end, taken_on,
                   won_from, won_until
              FROM sales_forecast_snapshot
             WHERE won_until <= %s AND level = 'company'
            """,
            fields.Datetime.now())

    @api.model
    def _query_slipped(self):
        """Deals that were to close in the period, and were neither won nor lost before its end.

        Reached by sales_forecast_snapshot_deal_day_idx.
        """
        return SQL(
            """
            SELECT p.company_id, p.period_kind, p.date_start, p.date_end, p.taken_on,
                   k.team_id, k.user_id, k.lead_id, k.amount
              FROM (%s) p
              JOIN sales_forecast_snapshot_deal k
                ON k.company_id = p.company_id AND k.taken_on = p.taken_on
               AND k.date_deadline BETWEEN GREATEST(p.date_start, p.taken_on) AND p.date_end
               AND k.category <> 'omitted'
              JOIN crm_lead l ON l.id = k.lead_id
             WHERE COALESCE(l.won_at, l.lost_at, p.won_until) >= p.won_until
            """,
            self._query_days())

    def _query_own_slipped(self):
        return SQL(
            """
            SELECT d.lead_id FROM (%s) d
             WHERE d.company_id = %s AND d.taken_on = %s AND d.period_kind = %s
               AND d.date_start = %s AND d.team_id IS NOT DISTINCT FROM %s
               AND d.user_id IS NOT DISTINCT FROM %s
            """,
            self._query_slipped(), self.company_id.id, self.taken_on, self.period_kind,
            self.date_start, self.team_id.id or None, self.user_id.id or None)
