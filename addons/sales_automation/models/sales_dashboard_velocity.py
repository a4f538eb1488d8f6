from datetime import timedelta

from odoo import models
from odoo.addons.sales_automation.engine.velocity import Velocity

from .sales_dashboard import MIN_DECIDED, MIN_WON


class SalesDashboard(models.AbstractModel):
    """Velocity: open deals x win rate x mean won value / mean cycle days.

    One population: the opportunities of the chosen team. The three experience figures are of the
    deals closed in the last 365 days, the open deals are those of today.
    """

    _inherit = "sales.dashboard"

    def _dashboard_tiles(self):
        return {
            **super()._dashboard_tiles(),
            "velocity": {
                "page": "velocity", "title": self.env._("What the pipeline brings"),
                "icon": "fa-tachometer", "sequence": 10, "span": 12},
            "velocity_by": {
                "page": "velocity", "title": self.env._("Compared"), "icon": "fa-table",
                "sequence": 20, "span": 12},
        }

    def _get_velocity(self, scope, dimension=None):
        """{value of the dimension: (Velocity, won, decided)}; without a dimension one entry."""
        since = scope.now - timedelta(days=365)
        team = self._in_scope(scope)
        groupby = [dimension] if dimension else []
        outcome = self.env["sales.outcome.report"]
        still_open = outcome._read_group([("outcome", "=", "open"), *team], groupby, ["__count"])
        closed = outcome._read_group(
            [("outcome", "in", ("won", "lost")), ("closed_at", ">=", since), *team], groupby,
            ["win_rate:avg", "won_count:sum", "won_amount:sum", "__count"])
        cycles = self.env["sales.cycle.report"]._read_group(
            [("won_at", ">=", since), *team], groupby, ["cycle_days:avg"])
        open_by = {tuple(row[:-1]): row[-1] for row in still_open}
        cycle_by = {tuple(row[:-1]): row[-1] for row in cycles}
        closed_by = {tuple(row[:len(groupby)]): row[len(groupby):] for row in closed}
        found = {}
        for key in [*open_by, *(key for key in closed_by if key not in open_by)]:
            rate, won, amount, decided = closed_by.get(key, (None, 0, 0.0, 0))
            found[key] = (Velocity(
                open_by.get(key, 0), rate if decided else None,
                None if not won or self._is_unknown(amount) else amount / won,
                cycle_by.get(key) or None), won or 0, decided)
        return found

    def _dashboard_velocity(self, scope):
        [(one, won, decided)] = self._get_velocity(scope).values()
        since = scope.now - timedelta(days=365)
        team = self._in_scope(scope)
        gains = one.gains()
        enough = won >= MIN_WON and decided >= MIN_DECIDED and one.per_day is not None
        unknown = self.env._("not known")
        no_rate = won and one.won_value is None
        factors = [
            ("open_deals", self.env._("Open deals"), str(one.open_deals),
             self._open(self.env._("Open"), "sales.outcome.report",
                        [("outcome", "=", "open"), *team]), self.env._("10% more open deals")),
            ("win_rate", self.env._("Win rate"),
             unknown if one.win_rate is None else self._percent(one.win_rate),
             self._open(self.env._("Win Rate"), "sales.outcome.report",
                        [("outcome", "in", ("won", "lost")), ("closed_at", ">=", since), *team]),
             self.env._("a win rate better by a tenth")),
            ("won_value", self.env._("Mean value of a won deal"),
             unknown if one.won_value is None and not no_rate else self._money(one.won_value),
             self._open(self.env._("Won"), "sales.outcome.report",
                        [("outcome", "=", "won"), ("closed_at", ">=", since), *team]),
             self.env._("deals worth 10% more")),
            ("cycle_days", self.env._("Mean sales cycle"),
             unknown if one.cycle_days is None else self._days(one.cycle_days),
             self._open(self.env._("Sales Cycle"), "sales.cycle.report",
                        [("won_at", ">=", since), *team]),
             self.env._("a cycle shorter by a tenth")),
        ]
        return {
            "figure": enough and self.env._("%s a day", self._money(one.per_day)),
            "few": self._explain_unknown() if no_rate else not enough and self.env._(
                "Too few to tell: %(won)s won of %(decided)s decided in a year; at least "
                "%(need_won)s and %(need)s are needed.", won=won, decided=decided,
                need_won=MIN_WON, need=MIN_DECIDED),
            "note": self.env._(
                "Open deals × win rate × mean won value / mean cycle days. Open deals are all open "
                "opportunities of today; the rest is of the deals closed in the last 365 days."),
            "table": {
                "words": [3],
                "columns": [self.env._("Factor"), self.env._("Now"), self.env._("More a day"),
                            self.env._("by")],
                "rows": [[
                    self._cell(label), self._cell(text, action),
                    self._cell(f"+ {self._money(gains[name])}" if enough else "–"),
                    self._cell(what_if),
                ] for name, label, text, action, what_if in factors]},
        }

    def _dashboard_velocity_by(self, scope):
        field = self.env["sales.outcome.report"]._fields[scope.dimension]
        rows = sorted(
            self._get_velocity(scope, scope.dimension).items(),
            key=lambda entry: -(entry[1][0].per_day or 0))
        unknown = self.env._("too few")
        lines = []
        for (record,), (one, won, decided) in rows[:80]:
            action = self._open(
                self._label(record), "sales.outcome.report",
                [(scope.dimension, "=", record.id), *self._in_scope(scope)])
            enough = won >= MIN_WON and decided >= MIN_DECIDED and one.per_day is not None
            lines.append([
                self._cell(self._label(record), action), self._cell(str(one.open_deals)),
                self._cell(self._percent(one.win_rate) if decided >= MIN_DECIDED else unknown),
                self._cell(self._money(one.won_value) if won >= MIN_WON else unknown),
                self._cell(self._days(one.cycle_days)
                           if won >= MIN_WON and one.cycle_days else unknown),
                self._cell(str(decided)),
                self._cell(self._money(one.per_day) if enough or (won and one.won_value is None)
                           else unknown),
            ])
        return {
            "empty": self.env._("No opportunity yet."),
            "choose_dimension": True,
            "table": lines and {
                "columns": [
                    field._description_string(self.env), self.env._("Open"),
                    self.env._("Win rate"), self.env._("Won value"), self.env._("Cycle"),
                    self.env._("n"), self.env._("A day")],
                "rows": lines},
        }
