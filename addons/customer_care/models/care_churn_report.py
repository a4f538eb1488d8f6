from odoo import api, models
from odoo.addons.customer_care.engine import churn
from odoo.exceptions import AccessError
from odoo.tools import format_amount

from .moments import tell_month

#: Periods on the page, the latest ones.
SHOWN = {"month": 24, "quarter": 12, "year": 10, "rolling": 24}


class CareChurnReport(models.AbstractModel):
    """Pages of printed churn and retention for static/src/churn/report.js; figures open lists."""

    _name = "care.churn.report"
    _description = "Churn and retention report"

    @api.model
    def get_trend(self, choices=None):
        """Churn, retention and what they are made of, period by period."""
        self._check_reader()
        choices = choices or {}
        kinds = self._kinds()
        kind = choices.get("kind") if choices.get("kind") in kinds else (kinds or ["purchases"])[-1]
        span = choices.get("span") if choices.get("span") in SHOWN else "month"
        periods = self._periods(kind, span)[-SHOWN[span]:]
        page = {
            "title": self.env._("Churn and retention"),
            "choices": [self._span_choice(span), self._kind_choice(kinds, kind)],
            "notes": [], "warnings": [], "few": False, "chart": False, "heat": False,
            "table": False, "parts": False,
        }
        if not periods:
            return page | self._tell_nothing(span)
        return page | {
            "lead": self._tell_lead(periods[-1]), "chart": self._get_chart(periods),
            "table": self._get_table(periods), "parts": self._tell_parts(periods[-1]),
            "notes": self._tell_notes(periods),
            "warnings": self._tell_warnings(periods) + self._tell_waiting(periods[-1]),
        }

    # ---- what there is --------------------------------------------------------------------------

    @api.model
    def _check_reader(self):
        if not self.env.user.has_group("customer_care.group_customer_care_user"):
            raise AccessError(self.env._("This report is for users of Customer Care."))

    @api.model
    def _kinds(self):
        return self.env["care.churn.period"]._kinds(self.env.company)

    @api.model
    def _periods(self, kind, span):
        return self.env["care.churn.period"]._told(self.env.company, span, kind)

    def _span_choice(self, span):
        field = self.env["care.churn.period"]._fields["span"]
        return self._choice("span", field, list(SHOWN), span)

    def _kind_choice(self, kinds, kind):
        return self._choice(
            "kind", self.env["care.churn.period"]._fields["kind"], kinds or [kind], kind)

    def _choice(self, key, field, values, value):
        words = dict(field._description_selection(self.env))
        return {"key": key, "label": field._description_string(self.env), "value": value,
                "options": [[each, words[each]] for each in values]}

    # ---- words ----------------------------------------------------------------------------------

    def _tell_nothing(self, span):
        company = self.env.company
        few = self.env._("No month has been printed yet")
        if self._kinds():
            few = self.env._("Too little history: no whole period of this length is printed yet")
        return {"few": few, "notes": [self.env._(
            "Each month is printed once, %s days after its end: who was active, who was lost, who "
            "came back. The past is told from your old invoices in the night after the first "
            "count.", company.care_close_days)]}

    def _tell_lead(self, period):
        return self.env._(
            "%(span)s: churn %(churn)s, revenue churn %(gross)s gross, %(net)s net.",
            span=period.display_name, churn=period.churn_text, gross=period.gross_text,
            net=period.net_text)

    def _tell_warnings(self, periods):
        """Where the figures cannot be trusted, or cannot be compared."""
        period, warnings = periods[-1], []
        begun = self._periods(period.kind, "month")[0].date_from
        quiet = churn.next_month(begun, -(-period.definition_id.lapse_days // 30))
        if period.kind != "agreements" and periods[0].date_from < quiet:
            warnings.append(self.env._(
                "The history begins in %(first)s, and a customer without a rhythm of his own is "
                "lost after %(days)s days at the earliest: churn before %(until)s is too low.",
                first=tell_month(self.env, begun), days=period.definition_id.lapse_days,
                until=tell_month(self.env, quiet)))
        changed = len(periods.definition_id) - 1
        if changed:
            warnings.append(self.env._(
                "The definition changed %s times in these periods; each figure keeps its own.",
                changed))
        return warnings

    def _tell_notes(self, periods):
        """What the figures mean."""
        definition = periods[-1].definition_id
        return [
            self.env._("Definition, %(version)s: %(words)s", words=definition.words,
                       version=definition.display_name.lower()),
            self.env._(
                "Revenue churn is measured by what customers brought in the twelve months before. "
                "Gross: (revenue lost + contraction) / revenue at the start; contraction is what "
                "those who stayed bought less. Net: less their expansion, what they bought more; "
                "below 0 the ones who stayed made up for all losses."),
            self.env._(
                "Retention is 100 % less churn. New customers are in neither. Each figure was "
                "printed once; what later documents would change stands under “Known today”."),
        ]

    # ---- pictures -------------------------------------------------------------------------------

    def _get_chart(self, periods):
        def share(part, whole):
            found = churn.rate(part, whole) if whole > 0 else None
            return None if found is None else round(100 * found, 1)

        _ = self.env._
        return {
            "type": "line", "kind": "percent", "labels": periods.mapped("display_name"),
            "series": [
                {"label": _("Churn, customers"),
                 "values": [share(p.lost, p.active_start) for p in periods]},
                {"label": _("Churn, revenue (gross)"),
                 "values": [share(p.revenue_lost + p.contraction, p.revenue_start)
                            for p in periods]},
                {"label": _("Churn, revenue (net)"), "dashed": True,
                 "values": [share(p.revenue_lost + p.contraction - p.expansion, p.revenue_start)
                            for p in periods]},
            ],
            "actions": [self._open_period(period) for period in periods],
        }

    def _get_table(self, periods):
        """The latest first; every count opens its customers."""
        _ = self.env._
        rows = []
        for period in reversed(periods):
            rows.append([
                {"text": period.display_name.replace(" ", "\N{NO-BREAK SPACE}"),
                 "action": self._open_period(period)},
                *(self._cell(period, name)
                  for name in ("active_start", "lost", "reactivated", "arrived")),
                {"text": self._short(period.churn_text, period.active_start)},
                *({"text": self._money(period[name])}
                  for name in ("revenue_start", "revenue_lost", "contraction", "expansion")),
                {"text": self._short(period.gross_text, period.revenue_start)},
                {"text": self._short(period.net_text, period.revenue_start)},
                {"text": period.known_text or "",
                 "action": self._open_period(period) if period.correction_count else False},
            ])
        return {
            "columns": [_("Period"), _("Active at the start"), _("Lost"), _("Reactivated"),
                        _("New"), _("Churn"), _("Revenue at the start"), _("Revenue lost"),
                        _("Contraction"), _("Expansion"), _("Gross"), _("Net"), _("Known today")],
            "numbers": list(range(1, 13)), "rows": rows,
        }

    def _short(self, text, whole):
        """A column has no room for the reason."""
        return text if whole > 0 else self.env._("n/a")

    def _cell(self, period, figure):
        return {"text": str(period[figure]),
                "action": period._get_figure_action(figure) if period[figure] else False}

    def _money(self, amount):
        currency = self.env.company.currency_id
        # core takes the zeros of whole amounts for decimals
        return format_amount(
            self.env, round(amount), currency, trailing_zeroes=not currency.decimal_places)

    def _open_period(self, period):
        return {"type": "ir.actions.act_window", "name": period.display_name,
                "res_model": "care.churn.period", "res_id": period.id, "views": [(False, "form")]}
