from datetime import date, datetime
from typing import NamedTuple

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_amount

from .moments import tell_day, tell_month

#: Statuses in which a customer can still be kept.
IN_DANGER = ("at_risk", "lapsed")
#: Customers named on the dashboard; the list behind it has all of them.
NAMED = 8


class DashboardScope(NamedTuple):
    """What the page is about: days of the company, from `first` up to but not including `last`."""

    company: models.BaseModel
    period: str
    first: date
    last: date
    today: date
    now: datetime


class CareDashboard(models.AbstractModel):
    """A page of figures about the customers of one company; each opens the records behind it.

    A new tile is one entry in `_dashboard_tiles()` and one method `_dashboard_<key>(scope)`, which
    returns False (not shown) or a dictionary: "figure" (text) or, resting on too little, "few" (a
    sentence); "note", "trend" {"text", "tone"}, "chart", "heat", "table" {"columns", "numbers":
    indexes, "rows": [[{"text", "action"}]]}, "action". Charts and heat maps: static/src/pictures.
    All read with the rights of the user.
    """

    _name = "care.dashboard"
    _description = "Customer dashboard"

    @api.model
    def get_dashboard(self, period="last_12"):
        """All tiles of the page for the current company; an unknown period is the last year."""
        if not self.env.user.has_group("customer_care.group_customer_care_user"):
            raise AccessError(self.env._("The dashboard is for users of Customer Care."))
        scope = self._get_scope(period)
        tiles = [
            # the browser takes an empty list, or recordset, for something
            {"key": key, **tile, **{name: value or False for name, value in content.items()}}
            for key, tile in sorted(
                self._dashboard_tiles().items(), key=lambda entry: entry[1]["sequence"])
            if (content := getattr(self, f"_dashboard_{key}")(scope))
        ]
        shown_last = scope.last - relativedelta(days=1)
        return {
            "tiles": tiles, "period": scope.period, "periods": self._get_periods(scope),
            "span": f"{tell_day(self.env, scope.first)} – {tell_day(self.env, shown_last)}",
            "alert": self._get_alert(scope),
        }

    @api.model
    def _dashboard_tiles(self) -> dict[str, dict]:
        """Registry: key → {"title", "icon", "sequence", "span": 4, 8 or 12 twelfths}.

        What burns comes first (2 to 5), then how we serve and what customers say of it (6 to 8),
        then whom to keep, and what he is worth.
        """
        return {
            "danger": {"title": self.env._("Customers to keep now"), "icon": "fa-life-ring",
                       "sequence": 10, "span": 8},
            "statuses": {"title": self.env._("Customers by status"), "icon": "fa-users",
                         "sequence": 20, "span": 4},
        }

    # ---- choices --------------------------------------------------------------------------------

    def _get_periods(self, scope):
        """What can be chosen, each with the months that it means."""
        _ = self.env._
        words = {
            "month": _("This month"), "last_month": _("Last month"),
            "quarter": _("This quarter"), "year": _("This year"),
            "last_12": _("Last 12 closed months")}
        return [[period, f"{words[period]}: {self._tell_months(*span)}"]
                for period, span in self._get_spans(scope.today).items()]

    def _tell_months(self, first, last):
        """The first and the last month; a single one stands alone."""
        shown = [tell_month(self.env, day) for day in (first, last - relativedelta(days=1))]
        return " – ".join(dict.fromkeys(shown))

    def _get_spans(self, today):
        month = today.replace(day=1)
        quarter = month.replace(month=3 * ((month.month - 1) // 3) + 1)
        return {
            "month": (month, month + relativedelta(months=1)),
            "last_month": (month - relativedelta(months=1), month),
            "quarter": (quarter, quarter + relativedelta(months=3)),
            "year": (month.replace(month=1), month.replace(month=1) + relativedelta(years=1)),
            # the running month would look like a fall; the reports open with the same months
            "last_12": (month - relativedelta(months=12), month),
        }

    def _get_scope(self, period) -> DashboardScope:
        company, now = self.env.company, fields.Datetime.now()
        today = company._care_today(now)
        spans = self._get_spans(today)
        period = period if period in spans else "last_12"
        return DashboardScope(company, period, *spans[period], today, now)

    def _get_alert(self, scope):
        """A sentence when a night failed: old figures must not pass for today's."""
        failed = self.env["care.night"].sudo().search_count(  # managers alone may see nights
            [("company_id", "=", scope.company.id), ("state", "=", "failed"),
             ("day", "=", scope.today)])
        if not failed:
            return False
        return {
            "text": self.env._("Tonight's count did not end: %s steps failed. Figures may be of "
                               "the day before.", failed),
            "action": self._open(self.env._("Nights"), "care.night", [("state", "=", "failed")]),
        }

    # ---- what tiles are made of -----------------------------------------------------------------

    def _here(self, scope):
        return [("company_id", "=", scope.company.id)]

    def _open(self, name, model, domain, views=("list", "form"), **context):
        """The list of the records behind a figure."""
        return {
            "type": "ir.actions.act_window", "name": name, "res_model": model,
            "views": [(False, view) for view in views], "domain": domain, "context": context}

    def _tell_money(self, amount, scope):
        currency = scope.company.currency_id
        return format_amount(self.env, amount, currency)

    # ---- the tiles ------------------------------------------------------------------------------

    def _dashboard_danger(self, scope):
        """Who is about to leave, the most valuable first, with what to do."""
        customers = self.env["care.customer"]
        domain = [*self._here(scope), ("status", "in", IN_DANGER)]
        count, worth = customers._read_group(
            domain, [], ["__count", "revenue_net:sum"])[0]
        if not count:
            return {"few": self.env._("Nobody is at risk or lapsed.")}
        action = self._open(self.env._("Customers to keep"), "care.customer", domain)
        words = self._status_words()
        rows = [
            [{"text": one.partner_id.display_name, "action": self._open_record(one)},
             {"text": words[one.status]},
             {"text": self._tell_money(one.revenue_net, scope)},
             {"text": one.silence_days}, {"text": one.advice or ""}]
            for one in customers.search(domain, limit=NAMED)
        ]
        _ = self.env._
        return {
            "figure": str(count), "action": action,
            "note": _("They brought %s so far. The most valuable first:",
                      self._tell_money(worth, scope)),
            "table": {"columns": [_("Customer"), _("Status"), _("Historic LTV"),
                                  _("Days silent"), _("Next")],
                      "numbers": [2, 3], "rows": rows},
        }

    def _status_words(self):
        return dict(self.env["care.customer"]._fields["status"]._description_selection(self.env))

    def _open_record(self, record):
        return {"type": "ir.actions.act_window", "name": record.display_name,
                "res_model": record._name, "res_id": record.id, "views": [(False, "form")]}

    def _dashboard_statuses(self, scope):
        customers = self.env["care.customer"]
        counts = dict(customers._read_group(self._here(scope), ["status"], ["__count"]))
        if not counts:
            return False
        shown = [(key, word) for key, word in self._status_words().items() if counts.get(key)]
        return {
            "figure": str(sum(counts.values())),
            "action": self._open(self.env._("Customers"), "care.customer", self._here(scope)),
            "chart": {
                "type": "hbar", "kind": "count", "labels": [word for _key, word in shown],
                "series": [{"label": self.env._("Customers"),
                            "values": [counts[key] for key, _word in shown]}],
                "actions": [
                    self._open(word, "care.customer", [*self._here(scope), ("status", "=", key)])
                    for key, word in shown],
            },
        }
