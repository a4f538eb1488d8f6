from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.sales_automation.engine import forecast
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .crm_stage_forecast import CATEGORIES
from .poison import work_through
from .sales_target import PERIOD_KINDS

KEPT_WEEKS = 60  # of the deals behind the sums: what changed in the last year can be told


class SalesForecastSnapshot(models.Model):
    """One row per day, period, person in a team and category: what was in the forecast then.

    Rows with the category "forecast" are what was said: of a person, of a team, of the company,
    adjustments included. A week in which no snapshot was taken has no rows. Amounts are in the
    currency of the company. Written only by `_take`.
    """

    _name = "sales.forecast.snapshot"
    _description = "Forecast Snapshot"
    _order = "taken_on desc, date_start, team_id, user_id, id"
    _log_access = False

    taken_on = fields.Date(required=True, readonly=True)
    period_kind = fields.Selection(PERIOD_KINDS[:2], "Period", required=True, readonly=True)
    date_start = fields.Date("From", required=True, readonly=True)
    date_end = fields.Date("To", required=True, readonly=True)
    won_from = fields.Datetime(
        readonly=True, help="The moment at which the period begins for the company.")
    won_until = fields.Datetime(
        readonly=True, help="The moment at which the period is over for the company.")
    level = fields.Selection(
        [("person", "Person"), ("team", "Team"), ("company", "Company")], required=True,
        readonly=True)
    user_id = fields.Many2one(
        "res.users", "Salesperson", readonly=True, index="btree_not_null", ondelete="set null")
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True, ondelete="set null")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    category = fields.Selection(
        [*CATEGORIES, ("overdue", "Closing Date Passed"), ("forecast", "Forecast")],
        required=True, readonly=True)
    deal_count = fields.Integer("Deals", readonly=True)
    amount = fields.Monetary("Expected Revenue", readonly=True)
    weighted = fields.Monetary(
        readonly=True, help="Expected revenue times probability; won deals in full.")

    # A day of a company is replaced and read as a whole.
    _day_idx = models.Index("(company_id, taken_on, period_kind, date_start)")

    # ---- reading ------------------------------------------------------------------------------

    @api.model
    def _get_before(self, period, today):
        """What the last snapshot before today said of the period, by level and place."""
        companies = self.env.companies
        last = self.search(
            [("taken_on", "<", today), ("period_kind", "=", period.kind),
             ("date_start", "=", period.start), ("company_id", "in", companies.ids)],
            order="taken_on desc", limit=1).taken_on
        result = {"day": last and fields.Date.to_string(last), "forecast": {}, "commit": {},
                  "has_words": False}
        if not last:
            return result
        rates = self.env["sales.forecast"]._get_rates(
            companies, self.env.company.currency_id, today)
        for company, level, team, user, category, amount in self._read_group(
                [("taken_on", "=", last), ("period_kind", "=", period.kind),
                 ("date_start", "=", period.start), ("company_id", "in", companies.ids),
                 ("category", "in", ("closed", "commit", "forecast"))],
                ["company_id", "level", "team_id", "user_id", "category"], ["amount:sum"]):
            value = amount * rates[company.id]
            if category == "forecast":
                result["has_words"] = True
                key = (level, None if level == "company" else team.id,
                       user.id if level == "person" else None)
                result["forecast"][key] = result["forecast"].get(key, 0) + value
                continue
            for key in (("company", None, None), ("team", team.id, None),
                        ("person", team.id, user.id)):
                result["commit"][key] = result["commit"].get(key, 0) + value
        # A leader may not read the company's word: his teams' together stand for it.
        result["forecast"].setdefault(("company", None, None), sum(
            value for key, value in result["forecast"].items() if key[0] == "team"))
        return result

    # ---- taking -------------------------------------------------------------------------------

    def action_take_now(self):
        """Take (or replace) today's snapshot of the user's company."""
        if not self.env.user.has_group("sales_automation.group_sales_automation_manager"):
            raise AccessError(self.env._("Only managers of the Sales Desk take snapshots."))
        self._take(self.env.company)
        return {
            "type": "ir.actions.client", "tag": "display_notification",
            "params": {"type": "success", "message": self.env._(
                "Today's snapshot of %s was taken.", self.env.company.name)},
        }

    @api.model
    def _cron_take_snapshots(self):
        """Take the week's snapshot of each company on its weekday, or on the next day that the
        job runs; a week that is missed altogether stays empty."""
        due = self.env["res.company"].search([]).filtered(self._is_due)
        time_left = self.env["ir.cron"]._commit_progress(remaining=len(due))
        for company in due:
            if not time_left:
                break
            work_through(
                company, self._take,
                lambda one, error: one.write({"sales_snapshot_failure": str(error)}))
            time_left = self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _is_due(self, company):
        today = self.env["sales.forecast"]._get_today(company)
        wanted = today - timedelta(
            days=(today.weekday() - int(company.sales_snapshot_weekday)) % 7)
        return not self.search_count(
            [("company_id", "=", company.id), ("taken_on", ">=", wanted)], limit=1)

    @api.model
    def _take(self, company):
        """Take today's snapshot of a company, instead of one taken earlier today."""
        company.ensure_one()
        env = self.env(su=True)  # a snapshot holds the whole company, whoever presses the button
        service = env["sales.forecast"].with_context(allowed_company_ids=company.ids)
        rows = env["sales.forecast.snapshot"].with_context(allowed_company_ids=company.ids)
        today = service._get_today(company)
        periods = [
            forecast.Period.of(kind, today).shift(step)
            for kind in ("month", "quarter") for step in (0, 1)]
        env["crm.lead"].flush_model()
        deals = env["sales.forecast.snapshot.deal"]
        for model in (rows, deals):
            env.execute_query(self._query_forget(model._table, company, today))
        env.execute_query(deals._query_take(company, today, periods[-1].end))
        env.execute_query(rows._query_take(company, today, periods))
        rows.invalidate_model(flush=False)
        for period in periods:
            rows._keep_words(company, today, period)
        company.sudo().sales_snapshot_failure = False  # set by the same job

    def _keep_words(self, company, today, period):
        """Keep what is said of the period: persons, teams, company."""
        figures = {}
        for team, user, category, *sums in self._read_group(
                [("company_id", "=", company.id), ("taken_on", "=", today),
                 ("period_kind", "=", period.kind), ("date_start", "=", period.start)],
                ["team_id", "user_id", "category"],
                ["deal_count:sum", "amount:sum", "weighted:sum"]):
            figures.setdefault((team.id, user.id), {})[category] = tuple(sums)
        board = self.env["sales.forecast"]._build_board(period, {company.id: figures})
        self.create([
            self._prepare_word_vals(row, company, today, period) for row in board["rows"]])

    @api.model
    def _prepare_word_vals(self, row, company, today, period):
        since, until = self.env["sales.forecast"]._get_bounds(period, company)
        return {
            "taken_on": today, "period_kind": period.kind, "date_start": period.start,
            "date_end": period.end, "won_from": since, "won_until": until, "level": row["level"],
            "user_id": row["user_id"] or False, "team_id": row["team_id"] or False,
            "company_id": company.id, "category": "forecast", "deal_count": row["count"],
            "amount": row["forecast"], "weighted": row["weighted"],
        }

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_forget(self, table, company, day):
        return SQL(
            "DELETE FROM %s WHERE company_id = %s AND taken_on = %s",
            SQL.identifier(table), company.id, day)

    @api.model
    def _query_take(self, company, today, periods):
        """Sums of the deals of a company; open ones from the rows just kept of them, won ones
        by the index on won_at."""
        bounds = [self.env["sales.forecast"]._get_bounds(period, company) for period in periods]
        return SQL(
            """
            INSERT INTO sales_forecast_snapshot (
                taken_on, company_id, level, period_kind, date_start, date_end, won_from,
                won_until, team_id, user_id, category, deal_count, amount, weighted)
            SELECT %(today)s, %(company)s, 'person', p.kind, p.date_start, p.date_end, p.won_from,
                   p.won_until, x.team_id, x.user_id, x.category, COUNT(*), SUM(x.amount),
                   SUM(x.weighted)
              FROM (VALUES %(periods)s)
                AS p (kind, date_start, date_end, won_from, won_until)
              JOIN LATERAL (
                    SELECT d.team_id, d.user_id,
                           CASE WHEN d.date_deadline < %(today)s AND d.category <> 'omitted'
                                THEN 'overdue' ELSE d.category END AS category,
                           d.amount, d.weighted
                      FROM sales_forecast_snapshot_deal d
                     WHERE d.company_id = %(company)s AND d.taken_on = %(today)s
                       AND d.date_deadline BETWEEN p.date_start AND p.date_end
                     UNION ALL
                    SELECT l.team_id, l.user_id, 'closed', l.expected_revenue, l.expected_revenue
                      FROM crm_lead l
                      LEFT JOIN res_users u ON u.id = l.user_id
                     WHERE l.type = 'opportunity' AND l.sales_outcome = 'won'
                       AND l.won_at >= p.won_from AND l.won_at < p.won_until
                       AND %(of_company)s) x ON TRUE
             GROUP BY p.kind, p.date_start, p.date_end, p.won_from, p.won_until, x.team_id,
                      x.user_id, x.category
         RETURNING id
            """,
            today=today, company=company.id, of_company=self._query_of_company(company),
            periods=SQL(", ").join(
                SQL("(%s, %s::date, %s::date, %s::timestamp, %s::timestamp)",
                    period.kind, period.start, period.end, since, until)
                for period, (since, until) in zip(periods, bounds, strict=True)))

    @api.model
    def _query_of_company(self, company):
        """Deal l with salesperson u counts in the company."""
        return SQL("%s = %s", self.env["crm.lead"]._query_home_company("l", "u"), company.id)
