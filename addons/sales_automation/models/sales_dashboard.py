from ast import literal_eval
from datetime import date, datetime
from typing import NamedTuple

from odoo import api, fields, models
from odoo.addons.sales_automation.engine import period as periods
from odoo.exceptions import AccessError
from odoo.tools import formatLang

from .amounts import tell_amount
from .moments import tell_day, tell_days

# Below these a figure says that it rests on too little, instead of showing itself.
MIN_DECIDED = 10
MIN_WON = 5
DIMENSIONS = ("user_id", "team_id", "source_id")
# Pages whose figures are also there as a pivot, to be grouped at will.
TABLES = {
    "funnel": "sales_automation.sales_funnel_report_action",
    "cohort": "sales_automation.sales_outcome_report_action_cohort",
}


class Scope(NamedTuple):
    """What a page is about; the moments are naive UTC, half open, for whole days of the company."""

    period: str
    first: date
    last: date
    start: datetime
    end: datetime
    before: datetime
    team_id: int | None
    dimension: str
    now: datetime


class SalesDashboard(models.AbstractModel):
    """Pages of figures: each page is a set of tiles, each figure opens the records behind it.

    A new tile is one entry in `_dashboard_tiles()` and one method `_dashboard_<key>(scope)`, which
    returns False (not shown) or a dictionary: "figure" or, resting on too little, "few" (a
    sentence); "note", "trend", "chart", "table", "empty", "action". All read with the rights of
    the user, so a salesperson sees what his own deals say.
    """

    _name = "sales.dashboard"
    _description = "Sales Dashboard"

    @api.model
    def get_dashboard(self, period="quarter", team_id=False, page="leader", dimension="user_id"):
        """All tiles of a page."""
        if not self.env.user.has_group("sales_automation.group_sales_automation_user"):
            raise AccessError(self.env._("The dashboard is for people in sales."))
        zone = self.env["sales.forecast"]._get_timezone(self.env.company).zone
        page_in = self.with_context(tz=zone)
        if self.env["sales.forecast"]._get_companies_without_rate():
            page_in = page_in.with_context(home_currency=True)
        return page_in._build_page(period, team_id, page, dimension)

    def _build_page(self, period, team_id, page, dimension):
        """The page in the company's time zone: moments, months of groups and drill-downs alike."""
        scope = self._get_scope(period, team_id, dimension)
        tiles = sorted(
            ((key, tile) for key, tile in self._dashboard_tiles().items() if tile["page"] == page),
            key=lambda entry: entry[1]["sequence"])
        found = []
        for key, tile in tiles:
            content = getattr(self, f"_dashboard_{key}")(scope)
            if content:
                # the browser takes an empty list, or recordset, for something
                content = {name: value or False for name, value in content.items()}
                found.append({"key": key, **tile, **content})
        return {
            "tiles": found, "period": scope.period, "team_id": scope.team_id or False,
            "dimension": scope.dimension,
            "span": f"{tell_day(self.env, scope.first)} – {tell_day(self.env, scope.last)}",
            "periods": self._get_periods(), "teams": self._get_teams(),
            "dimensions": self._get_dimensions(), "table_action": self._get_table(page, scope),
        }

    @api.model
    def _dashboard_tiles(self):
        """Registry: key → {"page", "title", "icon", "sequence", "span"}; span: twelfths of a wide
        screen, 4, 8 or 12."""
        return {}

    def _get_table(self, page, scope):
        """The pivot of a page's figures: of the same period and team, to be grouped at will."""
        if page not in TABLES:
            return False
        action = self.env["ir.actions.act_window"]._for_xml_id(TABLES[page])
        context = literal_eval(action["context"])
        context.pop("search_default_last_year", None)
        return {
            **action, "context": {**context, "tz": self.env.context["tz"]},
            "domain": self._tell_moments(self._in_scope(scope, "created_at"))}

    # ---- choices ------------------------------------------------------------------------------

    def _get_periods(self):
        return [
            ["month", self.env._("This month")], ["last_month", self.env._("Last month")],
            ["quarter", self.env._("This quarter")], ["last_quarter", self.env._("Last quarter")],
            ["year", self.env._("This year")], ["last_12", self.env._("Last 12 months")]]

    def _get_dimensions(self):
        return [
            ["user_id", self.env._("Salesperson")], ["team_id", self.env._("Sales team")],
            ["source_id", self.env._("Source")]]

    def _get_teams(self):
        teams = self.env["crm.team"].search([("use_opportunities", "=", True)])
        return [[team.id, team.name] for team in teams]

    def _get_scope(self, period, team_id, dimension):
        period = period if period in periods.PERIODS else "quarter"
        now = fields.Datetime.now()
        today = fields.Date.context_today(self, now)
        first, end = periods.bounds(period, today)
        return Scope(
            period, first, date.fromordinal(end.toordinal() - 1), self._to_utc(first),
            self._to_utc(end), self._to_utc(periods.before(period, today)[0]),
            int(team_id) if team_id else None,
            dimension if dimension in DIMENSIONS else "user_id", now)

    def _to_utc(self, day):
        """The moment at which a day of the company begins."""
        return self.env["sales.forecast"]._get_midnight(day, self.env.company)

    # ---- what tiles are made of -----------------------------------------------------------------

    def _in_scope(self, scope, field=None):
        """The team, and the period by the given moment."""
        domain = [("team_id", "=", scope.team_id)] if scope.team_id else []
        if field:
            domain += [(field, ">=", scope.start), (field, "<", scope.end)]
        return domain

    def _open(self, name, model, domain, **context):
        """The list of the records behind a figure."""
        views = {"crm.lead": [(False, "list"), (False, "kanban"), (False, "form")]}.get(
            model, [(False, "list"), (False, "pivot"), (False, "graph")])
        return {
            "type": "ir.actions.act_window", "name": name, "res_model": model, "views": views,
            "domain": self._tell_moments(domain), "target": "current",
            "context": {"tz": self.env.context["tz"], **context}}

    def _tell_moments(self, domain):
        """A domain as the client can read it."""
        return [
            (term[0], term[1], fields.Datetime.to_string(term[2]))
            if isinstance(term, tuple) and isinstance(term[2], datetime) else term
            for term in domain]

    def _cell(self, text, action=None, tone=None):
        return {"text": text, "action": action or False, "tone": tone or False}

    def _money(self, amount):
        if self._is_unknown(amount):
            return self.env._("no rate")
        return tell_amount(self.env, round(amount or 0), self.env.company.currency_id)

    def _is_unknown(self, amount):
        """Whether a sum is none, because amounts of a company without a rate belong to it."""
        return (amount is None or amount is False) and bool(self.env.context.get("home_currency"))

    def _explain_unknown(self):
        service = self.env["sales.forecast"]
        return service._explain_missing_rates(service._get_companies_without_rate())

    def _percent(self, share):
        return self.env._("%s%%", round(share * 100))

    def _days(self, days):
        count = formatLang(self.env, days, digits=1) if days < 10 else round(days)
        return tell_days(self.env, count)

    def _label(self, record):
        return record.display_name if record else self.env._("None")

    def _trend(self, now, then, text, better="up"):
        """How a figure stands against the period before; said in words, too."""
        if now is None or then is None or not round(now - then, 4):
            return False
        rises = now > then
        return {
            "text": text, "icon": "fa-arrow-up" if rises else "fa-arrow-down",
            "tone": "success" if rises == (better == "up") else "danger"}
