from datetime import datetime, time

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

# Why the open deals of a period are worth more or less than at the last snapshot, in the order in
# which they are told.
REASONS = ("new", "moved_in", "up", "down", "won", "lost", "moved_out", "overdue", "omitted",
           "gone")


class SalesForecast(models.AbstractModel):
    """What changed since the last snapshot: from the open deals of then to those of now."""

    _inherit = "sales.forecast"

    @api.model
    def get_changes(self, kind, start):
        """Return the steps from the open deals of the last snapshot to those of now."""
        period = self._get_period(kind, fields.Date.to_date(start))
        day = self._get_last_day()
        if not day:
            return {"day": False, "steps": []}
        rows = self.env.execute_query(self._query_changes(period, day)) \
            + self.env.execute_query(self._query_gone(period, day))
        sums = {reason: (count, before, after) for reason, count, before, after in rows if count}
        words = self._name_reasons()
        steps = [{
            "reason": reason, "label": words[reason], "count": sums[reason][0],
            "amount": sums[reason][2] - sums[reason][1],
        } for reason in REASONS if reason in sums]
        before = sum(row[1] for row in sums.values())
        return {
            "day": fields.Date.to_string(day), "before": before,
            "after": before + sum(step["amount"] for step in steps), "steps": steps}

    @api.model
    def open_changed(self, kind, start, reason):
        """Open the deals of one step."""
        if reason not in REASONS:
            raise UserError(self.env._("There is no such figure."))
        period = self._get_period(kind, fields.Date.to_date(start))
        day = self._get_last_day()
        if reason == "gone":
            return self._open_gone(period, day)
        rows = self.env.execute_query(self._query_reason(period, day, reason)) if day else []
        return self._open_leads(
            self._name_reasons()[reason], Domain("id", "in", [row[0] for row in rows]))

    @api.model
    def _open_gone(self, period, day):
        """Deals that are no more: what was kept of them."""
        return {
            "type": "ir.actions.act_window", "res_model": "sales.forecast.snapshot.deal",
            "name": self._name_reasons()["gone"], "views": [(False, "list")],
            "domain": self._to_client(self._get_gone_domain(period, day)),
        }

    @api.model
    def _get_gone_domain(self, period, day):
        """Rows of the snapshot that counted in the period, and whose deals are no more."""
        return self._get_scope() & Domain([
            ("company_id", "in", self.env.companies.ids), ("taken_on", "=", day),
            ("lead_id", "=", False), ("date_deadline", ">=", max(period.start, day)),
            ("date_deadline", "<=", period.end), ("category", "!=", "omitted")])

    @api.model
    def _name_reasons(self):
        return {
            "new": self.env._("New deals"), "moved_in": self.env._("Came into the period"),
            "up": self.env._("Became larger"), "down": self.env._("Became smaller"),
            "won": self.env._("Won"), "lost": self.env._("Lost or not now"),
            "moved_out": self.env._("Moved out of the period"),
            "overdue": self.env._("Closing date passed"),
            "omitted": self.env._("Left out or archived"),
            "gone": self.env._("Merged or deleted"),
        }

    @api.model
    def _get_last_day(self):
        """The last snapshot before today that the user may see."""
        return self.env["sales.forecast.snapshot"].search(
            [("taken_on", "<", self._get_today(self.env.company)),
             ("company_id", "in", self.env.companies.ids)],
            order="taken_on desc", limit=1).taken_on

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_changes(self, period, day):
        return SQL(
            """
            SELECT x.reason, COUNT(*), COALESCE(SUM(x.before), 0)::float,
                   COALESCE(SUM(x.after), 0)::float
              FROM (%s) x GROUP BY x.reason
            """,
            self._query_changed(period, day))

    @api.model
    def _query_gone(self, period, day):
        """The step of deals that are no more, by sales_forecast_snapshot_deal_day_idx."""
        deals = self.env["sales.forecast.snapshot.deal"]
        query = deals._search(self._get_gone_domain(period, day))
        rates = self._get_rates(
            self.env.companies, self.env.company.currency_id, self._get_today(self.env.company))
        rate = self._query_rate(SQL.identifier(query.table, "company_id"), rates)
        return SQL(
            "SELECT 'gone', COUNT(*), COALESCE(SUM(%s * %s), 0)::float, 0.0 FROM %s WHERE %s",
            SQL.identifier(query.table, "amount"), rate, query.from_clause, query.where_clause)

    @api.model
    def _query_reason(self, period, day, reason):
        return SQL(
            "SELECT x.id FROM (%s) x WHERE x.reason = %s", self._query_changed(period, day), reason)

    @api.model
    def _query_kept(self, period, day, rates):
        """Open deals that counted in the period when the snapshot was taken, at the rate of the
        company in which they did, by sales_forecast_snapshot_deal_day_idx."""
        return SQL(
            """
            SELECT k.lead_id, SUM(k.amount * %s) AS amount
              FROM sales_forecast_snapshot_deal k
             WHERE k.company_id = ANY(%s) AND k.taken_on = %s
               AND k.date_deadline BETWEEN %s AND %s AND k.category <> 'omitted'
               AND k.lead_id IS NOT NULL
             GROUP BY k.lead_id
            """,
            self._query_rate(SQL("k.company_id"), rates), self.env.companies.ids, day,
            max(period.start, day), period.end)

    @api.model
    def _query_changed(self, period, day):
        """Deals that counted then or count now, what each was and is worth, and why it changed.

        Those of now are reached by crm_lead_sales_forecast_idx.
        """
        leads = self.env["crm.lead"].with_context(active_test=False)
        today = self._get_today(self.env.company)
        rates = self._get_rates(self.env.companies, self.env.company.currency_id, today)
        kept = self._query_kept(period, day, rates)
        now = leads._search(
            self._get_scope() & self._get_domain(period, ("commit", "best_case", "pipeline")))
        query = leads._search(self._get_scope() & Domain("type", "=", "opportunity"))
        query.add_where(SQL(
            "%(id)s IN (SELECT lead_id FROM (%(kept)s) k UNION %(now)s)",
            id=SQL.identifier(query.table, "id"), kept=kept, now=now.select()))

        def column(name):
            return leads._field_to_sql(query.table, name, query)

        home = leads._join_home_company(query)
        return SQL(
            """
            SELECT x.id, x.before, CASE WHEN x.counts THEN x.amount ELSE 0 END AS after,
                   CASE WHEN x.was AND x.counts AND x.amount > x.before THEN 'up'
                        WHEN x.was AND x.counts AND x.amount < x.before THEN 'down'
                        WHEN x.was AND x.counts THEN 'same'
                        WHEN x.counts AND x.create_date >= %(since)s THEN 'new'
                        WHEN x.counts THEN 'moved_in'
                        WHEN x.outcome = 'won' THEN 'won'
                        WHEN x.outcome <> 'open' THEN 'lost'
                        WHEN x.category = 'omitted' THEN 'omitted'
                        WHEN x.deadline < %(today)s AND x.deadline >= %(start)s THEN 'overdue'
                        ELSE 'moved_out' END AS reason
              FROM (SELECT %(id)s AS id, k.lead_id IS NOT NULL AS was,
                           COALESCE(k.amount, 0) AS before,
                           COALESCE(%(amount)s, 0) * %(rate)s AS amount,
                           %(outcome)s AS outcome, %(category)s AS category,
                           %(deadline)s AS deadline, %(created)s AS create_date,
                           %(outcome)s = 'open' AND %(category)s <> 'omitted'
                                AND %(home)s = ANY(%(companies)s)
                                AND COALESCE(%(deadline)s BETWEEN %(first)s AND %(end)s, FALSE)
                                AS counts
                      FROM %(tables)s
                      LEFT JOIN (%(kept)s) k ON k.lead_id = %(id)s
                     WHERE %(where)s) x
            """,
            id=SQL.identifier(query.table, "id"), kept=kept,
            home=home, companies=self.env.companies.ids, rate=self._query_rate(home, rates),
            amount=column("expected_revenue"), outcome=column("sales_outcome"),
            category=column("forecast_category"), deadline=column("date_deadline"),
            created=column("create_date"), today=today, start=period.start, end=period.end,
            first=max(period.start, today), since=datetime.combine(day, time.min),
            tables=query.from_clause, where=query.where_clause)
