from datetime import datetime, time, timedelta

import pytz
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

OPEN_CATEGORIES = ("commit", "best_case", "pipeline")
# What a cell of the screen adds up: a category counts together with the surer ones.
COLUMNS = {
    "closed": ("closed",),
    "commit": ("closed", "commit"),
    "best_case": ("closed", "commit", "best_case"),
    "pipeline": ("closed", "commit", "best_case", "pipeline"),
    "open": OPEN_CATEGORIES,
    "omitted": ("omitted",),
    "overdue": ("overdue",),
    "undated": ("undated",),
}


class SalesForecast(models.AbstractModel):
    """What a period will bring: which deals count, under what, and their sums.

    Deals count in their home company (`crm.lead._get_home_domain`), at its rate of today.

    Won deals count in the period in which they were won (`won_at`), open ones in the period of
    their expected closing. An open deal whose closing date has passed, or that has none, counts
    nowhere: it is shown apart, until somebody gives it a date. Days are those of the company.
    """

    _name = "sales.forecast"
    _description = "Forecast"

    # ---- time ---------------------------------------------------------------------------------

    @api.model
    def _get_timezone(self, company):
        return pytz.timezone(
            company.resource_calendar_id.tz or company.partner_id.tz or "UTC")

    @api.model
    def _get_today(self, company):
        return self._get_day(fields.Datetime.now(), company)

    @api.model
    def _get_day(self, moment, company):
        """The day of the company at a moment (UTC)."""
        return pytz.utc.localize(moment).astimezone(self._get_timezone(company)).date()

    @api.model
    def _get_bounds(self, period, company):
        """The moments (UTC) at which the period begins, and at which the next one does."""
        return tuple(
            self._get_midnight(day, company)
            for day in (period.start, period.end + timedelta(days=1)))

    @api.model
    def _get_midnight(self, day, company):
        """The moment (UTC) at which a day of the company begins."""
        midnight = self._get_timezone(company).localize(datetime.combine(day, time.min))
        return midnight.astimezone(pytz.utc).replace(tzinfo=None)

    # ---- which deals --------------------------------------------------------------------------

    @api.model
    def _get_scope(self):
        """Deals that the user answers for: his own, those of the teams he leads, or all."""
        if self.env.su or self.env.user.has_group(
                "sales_team.group_sale_salesman_all_leads"):
            return Domain.TRUE
        return Domain("user_id", "=", self.env.uid) | Domain("team_id.user_id", "=", self.env.uid)

    @api.model
    def _get_domain(self, period, buckets, company=None):
        """Deals of the period under these buckets: categories, "overdue", "undated"."""
        companies = company or self.env.companies
        company = company or self.env.company
        today = self._get_today(company)
        since, until = self._get_bounds(period, company)
        dated = (Domain("date_deadline", ">=", max(period.start, today))
                 & Domain("date_deadline", "<=", period.end))
        parts = []
        if "closed" in buckets:
            parts.append(Domain("sales_outcome", "=", "won")
                         & Domain("won_at", ">=", since) & Domain("won_at", "<", until))
        if categories := [name for name in (*OPEN_CATEGORIES, "omitted") if name in buckets]:
            parts.append(self._get_open_domain() & dated
                         & Domain("forecast_category", "in", categories))
        if "overdue" in buckets:
            parts.append(self._get_passed_domain(today))
        if "undated" in buckets:
            parts.append(self._get_counted_domain() & Domain("date_deadline", "=", False))
        return (Domain("type", "=", "opportunity") & Domain.OR(parts)
                & self.env["crm.lead"]._get_home_domain(companies))

    @api.model
    def _get_open_domain(self):
        return Domain("sales_outcome", "=", "open") & Domain("active", "=", True)

    @api.model
    def _get_counted_domain(self):
        """Open deals on which somebody counts."""
        return self._get_open_domain() & ~Domain("forecast_category", "=", "omitted")

    @api.model
    def _get_passed_domain(self, today):
        """Deals that somebody counts on and that should be closed by now, on every screen."""
        return self._get_counted_domain() & Domain("date_deadline", "<", today)

    @api.model
    def _get_rates(self, companies, currency, day):
        """Return {company id: what one unit of its currency is worth in `currency` that day}."""
        return {
            company.id: company.currency_id._get_conversion_rate(
                company.currency_id, currency, self.env.company, day)
            for company in companies}

    @api.model
    def _get_figures(self, period):
        """Return {company id: {(team id, user id): {bucket: (count, amount, weighted)}}} of what
        the user may see, in his company's currency."""
        company = self.env.company
        today = self._get_today(company)
        domain = self._get_scope() & self._get_domain(
            period, ("closed", *OPEN_CATEGORIES, "omitted", "overdue", "undated"))
        rates = self._get_rates(self.env.companies, company.currency_id, today)
        figures = {}
        for home, team, user, bucket, *sums in self.env.execute_query(
                self._query_figures(domain, today, rates)):
            places = figures.setdefault(home, {})
            places.setdefault((team or False, user or False), {})[bucket] = tuple(sums)
        return figures

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_figures(self, domain, today, rates):
        """Sums by company, team, person and bucket: one pass over the deals that the user may see.

        Open deals are reached by crm_lead_sales_forecast_idx, won ones by the index on won_at.
        """
        leads = self.env["crm.lead"].with_context(active_test=False)
        query = leads._search(domain)

        def column(name):
            return leads._field_to_sql(query.table, name, query)

        category, home = column("forecast_category"), leads._join_home_company(query)
        values = {
            "team": column("team_id"), "user": column("user_id"), "category": category,
            "deadline": column("date_deadline"), "today": today,
            "home": home, "rate": self._query_rate(home, rates),
            "amount": column("expected_revenue"), "weighted": column("prorated_revenue")}
        return SQL(
            """
            SELECT x.company_id, x.team_id, x.user_id, x.bucket, COUNT(*),
                   COALESCE(SUM(x.amount), 0)::float, COALESCE(SUM(x.weighted), 0)::float
              FROM (SELECT %(home)s AS company_id, %(team)s AS team_id, %(user)s AS user_id,
                           CASE WHEN %(category)s IN ('closed', 'omitted') THEN %(category)s
                                WHEN %(deadline)s IS NULL THEN 'undated'
                                WHEN %(deadline)s < %(today)s THEN 'overdue'
                                ELSE %(category)s END AS bucket,
                           %(amount)s * %(rate)s AS amount,
                           CASE WHEN %(category)s = 'closed' THEN %(amount)s
                                ELSE %(weighted)s END * %(rate)s AS weighted
                      FROM %(tables)s
                     WHERE %(where)s) x
             GROUP BY 1, 2, 3, 4
            """,
            tables=query.from_clause, where=query.where_clause or SQL("TRUE"), **values)

    @api.model
    def _query_rate(self, company, rates):
        """The rate of the company of a row."""
        if all(rate == 1 for rate in rates.values()):
            return SQL("1")
        return SQL(
            "CASE %s %s END", company,
            SQL(" ").join(SQL("WHEN %s THEN %s::numeric", company_id, rate)
                          for company_id, rate in rates.items()))
