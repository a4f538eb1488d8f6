from odoo import models


class SalesDashboard(models.AbstractModel):
    """The funnel of the opportunities created in the period."""

    _inherit = "sales.dashboard"

    def _dashboard_tiles(self):
        tiles = super()._dashboard_tiles()
        tiles["funnel"] = {
            "page": "leader", "title": self.env._("Funnel"), "icon": "fa-filter", "sequence": 50,
            "span": 4}
        tiles["funnel_steps"] = {
            "page": "funnel", "title": self.env._("How far deals come"), "icon": "fa-filter",
            "sequence": 10, "span": 12}
        return tiles

    def _get_funnel(self, scope):
        """One dictionary per stage that was reached, in the order of the stages."""
        report = self.env["sales.funnel.report"]
        domain = [("outcome", "!=", "derail"), *self._in_scope(scope, "created_at")]
        rows = report._read_group(
            domain, ["stage_id"],
            ["reached:sum", "skipped:sum", "dropped:sum", "waiting:sum", "went_on:avg",
             "days_median:avg", "days:count"])
        names = ("stage", "reached", "skipped", "dropped", "waiting", "went_on", "days", "timed")
        return [dict(zip(names, row, strict=True)) for row in rows], domain

    def _dashboard_funnel(self, scope):
        steps, domain = self._get_funnel(scope)
        first = max((step["reached"] for step in steps), default=0)
        return {
            "note": first and self.env._("%s opportunities created in this period.", first),
            "empty": self.env._("No opportunity was created in this period."),
            "chart": steps and self._chart_funnel(steps),
            "table": steps and {
                "columns": [self.env._("Stage"), self.env._("Reached"), self.env._("Of all")],
                "rows": [[
                    self._cell(step["stage"].name),
                    self._cell(str(step["reached"]), self._open_step(step, domain)),
                    self._cell(self._percent(step["reached"] / first)),
                ] for step in steps]},
        }

    def _chart_funnel(self, steps):
        return {
            "type": "hbar", "kind": "count", "labels": [step["stage"].name for step in steps],
            "series": [{"label": self.env._("Reached"),
                        "values": [step["reached"] for step in steps]}]}

    def _open_step(self, step, domain, *more):
        return self._open(
            step["stage"].name, "sales.funnel.report",
            [*domain, ("stage_id", "=", step["stage"].id), *more])

    def _dashboard_funnel_steps(self, scope):
        steps, domain = self._get_funnel(scope)
        first = max((step["reached"] for step in steps), default=0)
        reasons = self._get_drop_reasons(domain)
        return {
            "note": self.env._(
                "Opportunities created in this period, spam and duplicates left out. A stage "
                "counts as reached by whoever came to it or to a later one. \"Went on\": of those "
                "that left the stage for good."),
            "empty": self.env._("No opportunity was created in this period."),
            "chart": steps and self._chart_funnel(steps),
            "table": steps and {
                "words": [6],
                "columns": [
                    self.env._("Stage"), self.env._("Reached"), self.env._("Of all"),
                    self.env._("Went on"), self.env._("Still here"), self.env._("Dropped out"),
                    self.env._("Mostly because"), self.env._("Skipped"),
                    self.env._("Median days")],
                "rows": [self._prepare_step(step, domain, first, reasons) for step in steps]},
        }

    def _prepare_step(self, step, domain, first, reasons):
        def opening(count, flag):
            return self._cell(
                str(count), self._open_step(step, domain, (flag, "=", 1)) if count else None)

        days = self.env._("%(days)s (n = %(count)s)", days=round(step["days"] or 0, 1),
                          count=step["timed"]) if step["timed"] else "–"
        return [
            self._cell(step["stage"].name),
            self._cell(str(step["reached"]), self._open_step(step, domain)),
            self._cell(self._percent(step["reached"] / first)),
            self._cell("–" if step["went_on"] is None or step["stage"].is_won
                       else self._percent(step["went_on"])),
            opening(step["waiting"], "waiting"), opening(step["dropped"], "dropped"),
            self._cell(reasons.get(step["stage"], "–")), opening(step["skipped"], "skipped"),
            self._cell(days),
        ]

    def _get_drop_reasons(self, domain):
        """{stage: its most frequent reason, with the number}."""
        rows = self.env["sales.funnel.report"]._read_group(
            [*domain, ("dropped", "=", 1)], ["stage_id", "lost_reason_id"], ["__count"],
            order="__count DESC, lost_reason_id")
        reasons = {}
        for stage, reason, count in rows:
            name = reason.name or self.env._("no reason")
            reasons.setdefault(stage, f"{name} ({count})")
        return reasons
