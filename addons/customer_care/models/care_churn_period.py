from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.addons.customer_care.engine import churn
from odoo.tools import SQL

from .care_churn_facts import COUNTS, MONEY
from .figures import tell_figure
from .moments import tell_month, tell_quarter

KIND_SELECTION = [
    ("purchases", "Non-contractual"), ("agreements", "Contractual"), ("both", "Both")]
SPAN_SELECTION = [
    ("month", "Month"), ("quarter", "Quarter"), ("year", "Year"), ("rolling", "Twelve months")]
#: Months of a span; every month ends twelve.
LENGTH = {"month": 1, "quarter": 3, "year": 12, "rolling": 12}


class Terms(NamedTuple):
    """What is measured of all customers and judges each: the typical gap, and those of `Pace.few`
    (none while nothing is known)."""

    pool: float
    few: list[float]


class CareChurnPeriod(models.Model):
    """Churn and retention of one company in one month, quarter or year, as it was printed.

    The figures are written once, when the period closes. What today's documents would print is
    read from the corrections and shown beside them, never instead of them.
    """

    _name = "care.churn.period"
    _description = "Churn and retention of a period"
    _inherit = ["care.churn.facts"]
    _log_access = False
    _order = "date_from desc, kind, id desc"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        KIND_SELECTION, required=True, readonly=True, default="purchases",
        help="Non-contractual: lost is who is silent for longer than his own limit. Contractual: "
        "whose agreement ended and was not renewed. Both: by agreement where there is one.")
    span = fields.Selection(
        SPAN_SELECTION, "Period", required=True, readonly=True, default="month")
    date_from = fields.Date("From", required=True, readonly=True)
    last_month = fields.Date(required=True, readonly=True)
    definition_id = fields.Many2one(
        "care.churn.definition", "Definition", readonly=True, ondelete="restrict")
    pool_gap = fields.Float(
        "Typical gap", readonly=True, aggregator="avg",
        help="Days between two purchases of the typical customer, as known then.")
    few_gaps = fields.Json("Gaps without a rhythm", readonly=True)
    state = fields.Selection(
        [("open", "Being counted"), ("counted", "Counted"), ("printed", "Printed")],
        required=True, readonly=True, default="open")
    printed_at = fields.Datetime(readonly=True)

    active_start = fields.Integer(
        "Active at the start", readonly=True,
        help="Customers who had bought and were not lost when the period began. The denominator "
        "of churn and retention; new customers are in neither.")
    retained = fields.Integer(
        readonly=True, help="Active at the start and still active at the end.")
    lost = fields.Integer(
        readonly=True, help="Active at the start and not at the end. The numerator of churn.")
    arrived = fields.Integer(
        "New", readonly=True, help="Bought for the first time in the period.")
    reactivated = fields.Integer(
        readonly=True, help="Had been lost before the period and bought again in it.")
    returned = fields.Integer(
        "Lost and back", readonly=True,
        help="In quarters and years: lost and back within the period, retained as they are active "
        "at its end. A month looks at its two ends alone.")
    brief = fields.Integer(
        "Came and left", readonly=True,
        help="New or reactivated in the period, and lost again before it ended.")
    corrected = fields.Integer(
        "Opening corrected", readonly=True,
        help="Customers printed as lost before whom a later document shows as active, minus those "
        "of whom nothing stands any more.")
    active_end = fields.Integer("Active at the end", readonly=True)
    purchases = fields.Integer(readonly=True, help="Purchase days in the period.")
    churn_rate = fields.Float(
        "Churn (%)", readonly=True, aggregator="avg", digits=(16, 1),
        help="Lost / active at the start. Empty in charts where nobody was active.")
    retention_rate = fields.Float(
        "Retention (%)", readonly=True, aggregator="avg", digits=(16, 1), help="100 % - churn.")

    revenue_start = fields.Monetary(
        "Revenue at the start", readonly=True,
        help="Net revenue of the twelve months before, of those active at the start.")
    revenue_lost = fields.Monetary(
        "Revenue lost", readonly=True, help="The part of it that came from those who were lost.")
    contraction = fields.Monetary(
        readonly=True, help="What retained customers bought less in the twelve months up to the "
        "end than in the twelve before the start; customers of less than a year are not compared.")
    expansion = fields.Monetary(
        readonly=True, help="What retained customers bought more; compared as contraction is.")
    revenue = fields.Monetary(
        "Revenue in the period", readonly=True, help="Net revenue of all customers counted here.")
    churn_text = fields.Char("Churn", compute="_compute_texts")
    retention_text = fields.Char("Retention", compute="_compute_texts")
    gross_text = fields.Char(
        "Gross revenue churn", compute="_compute_texts",
        help="(Revenue lost + contraction) / revenue at the start.")
    net_text = fields.Char(
        "Net revenue churn", compute="_compute_texts",
        help="(Revenue lost + contraction - expansion) / revenue at the start. Below 0: customers "
        "who stayed bought more than was lost.")
    correction_ids = fields.One2many("care.churn.correction", "period_id", readonly=True)
    correction_count = fields.Integer("Corrections", compute="_compute_correction_text")
    correction_text = fields.Char("Today's knowledge", compute="_compute_correction_text")
    known_text = fields.Char(
        "Known today", compute="_compute_correction_text",
        help="The churn that would be printed today, where it would be another one.")

    _period_uniq = models.UniqueIndex(
        "(company_id, kind, span, date_from)", "This period was printed already.")

    @api.depends("date_from", "span")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for period in self:
            period.display_name = period._tell_span()

    @api.depends(*COUNTS, *MONEY)
    @api.depends_context("lang")
    def _compute_texts(self):
        for period in self:
            gone = period.revenue_lost + period.contraction
            base = period.revenue_start
            period.churn_text = self._tell_rate(period.lost, period.active_start)
            period.retention_text = self._tell_rate(period.retained, period.active_start)
            period.gross_text = self._tell_share(gone, base)
            period.net_text = self._tell_share(gone - period.expansion, base)

    @api.depends("correction_ids")
    @api.depends_context("lang")
    def _compute_correction_text(self):
        found = self.env["care.churn.correction"]._sums(self)
        for period in self:
            sums = found.get(period.id)
            period.correction_count = sums["count"] if sums else 0
            period.known_text = sums and self._tell_rate(
                period.lost + sums["lost"], period.active_start + sums["active_start"])
            period.correction_text = sums and self.env._(
                "Printed %(printed)s, today's knowledge %(known)s: %(why)s",
                printed=period.churn_text, known=period.known_text, why=sums["why"])

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_open_figure(self):
        """The customers behind the figure that the context names."""
        self.ensure_one()
        self.check_access("read")
        return self._get_figure_action(self.env.context.get("figure") or "active_start")

    def _get_figure_action(self, figure):
        label = self._fields[figure]._description_string(self.env)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("%(figure)s, %(period)s", figure=label, period=self.display_name),
            "res_model": "care.customer.month",
            "views": [(False, "list"), (False, "pivot")],
            "domain": [("figure", "=", f"{self.id}:{figure}")],
        }

    # ------------------------------------------------------------
    # What is told
    # ------------------------------------------------------------

    @api.model
    def _kinds(self, company):
        """Kinds that were printed for a company; the one that tells of all customers is last."""
        found = {kind for kind, in self._read_group(
            [("company_id", "=", company.id), ("state", "=", "printed")], ["kind"])}
        return [kind for kind, _label in KIND_SELECTION if kind in found]

    @api.model
    def _told(self, company, span, kind=None):
        """Printed periods of a company, the oldest first: of all customers unless a kind is asked.

        The one place that chooses, so that page, dashboard and mail tell the same of a month.
        """
        kind = kind or (self._kinds(company) or ["purchases"])[-1]
        return self.search([
            ("company_id", "=", company.id), ("kind", "=", kind), ("span", "=", span),
            ("state", "=", "printed")], order="date_from")

    # ------------------------------------------------------------
    # Printing
    # ------------------------------------------------------------

    @api.model
    def _open_months(self, company, now):
        """The closed months that are not printed yet, ready to be counted; none when all are."""
        self._of(company, "open").unlink()  # a night that did not end: begin it again
        counted = self._of(company, "counted")
        if counted:
            return counted
        months = self._months_due(company, company._care_today(now))
        if not months:
            return self.browse()
        definition = self.env["care.churn.definition"]._today(company, months[0])
        pools = self._pools(company, months)
        few = list(company._care_few(definition._to_rules()._to_engine()))
        return self.create([
            {"company_id": company.id, "date_from": month, "last_month": month,
             "definition_id": definition.id, "pool_gap": pools[month], "few_gaps": few}
            for month in months
        ])

    def _of(self, company, state, kind="purchases"):
        """Months in this state, the oldest first."""
        return self.search([
            ("company_id", "=", company.id), ("kind", "=", kind), ("span", "=", "month"),
            ("state", "=", state)], order="date_from")

    @api.model
    def _months_due(self, company, today):
        last = self._of(company, "printed")[-1:]
        if last:
            month = churn.next_month(last.date_from)
        else:
            begun = [day for day in (
                self._query_first_purchase(company),
                self.env["care.churn.history"]._query_first_agreement(company)) if day]
            if not begun:
                return []
            month = max(min(begun).replace(day=1), churn.next_month(
                today.replace(day=1), -company.care_history_months))
        closed = today - timedelta(days=company.care_close_days)
        months = []
        while churn.next_month(month) <= closed:
            months.append(month)
            month = churn.next_month(month)
        return months

    def _pools(self, company, months):
        """The typical gap of each month: the past's own, and today's for a month just closed."""
        if len(months) == 1 and self._of(company, "printed"):
            return {months[0]: company.care_pool_gap}
        return self.env["care.churn.history"]._query_pools(company, months)

    def _terms(self):
        """{month: what was measured of all customers to judge it by} of these months."""
        return {period.date_from: Terms(period.pool_gap, period.few_gaps or []) for period in self}

    def _goes_on(self):
        """Does this month begin with what was printed for the one before, by one definition?"""
        self.ensure_one()
        before = self._of(self.company_id, "printed", self.kind).filtered(
            lambda period: period.date_from == churn.next_month(self.date_from, -1))
        return bool(before) and before.definition_id == self.definition_id

    def _print(self, now, *kinds):
        """Print this month, and the quarter and the year that it ends."""
        self.ensure_one()
        printed = self._of(self.company_id, "printed", self.kind).mapped("date_from")
        for span, length in LENGTH.items():
            first = churn.next_month(self.date_from, 1 - length)
            ends = span == "rolling" or not self.date_from.month % length
            if length == 1 or (ends and first in printed):
                self._print_span(span, first, kinds, now)
        self.env["care.churn.cohort"]._print(self, kinds)

    def _print_span(self, span, first, kinds, now):
        sums = self._query_sums(span, first, kinds)
        for kind in kinds:
            vals = sums.get(kind, dict.fromkeys((*COUNTS, *MONEY), 0))
            vals |= self._prepare_rates(vals) | {"state": "printed", "printed_at": now}
            if (kind, span) == (self.kind, "month"):
                self.write(vals)
            else:
                self.create(vals | {
                    "company_id": self.company_id.id, "kind": kind, "span": span,
                    "date_from": first, "last_month": self.date_from,
                    "definition_id": self.definition_id.id, "pool_gap": self.pool_gap})

    @api.model
    def _prepare_rates(self, vals):
        share = churn.rate(vals["lost"], vals["active_start"])
        return {"churn_rate": 100 * share if share is not None else False,
                "retention_rate": 100 - 100 * share if share is not None else False}

    # ------------------------------------------------------------
    # Words
    # ------------------------------------------------------------

    def _figures(self):
        """Figures that open the customers behind them."""
        return [name for name in COUNTS if name != "purchases"]

    def _tell_span(self):
        if self.span == "year":
            return str(self.date_from.year)
        if self.span == "quarter":
            return tell_quarter(self.env, self.date_from)
        last = tell_month(self.env, self.last_month)
        return self.env._("12 months to %s", last) if self.span == "rolling" else last

    @api.model
    def _tell_rate(self, part, whole):
        """
        "4.2 % (5 of 120)"; "n/a" where there is nothing to divide by
        """
        share = churn.rate(part, whole)
        if share is None:
            return self.env._("n/a (nobody was active at the start)")
        return self.env._(
            "%(rate)s %% (%(part)s of %(whole)s)", rate=tell_figure(self.env, 100 * share, 1),
            part=part, whole=whole)

    @api.model
    def _tell_share(self, part, whole):
        share = churn.rate(part, whole) if whole > 0 else None
        if share is None:
            return self.env._("n/a (no revenue in the year before)")
        return self.env._("%s %%", tell_figure(self.env, 100 * share, 1))

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_periods(self) -> SQL:
        """These periods as (kind, span, date_from, last_month)."""
        return SQL(
            """SELECT * FROM unnest(%s, %s, %s::date[], %s::date[])
                      t (kind, span, date_from, last_month)""",
            self.mapped("kind"), self.mapped("span"), self.mapped("date_from"),
            self.mapped("last_month"))

    def _query_sums(self, span, first, kinds) -> dict:
        """{kind: {figure: value}} of a span that ends with this month."""
        rows = self._query_printed(self.company_id, first, self.date_from)
        periods = SQL(
            "SELECT k.kind, %s AS span, %s::date AS date_from, %s::date AS last_month"
            " FROM unnest(%s) k (kind)", span, first, self.date_from, list(kinds))
        names = (*COUNTS, *MONEY)
        self.env["care.customer.month"].flush_model()
        found = self.env.execute_query(SQL(
            "SELECT kind, %s FROM (%s) f GROUP BY kind",
            SQL(", ").join(SQL("SUM(%s)", SQL.identifier(name)) for name in names),
            self._query_facts(rows, periods)))
        return {row[0]: {name: int(value) if name in COUNTS else float(value)
                         for name, value in zip(names, row[1:], strict=True)}
                for row in found}

    def _query_behind(self, figure) -> SQL:
        """Ids of the last rows, in this period, of the customers that a figure counts."""
        rows = self._query_printed(self.company_id, self.date_from, self.last_month)
        return SQL(
            """SELECT DISTINCT ON (k.partner_id) k.id
                 FROM (%s) k JOIN (%s) f ON f.partner_id = k.partner_id AND f.%s <> 0
                WHERE CASE WHEN f.kind = 'both' THEN k.in_both ELSE k.basis = f.kind END
             ORDER BY k.partner_id, k.month DESC, k.id""",
            rows, self._query_facts(rows, self._query_periods()), SQL.identifier(figure))

    def _query_first_purchase(self, company):
        return self.env.execute_query(SQL(
            "SELECT MIN(first_purchase) FROM care_customer WHERE company_id = %s", company.id,
        ))[0][0]
