from odoo import models
from odoo.addons.sales_automation.engine import forecast
from odoo.addons.sales_automation.engine import period as periods

from .sales_dashboard import MIN_DECIDED, MIN_WON

LOSSES_SHOWN = 6
DECIDED = ("outcome", "in", ("won", "lost"))


class SalesDashboard(models.AbstractModel):
    """Tiles about what was closed: won, win rate, cycle, losses; and the cohorts."""

    _inherit = "sales.dashboard"

    def _dashboard_tiles(self):
        tiles = super()._dashboard_tiles()
        for sequence, key, title, icon, page in (
            (10, "won", self.env._("Won"), "fa-trophy", "leader"),
            (30, "win_rate", self.env._("Win rate"), "fa-percent", "leader"),
            (40, "cycle", self.env._("Sales cycle"), "fa-clock-o", "leader"),
            (80, "losses", self.env._("Why and to whom we lose"), "fa-times-circle", "leader"),
            (10, "cohorts", self.env._("What became of the deals of each month"), "fa-users",
             "cohort"),
        ):
            tiles[key] = {
                "page": page, "title": title, "icon": icon, "sequence": sequence,
                "span": 12 if key == "cohorts" else 4}
        return tiles

    # ---- won ----------------------------------------------------------------------------------

    def _dashboard_won(self, scope):
        report = self.env["sales.outcome.report"]
        domain = [("outcome", "=", "won"), *self._in_scope(scope, "closed_at")]
        [(amount, count)] = report._read_group(domain, [], ["won_amount:sum", "__count"])
        earlier = [
            ("outcome", "=", "won"), *self._in_scope(scope), ("closed_at", ">=", scope.before),
            ("closed_at", "<", scope.start)]
        [(then,)] = report._read_group(earlier, [], ["won_amount:sum"])
        months = self._get_months(domain)
        unknown = self._is_unknown(amount)
        return {
            "figure": not unknown and self._money(amount or 0),
            "few": unknown and self._explain_unknown(),
            "action": self._open(self.env._("Won"), "sales.outcome.report", domain),
            "note": self.env._("Deals won: %s", count),
            "progress": not unknown and self._get_progress(scope, amount or 0),
            "trend": not unknown and not self._is_unknown(then) and self._trend(
                amount or 0, then or 0, self.env._(
                    "%s in the whole period before", self._money(then))),
            "chart": not unknown and len(months) > 1 and {
                "type": "bar", "kind": "money", "labels": [row[0] for row in months],
                "series": [{"label": self.env._("Won"), "values": [
                    None if self._is_unknown(row[1]) else row[1] or 0 for row in months]}]},
            "table": len(months) > 1 and {
                "columns": [self.env._("Month"), self.env._("Won")],
                "rows": [[self._cell(label), self._cell(self._money(value), action)]
                         for label, value, action in months]},
        }

    def _get_progress(self, scope, won):
        """How far the target of the period is reached; without one, how to set it."""
        target = self._get_target(scope)
        if target is None:
            return {"share": False, "text": self._explain_unknown()}
        if not target:
            return {"share": False, "text": self.env._(
                "No target for this period. Targets are set under Team → Targets.")}
        if won >= target:
            text = self.env._("Target of %s reached.", self._money(target))
        else:
            text = self.env._(
                "%(share)s of the target of %(target)s; %(rest)s to go.",
                share=self._percent(won / target), target=self._money(target),
                rest=self._money(target - won))
        return {"share": min(100, round(100 * won / target)), "text": text}

    def _get_target(self, scope):
        """The teams' targets, else their people's: of the teams whose deals the user sees. None
        when one cannot be converted."""
        teams = self.env["crm.team"]
        seen = teams.browse(scope.team_id)
        if not self.env.user.has_group("sales_team.group_sale_salesman_all_leads"):
            led = teams.search([("user_id", "=", self.env.uid)])
            seen = seen & led if scope.team_id else led
        elif not scope.team_id:
            seen = teams.search([])
        owners = [
            [("team_id", "in", seen.ids)], [("user_id", "in", seen.member_ids.ids)]]
        if not seen:  # he sees his own deals only
            owners = [[("user_id", "=", self.env.uid)]]
        for owner in owners:
            targets = self.env["sales.target"].search([
                *owner, ("date_start", "<=", scope.last), ("date_end", ">=", scope.first),
                ("company_id", "in", self.env.companies.ids)])
            if targets.company_id & self.env["sales.forecast"]._get_companies_without_rate():
                return None
            if targets:
                return sum(self._convert_target(target, scope) for target in targets)
        return 0.0

    def _convert_target(self, target, scope):
        home = self.env.company
        span = forecast.Period(scope.period, scope.first, scope.last)
        part = forecast.share(target.date_start, target.date_end, span)
        return target.currency_id._convert(target.amount * part, home.currency_id, home, scope.now)

    def _get_months(self, domain):
        groups = self.env["sales.outcome.report"].formatted_read_group(
            domain, ["closed_at:month"], ["won_amount:sum"])
        return [
            (group["closed_at:month"][1], group["won_amount:sum"], self._open(
                self.env._("Won"), "sales.outcome.report", [*domain, *group["__extra_domain"]]))
            for group in groups]

    # ---- win rate -----------------------------------------------------------------------------

    def _dashboard_win_rate(self, scope):
        domain = [DECIDED, *self._in_scope(scope, "closed_at")]
        earlier = [
            DECIDED, *self._in_scope(scope), ("closed_at", ">=", scope.before),
            ("closed_at", "<", scope.start)]
        rate, value, won, lost = self._get_rates(domain)
        then, _value, then_won, then_lost = self._get_rates(earlier)
        enough = won + lost >= MIN_DECIDED
        known_then = then_won + then_lost >= MIN_DECIDED
        action = self._open(self.env._("Win Rate"), "sales.outcome.report", domain)
        note = self.env._("%(won)s won of %(all)s decided (n = %(all)s).", won=won, all=won + lost)
        if enough and not self._is_unknown(value):
            note += " " + self.env._("By value: %s.", self._percent(value or 0.0))
        return {
            "figure": enough and self._percent(rate),
            "few": not enough and self._say_few_decided(won + lost),
            "note": note, "action": action,
            "trend": enough and known_then and self._trend(rate, then, self.env._(
                "was %s in the period before", self._percent(then))),
            **self._tell_rates_by_month(scope),
        }

    def _get_rates(self, domain):
        [row] = self.env["sales.outcome.report"]._read_group(
            domain, [],
            ["win_rate:avg", "win_rate_value:avg", "won_count:sum", "lost_count:sum"])
        rate, value, won, lost = row
        return rate or 0.0, value, won or 0, lost or 0

    def _tell_rates_by_month(self, scope):
        """The last six months until the end of the period; a month with too few has no bar."""
        since = self._to_utc(periods.shift(scope.last.replace(day=1), -5))
        domain = [
            DECIDED, *self._in_scope(scope), ("closed_at", ">=", since),
            ("closed_at", "<", scope.end)]
        groups = self.env["sales.outcome.report"].formatted_read_group(
            domain, ["closed_at:month"], ["win_rate:avg", "__count"])
        rows = [(
            group["closed_at:month"][1],
            group["win_rate:avg"] if group["__count"] >= MIN_DECIDED else None, group["__count"],
            self._open(self.env._("Win Rate"), "sales.outcome.report",
                       [*domain, *group["__extra_domain"]]),
        ) for group in groups]
        return {
            "chart": any(row[1] is not None for row in rows) and {
                "type": "bar", "kind": "percent", "labels": [row[0] for row in rows],
                "series": [{"label": self.env._("Win rate"), "values": [
                    None if row[1] is None else round(100 * row[1]) for row in rows]}]},
            "table": rows and {
                "columns": [self.env._("Month"), self.env._("Win rate"), self.env._("n")],
                "rows": [[
                    self._cell(name),
                    self._cell(self.env._("too few") if rate is None else self._percent(rate)),
                    self._cell(str(count), action),
                ] for name, rate, count, action in rows]},
        }

    def _say_few_decided(self, count):
        return self.env._(
            "Too few to tell: %(count)s deals decided, at least %(needed)s are needed.",
            count=count, needed=MIN_DECIDED)

    # ---- cycle --------------------------------------------------------------------------------

    def _dashboard_cycle(self, scope):
        domain = self._in_scope(scope, "won_at")
        report = self.env["sales.cycle.report"]
        [(median, mean, p90, sales, count)] = report._read_group(
            domain, [], ["cycle_median:avg", "cycle_days:avg", "cycle_p90:avg",
                         "sales_median:avg", "__count"])
        action = self._open(self.env._("Sales Cycle"), "sales.cycle.report", domain)
        if count < MIN_WON:
            return {"action": action, "few": self.env._(
                "Too few to tell: %(count)s deals won, at least %(needed)s are needed.",
                count=count, needed=MIN_WON)}
        earlier = [
            *self._in_scope(scope), ("won_at", ">=", scope.before), ("won_at", "<", scope.start)]
        [(then, then_count)] = report._read_group(earlier, [], ["cycle_median:avg", "__count"])
        rows = [
            (self.env._("Median"), median), (self.env._("Mean"), mean),
            (self.env._("9 of 10 within"), p90 if count >= MIN_DECIDED else None),
            (self.env._("Sales only, median"), sales)]
        return {
            "figure": self._days(median), "action": action,
            "note": self.env._("Median from the first touch to the order (n = %s).", count),
            "trend": then_count >= MIN_WON and self._trend(median, then, self.env._(
                "was %s in the period before", self._days(then)), better="down"),
            "table": {
                "columns": [self.env._("Measure"), self.env._("Days")],
                "rows": [[self._cell(label), self._cell(
                    self.env._("too few") if days is None else self._days(days))]
                    for label, days in rows]},
        }

    # ---- losses -------------------------------------------------------------------------------

    def _dashboard_losses(self, scope):
        """Why deals were lost and, where somebody named him, to whom."""
        domain = [("outcome", "=", "lost"), *self._in_scope(scope, "closed_at")]
        groups = self._get_losses(domain, "lost_reason_id")
        rows = [(name or self.env._("No reason"), *rest) for name, *rest in groups[:LOSSES_SHOWN]]
        total = sum(count for _name, count, *_rest in groups)
        return {
            "note": total and self.env._("Deals lost: %s", total),
            "empty": self.env._("No deal was lost in this period."),
            "chart": rows and {
                "type": "hbar", "kind": "count", "labels": [row[0] for row in rows],
                "series": [{"label": self.env._("Lost"), "values": [row[1] for row in rows]}]},
            "table": rows and self._tell_losses(self.env._("Reason"), rows),
            "second": total and self._tell_competitors(domain, total),
        }

    def _tell_competitors(self, domain, total):
        named = self._get_losses(
            [*domain, ("lost_competitor_id", "!=", False)], "lost_competitor_id")
        count = sum(row[1] for row in named)
        return {
            "title": self.env._("To whom"),
            "note": self.env._("A competitor is named in %(count)s of %(all)s.",
                               count=count, all=total),
            "table": bool(named) and self._tell_losses(
                self.env._("Competitor"), named[:LOSSES_SHOWN]),
        }

    def _get_losses(self, domain, field):
        """[(name, deals, value, action)] of lost deals by a field, the most frequent first."""
        groups = self.env["sales.outcome.report"].formatted_read_group(
            domain, [field], ["__count", "amount:sum"], order=f"__count DESC, {field}")
        return [(
            group[field] and group[field][1], group["__count"], group["amount:sum"],
            self._open((group[field] and group[field][1]) or self.env._("Loss Reasons"),
                       "sales.outcome.report", [*domain, *group["__extra_domain"]]),
        ) for group in groups]

    def _tell_losses(self, title, rows):
        return {
            "columns": [title, self.env._("Deals"), self.env._("Value")],
            "rows": [[self._cell(name), self._cell(str(count), action),
                      self._cell(self._money(amount))] for name, count, amount, action in rows]}

    # ---- cohorts ------------------------------------------------------------------------------

    def _dashboard_cohorts(self, scope):
        domain = self._in_scope(scope, "created_at")
        groups = self.env["sales.outcome.report"].formatted_read_group(
            domain, ["created_at:month"],
            ["deal_count:sum", "won_count:sum", "lost_count:sum", "recycled_count:sum",
             "derail_count:sum", "open_count:sum", "cohort_rate:avg", "win_rate:avg",
             "closed_share:avg"])
        counts = ["deal_count", "won_count", "lost_count", "recycled_count", "derail_count",
                  "open_count"]
        rows = []
        for group in groups:
            action = self._open(
                group["created_at:month"][1], "sales.outcome.report",
                [*domain, *group["__extra_domain"]])
            decided = group["won_count:sum"] + group["lost_count:sum"]
            rows.append([
                self._cell(group["created_at:month"][1]),
                *(self._cell(str(group[f"{name}:sum"]), action if name == "deal_count" else None)
                  for name in counts),
                self._cell(self._percent(group["cohort_rate:avg"])
                           if group["cohort_rate:avg"] is not False else "–"),
                self._cell(self._percent(group["win_rate:avg"]) if decided >= MIN_DECIDED
                           else self.env._("too few")),
                self._cell(self._say_maturity(group["closed_share:avg"])),
            ])
        return {
            "note": self.env._(
                "The opportunities created in each month, as they stand today. Won of created is "
                "won / created, win rate is won / (won + lost), both without \"not now\" and what "
                "was no real deal. A young cohort shows its quick deals only: compare cohorts of "
                "the same closed share."),
            "empty": self.env._("No opportunity was created in this period."),
            "table": rows and {
                "words": [9],
                "columns": [
                    self.env._("Created in"), self.env._("Deals"), self.env._("Won"),
                    self.env._("Lost"), self.env._("Not now"), self.env._("No real deal"),
                    self.env._("Open"), self.env._("Won of created"), self.env._("Win rate"),
                    self.env._("Maturity")],
                "rows": rows},
        }

    def _say_maturity(self, share):
        percent = self._percent(share)
        if share < 0.5:
            return self.env._("young: %s closed", percent)
        if share < 0.9:
            return self.env._("ripening: %s closed", percent)
        return self.env._("settled: %s closed", percent)
