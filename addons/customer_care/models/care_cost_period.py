from datetime import date, datetime, time, timedelta

import pytz
from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import SQL, format_amount

from .care_purchases import Scope
from .figures import tell_percent
from .moments import tell_month, tell_quarter

GRAINS = {"month": 1, "quarter": 3, "year": 12}
#: Every customer.
EVERYBODY = Scope(after=0, until=2**31 - 1)


class CareCostPeriod(models.Model):
    """What keeping the customers cost one company in one month, quarter or year, as printed.

    The printed figures are written once, some days after the end of the period and when it is
    printed who stayed, and stay. What is known now stands beside them and is looked at again for
    two years; where the two differ, the difference is the correction. Quarters and years are
    counted anew and not added up: who was active at the start of the year and still is at its end
    is another question than month by month.
    """

    _name = "care.cost.period"
    _description = "Retention cost of a period"
    _order = "date_from desc, grain, id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    grain = fields.Selection(
        [("month", "Month"), ("quarter", "Quarter"), ("year", "Year")],
        "Period", required=True, readonly=True)
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("Last day", required=True, readonly=True)

    cost = fields.Monetary(
        "Retention cost", readonly=True,
        help="Costs of keeping customers in the period, each with the part that serves retention, "
        "untaxed. What is spent to win new customers is not in it.")
    at_start = fields.Integer(
        "Active at the start", readonly=True, help="Customers who were active on its first day.")
    retained = fields.Integer(
        "Retained", readonly=True,
        help="Customers who were active on the first day and still are at the end.")
    revenue = fields.Monetary(
        "Revenue of existing customers", readonly=True,
        help="Untaxed, less credit notes, in the period, from customers who had bought before it "
        "began.")
    per_retained = fields.Monetary(
        "Cost per retained customer", readonly=True, aggregator="avg",
        help="Retention cost / retained customers. Empty when nobody was retained.")
    per_retained_text = fields.Char("Per retained customer", compute="_compute_texts")
    ratio_text = fields.Char(
        "Of their revenue", compute="_compute_texts",
        help="Retention cost / revenue of existing customers.")
    sum_text = fields.Char("How it is counted", compute="_compute_texts")

    known_cost = fields.Monetary("Retention cost known now", readonly=True)
    known_retained = fields.Integer("Retained, known now", readonly=True)
    known_revenue = fields.Monetary("Revenue known now", readonly=True)
    known_on = fields.Date("Looked at", readonly=True)
    corrected = fields.Boolean(
        readonly=True, help="What is known now differs from what was printed.")
    correction = fields.Char(compute="_compute_texts")
    printed_on = fields.Date(readonly=True)
    version = fields.Integer(
        "Version of the definitions", readonly=True, aggregator=None)
    part_ids = fields.One2many("care.cost.period.part", "period_id", readonly=True)
    churn_id = fields.Many2one(
        "care.churn.period", "Who stayed", required=True, readonly=True, ondelete="cascade",
        index=True, help="The printed churn and retention that the customers were counted by.")

    _once = models.Constraint(
        "UNIQUE(company_id, grain, date_from)", "This period has been printed already.")

    @api.depends("date_from", "grain")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for period in self:
            period.display_name = period._tell_span()

    @api.depends("cost", "retained", "revenue", "known_cost", "known_retained", "known_revenue")
    @api.depends_context("lang")
    def _compute_texts(self):
        _ = self.env._
        for period in self:
            cost = period._tell_money(period.cost)
            period.per_retained_text = period._tell_per_retained(period.cost, period.retained)
            period.ratio_text = period._tell_ratio(period.cost, period.revenue)
            period.sum_text = _(
                "%(cost)s for %(retained)s customers who stayed of %(active)s active at the start; "
                "existing customers brought %(revenue)s.",
                cost=cost, retained=period.retained, active=period.at_start,
                revenue=period._tell_money(period.revenue))
            period.correction = period.corrected and _(
                "Printed %(printed)s per retained customer; as known now %(known)s: cost "
                "%(cost)s, retained %(retained)s.",
                printed=period.per_retained_text,
                known=period._tell_per_retained(period.known_cost, period.known_retained),
                cost=period._tell_change(period.cost, period.known_cost),
                retained=f"{period.retained} → {period.known_retained}")

    # ------------------------------------------------------------
    # In words
    # ------------------------------------------------------------

    def _tell_money(self, amount) -> str:
        return format_amount(self.env, amount, self.currency_id)

    def _tell_change(self, before, now) -> str:
        return f"{self._tell_money(before)} → {self._tell_money(now)}"

    def _tell_per_retained(self, cost, retained) -> str:
        return self._tell_money(cost / retained) if retained else self.env._("n/a")

    def _tell_ratio(self, cost, revenue) -> str:
        return tell_percent(self.env, 100 * cost / revenue) if revenue > 0 else self.env._("n/a")

    def _tell_span(self) -> str:
        self.ensure_one()
        if self.grain == "year":
            return str(self.date_from.year)
        if self.grain == "quarter":
            return tell_quarter(self.env, self.date_from)
        return tell_month(self.env, self.date_from)

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_open_lines(self):
        self.ensure_one()
        return self._get_lines_action([])

    def _get_lines_action(self, domain):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_care.care_cost_report_action")
        return action | {
            "display_name": self.env._("Retention cost of %s", self.display_name),
            "domain": [("company_id", "=", self.company_id.id), ("day", ">=", self.date_from),
                       ("day", "<=", self.date_to), *domain],
            "context": {},
        }

    def action_open_retained(self):
        """The customers who were kept."""
        self.ensure_one()
        return self.churn_id._get_figure_action("retained")

    def action_open_documents(self):
        """The documents of existing customers in the period, which their revenue is added up from.

        Where orders count these are opened; what is credited of them comes off by itself.
        """
        self.ensure_one()
        existing = [("commercial_partner_id.care_customer_ids", "any", [
            ("company_id", "=", self.company_id.id), ("first_purchase", "<", self.date_from)])]
        orders = self.company_id.care_revenue_source == "orders"
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sale.action_orders" if orders else "account.action_move_out_invoice_type")
        return action | {
            "display_name": self.env._("Existing customers, %s", self.display_name),
            "domain": self._order_domain(existing) if orders else self._invoice_domain(existing),
            "context": {"create": False},
        }

    def _invoice_domain(self, existing):
        """Compensation that the company counts as a cost is not taken off the revenue."""
        cost = self.company_id.care_refund_in == "cost"
        return [
            ("company_id", "=", self.company_id.id), ("state", "=", "posted"),
            ("move_type", "in", ("out_invoice", "out_refund", "out_receipt")),
            ("invoice_date", ">=", self.date_from), ("invoice_date", "<=", self.date_to),
            *existing, *([("care_compensation", "=", False)] if cost else [])]

    def _order_domain(self, existing):
        """The days of the period are those of the company's time zone."""
        zone = pytz.timezone(self.company_id._care_zone())
        begin, end = (
            zone.localize(datetime.combine(day, time.min)).astimezone(pytz.utc).replace(tzinfo=None)
            for day in (self.date_from, self.date_to + timedelta(days=1)))
        return [
            ("company_id", "=", self.company_id.id), ("state", "=", "sale"),
            ("date_order", ">=", fields.Datetime.to_string(begin)),
            ("date_order", "<", fields.Datetime.to_string(end)),
            *[(f"partner_id.{path}", *term) for path, *term in existing]]

    # ------------------------------------------------------------
    # Printing
    # ------------------------------------------------------------

    @api.model
    def _measure_year(self, company, grain, year, today):
        """Print what of a year is due, and look again at what was printed."""
        printed = self._find_printed(company, grain, year)
        due = {*printed, *self._find_missing(company, grain, year, today)}
        if not due:
            return
        first, last = date(year, 1, 1), date(year + 1, 1, 1)
        costs = self._query_costs(company, grain, first, last)
        revenues = dict(self._query_revenues(company, grain, first, last))
        for start in sorted(due):
            self._measure(
                company, grain, start, today, costs.get(start, {}), revenues.get(start, 0.0))

    @api.model
    def _find_printed(self, company, grain, year) -> set[date]:
        return set(self.search([
            ("company_id", "=", company.id), ("grain", "=", grain),
            ("date_from", ">=", date(year, 1, 1)), ("date_from", "<", date(year + 1, 1, 1)),
        ]).mapped("date_from"))

    @api.model
    def _find_missing(self, company, grain, year, today) -> list[date]:
        """Starts of the periods that are due and not printed yet."""
        missing = {*self._starts(grain, year)} - self._find_printed(company, grain, year)
        begun = missing and self._query_first_cost(company)
        return sorted(
            start for start in missing
            if begun and self._is_due(company, grain, start, begun, today))

    def _measure(self, company, grain, start, today, costs, revenue):
        """One period: printed the first time, known ever after; not before its churn is known."""
        period = self.search([
            ("company_id", "=", company.id), ("grain", "=", grain), ("date_from", "=", start)])
        churn = period.churn_id or self.env["care.churn.period"]._deciding(company, grain, start)
        if not churn:
            return
        cost = sum(costs.values())
        known_retained = self._known_retained(churn)
        known = {
            "known_cost": cost, "known_retained": known_retained, "known_revenue": revenue,
            "known_on": today}
        if not period:
            period = self.create({
                "company_id": company.id, "grain": grain, "date_from": start,
                "date_to": self._end(grain, start) - timedelta(days=1), "churn_id": churn.id,
                "cost": cost, "at_start": churn.active_start, "retained": churn.retained,
                "revenue": revenue,
                "per_retained": cost / churn.retained if churn.retained else 0.0,
                "printed_on": today, "version": company._care_definition_version()})
            period._query_leave_empty()
        same = company.currency_id.is_zero
        period.write(known | {"corrected": not (
            same(period.cost - cost) and same(period.revenue - revenue)
            and period.retained == known_retained)})
        period._keep_parts(costs)

    def _keep_parts(self, costs):
        """The same costs by source and kind; a kind that comes later was printed as 0."""
        first_time = not self.part_ids
        parts = {(part.source, part.category_id.id): part for part in self.part_ids}
        for key, part in parts.items():
            part.known = costs.get(key, 0.0)
        parts_model = self.env["care.cost.period.part"]
        parts_model.create([
            {"period_id": self.id, "source": source, "category_id": category,
             "printed": amount if first_time else 0.0, "known": amount}
            for (source, category), amount in costs.items() if (source, category) not in parts])

    @api.model
    def _known_retained(self, churn) -> int:
        """How many of those who stayed would be printed today."""
        corrections = self.env["care.churn.correction"]._sums(churn).get(churn.id, {})
        return churn.retained + corrections.get("retained", 0)

    @api.model
    def _is_due(self, company, grain, start, begun, today) -> bool:
        """Over for long enough, and not before the first cost was entered."""
        end = self._end(grain, start)
        return end > begun and end + timedelta(days=company.care_cost_close_days) <= today

    @api.model
    def _starts(self, grain, year) -> list[date]:
        return [date(year, month, 1) for month in range(1, 13, GRAINS[grain])]

    @api.model
    def _end(self, grain, start) -> date:
        return start + relativedelta(months=GRAINS[grain])

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_leave_empty(self):
        """A cost per nobody is no 0, which would pull every mean down; the ORM knows no empty."""
        self.flush_recordset()
        self.env.execute_query(SQL(
            """UPDATE care_cost_period SET per_retained = NULL
                WHERE id = ANY(%s) AND retained = 0 RETURNING id""", self.ids))

    def _query_costs(self, company, grain, first, last) -> dict[date, dict[tuple, float]]:
        """{start of the period: {(source, category): amount}}."""
        lines = self.env["care.cost.report"]
        lines.flush_model()
        rows = self.env.execute_query(SQL(
            """SELECT date_trunc(%s, c.day)::date, c.source, c.category_id, SUM(c.amount)::float8
                 FROM (%s) c WHERE c.day >= %s AND c.day < %s
             GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
            grain, lines._query_company_costs(company), first, last))
        found: dict[date, dict[tuple, float]] = {}
        for start, source, category, amount in rows:
            found.setdefault(start, {})[source, category or False] = amount
        return found

    def _query_first_cost(self, company) -> date | None:
        lines = self.env["care.cost.report"]
        return self.env.execute_query(SQL(
            "SELECT MIN(c.day) FROM (%s) c", lines._query_company_costs(company)))[0][0]

    def _query_revenues(self, company, grain, first, last) -> list[tuple[date, float]]:
        """Net revenue of customers who had bought before the period began, by period."""
        stream = self.env["care.purchases"]
        return self.env.execute_query(SQL(
            """SELECT date_trunc(%(grain)s, t.day)::date AS start, SUM(t.amount)::float8
                 FROM (%(turnover)s) t
                 JOIN care_customer k ON k.partner_id = t.partner_id
                                     AND k.company_id = %(company)s
                WHERE k.first_purchase < date_trunc(%(grain)s, t.day)
             GROUP BY 1""",
            grain=grain, company=company.id,
            turnover=stream._query_turnover(company, EVERYBODY, since=first, until=last),
        ))
