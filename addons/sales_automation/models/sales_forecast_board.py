from typing import NamedTuple

from odoo import api, fields, models
from odoo.addons.sales_automation.engine import forecast
from odoo.exceptions import UserError

from .moments import tell_period
from .sales_forecast import COLUMNS

APART = ("overdue", "undated", "omitted")
# What rows of one place in several companies add up; where one company has no figure of its own,
# its other one stands for it.
SUMMED = {
    "weighted": None, "count": None, "rolled_up": None, "forecast": None, "target": None,
    "said": "rolled_up", "members_target": "target"}


class Said(NamedTuple):
    """What was said in a company (words) and what is to be won (targets), and what its money is
    worth in the reader's currency."""

    company_id: int
    rate: float
    words: dict
    targets: dict
    months: dict


class SalesForecast(models.AbstractModel):
    """The forecast as people read it: company, teams, persons; each says his number."""

    _inherit = "sales.forecast"

    @api.model
    def get_forecast(self, kind=None, start=None):
        """Return the whole screen of one period. A constant number of queries.

        :param kind: "month" or "quarter"; else as the company plans
        :param start: any day of the period (ISO); else today
        """
        self.env["crm.lead"].check_access("read")
        company = self.env.company
        today = self._get_today(company)
        period = self._get_period(
            kind or company.sales_forecast_period, fields.Date.to_date(start) or today)
        board = self._build_board(period, self._get_figures(period))
        return {
            **board,
            "period": self._describe_period(period, today),
            "currency_id": company.currency_id.id,
            "is_converted": len(self.env.companies.currency_id) > 1,
            "without_rate": self._get_companies_without_rate().mapped("name"),
            "today": fields.Date.to_string(today),
            "can_set_targets": self.env["sales.target"]._can_set(),
            "can_snapshot": self.env.user.has_group(
                "sales_automation.group_sales_automation_manager"),
        }

    @api.model
    def open_deals(self, kind, start, column, team_id=None, user_id=None, level="company"):
        """Open the deals that one figure of the screen adds up."""
        if column not in COLUMNS:
            raise UserError(self.env._("There is no such figure."))
        period = self._get_period(kind, fields.Date.to_date(start))
        domain = self._get_scope() & self._get_domain(period, COLUMNS[column])
        if level != "company":
            domain &= fields.Domain("team_id", "=", team_id or False)
        if level == "person":
            domain &= fields.Domain("user_id", "=", user_id or False)
        return self._open_leads(self._name_column(column), domain)

    @api.model
    def _get_period(self, kind, day):
        if kind not in ("month", "quarter") or not day:
            raise UserError(self.env._("A forecast is of a month or of a quarter."))
        return forecast.Period.of(kind, day)

    @api.model
    def _get_companies_without_rate(self):
        """Companies whose amounts are added one to one for want of a rate."""
        own = self.env.company
        return self.env.companies.filtered(
            lambda company: company.currency_id != own.currency_id
            and not self.env["crm.lead"]._has_rate(company.currency_id, own)
            and not self.env["crm.lead"]._has_rate(own.currency_id, own))

    @api.model
    def _explain_missing_rates(self, companies):
        """Why amounts of these companies and ours make no sum."""
        return self.env._(
            "There is no rate for the currency of %(companies)s, so its amounts cannot be "
            "added to those of %(own)s. Ask your administrator for a rate (Settings, "
            "Currencies), or look at one company at a time.",
            companies=", ".join(companies.mapped("name")), own=self.env.company.name)

    @api.model
    def _open_leads(self, name, domain):
        return {
            "type": "ir.actions.act_window", "name": name, "res_model": "crm.lead",
            "views": [(self.env.ref("sales_automation.crm_lead_view_list_forecast").id, "list"),
                      (False, "kanban"), (False, "form")],
            "domain": self._to_client(domain),
            "context": {"active_test": False, "create": False},
        }

    @api.model
    def _to_client(self, domain):
        """The domain with its dates as text."""
        return [
            (*leaf[:2], str(leaf[2])) if isinstance(leaf, (list, tuple))
            and hasattr(leaf[2], "isoformat") else leaf for leaf in domain]

    @api.model
    def _name_column(self, column):
        return {
            "closed": self.env._("Won"), "commit": self.env._("Won and Commit"),
            "best_case": self.env._("Won, Commit and Best Case"),
            "pipeline": self.env._("Won and Open"), "open": self.env._("Open"),
            "omitted": self.env._("Omitted"),
            "overdue": self.env._("Closing Date Passed"),
            "undated": self.env._("No Closing Date"),
        }[column]

    @api.model
    def _describe_period(self, period, today):
        return {
            "kind": period.kind, "start": fields.Date.to_string(period.start),
            "end": fields.Date.to_string(period.end),
            "label": tell_period(self.env, period.start, period.kind),
            "previous": fields.Date.to_string(period.shift(-1).start),
            "next": fields.Date.to_string(period.shift(1).start),
            "is_past": period.end < today, "is_current": period.start <= today <= period.end,
            "days_left": max(0, (period.end - today).days),
        }

    # ---- building the rows --------------------------------------------------------------------

    @api.model
    def _build_board(self, period, figures):
        """Rows from the company down to the persons, and what is shown apart.

        Each company is built by itself, of its own words and targets; what its rows say is added
        to what the others' rows of the same place say.
        """
        led = self._get_led_teams()
        before = self.env["sales.forecast.snapshot"]._get_before(
            period, self._get_today(self.env.company))
        said = self._get_said(period, led)
        places = {
            one.company_id: self._get_places(figures.get(one.company_id, {}), one)
            for one in said}
        names = self._get_names(set().union(*places.values()))
        rows = {}
        for one in said:
            found = sorted(places[one.company_id], key=lambda place: self._rank(names, *place))
            for row in self._build_company(found, figures.get(one.company_id, {}), one):
                key = (row["level"], row["team_id"], row["user_id"])
                rows[key] = self._add_rows(rows[key], row) if key in rows else row
        ranked = sorted(rows.values(), key=lambda row: (
            row["level"] != "company", *self._rank(names, row["team_id"], row["user_id"])))
        for row in ranked:
            self._finish_row(row, names, led, before)
        sums = [sums for found in figures.values() for sums in found.values()]
        apart = {name: {
            "count": sum(one[name][0] for one in sums if name in one),
            "amount": sum(one[name][1] for one in sums if name in one)} for name in APART}
        return {"rows": ranked, "apart": apart, "before": before["day"]}

    @api.model
    def _build_company(self, places, figures, said):
        """The rows of one company; of one in which nothing is said and nothing counts none."""
        if not (places or said.words or said.company_id == self.env.company.id):
            return []
        persons = [self._prepare_person(place, figures.get(place, {}), said) for place in places]
        teams = [
            self._prepare_sum("team", (team, None), rows, said)
            for team, rows in self._by_team(persons)]
        return [self._prepare_sum("company", (None, None), teams, said), *teams, *persons]

    @api.model
    def _add_rows(self, one, other):
        """One row of what two companies say of the same place."""
        sums = {}
        for name, instead in SUMMED.items():
            pair = [row for row in (one, other) if row[name] is not None]
            sums[name] = sum(
                row[name] if row in pair else row[instead] or 0
                for row in ((one, other) if instead else pair)) if pair else None
        return {
            **one, **sums, "words": one["words"] + other["words"],
            "company_ids": one["company_ids"] + other["company_ids"],
            "ladder": {name: one["ladder"][name] + other["ladder"][name]
                       for name in forecast.LADDER}}

    @api.model
    def _rank(self, names, team, user):
        """Teams and their people by name, those without a name last; a team before its people."""
        teams, users = names
        return (not team, teams.get(team, ""), team or 0, user is not None, not user,
                users.get(user, ""), user or 0)

    @api.model
    def _get_said(self, period, led):
        """What was said, company by company; the user's own first."""
        companies = self.env.company | self.env.companies
        words = self.env["sales.forecast.adjustment"]._get_words(period)
        rates = self._get_rates(
            companies, self.env.company.currency_id, self._get_today(self.env.company))
        targets = self._get_targets(period, led, rates)
        months = self._get_months(period, rates)
        return [
            Said(company_id, rates[company_id], words.get(company_id, {}), targets[company_id],
                 months.get(company_id, {}))
            for company_id in companies.ids]

    @api.model
    def _get_places(self, figures, said):
        """Who stands where: everybody with deals, a word or a target, in the teams he is in."""
        targets = said.targets
        places = {place for place in figures if set(figures[place]) - set(APART)}
        places |= {
            (team or False, user) for team, user in {**said.words, **said.months} if user}
        known = {user for _team, user in places}
        return places | {
            (targets["homes"].get(user, False), user) for user in targets["users"]
            if user in targets["homes"] or user not in known}

    @api.model
    def _get_names(self, places):
        """Return {team id: name}, {user id: name}; teams and people who left have deals, too."""
        names = []
        for model, ids in (("crm.team", {team for team, _user in places if team}),
                           ("res.users", {user for _team, user in places if user})):
            records = self.env[model].sudo().browse(ids)  # a name on a deal one may see
            names.append({record.id: record.name for record in records})
        return names

    @api.model
    def _get_targets(self, period, led, rates):
        """Each company's targets of the period as shares of the rows that touch it, in the user's
        currency; of teams only those that the user answers for."""
        rows = self.env["sales.target"].search_fetch(
            [("date_start", "<=", period.end), ("date_end", ">=", period.start),
             ("company_id", "in", self.env.companies.ids)],
            ["user_id", "team_id", "company_id", "amount", "date_start", "date_end"])
        found = {company_id: {"users": {}, "teams": {}, "placed": set()} for company_id in rates}
        for row in rows:
            if row.team_id and led is not None and row.team_id.id not in led:
                continue
            part = row.amount * rates[row.company_id.id] * forecast.share(
                row.date_start, row.date_end, period)
            owner, kind = (row.user_id, "users") if row.user_id else (row.team_id, "teams")
            amounts = found[row.company_id.id][kind]
            amounts[owner.id] = amounts.get(owner.id, 0) + part
        members = self.env["crm.team.member"].sudo().search_fetch(  # who is where is no secret
            [("user_id", "in", rows.user_id.ids)], ["user_id", "crm_team_id"], order="id desc")
        homes = {member.user_id.id: member.crm_team_id.id for member in members}
        return {company_id: {**one, "homes": homes} for company_id, one in found.items()}

    @api.model
    def _prepare_person(self, place, sums, said):
        team, user = place
        ladder = forecast.climb({name: row[1] for name, row in sums.items()})
        own, leaders = self._find_words(said, place if user else None)
        own_word = own._to_engine(said.rate)
        word = leaders if leaders._to_engine(said.rate) else own
        targets, target = said.targets, None
        if user in targets["users"] and user not in targets["placed"] and (
                targets["homes"].get(user, team) == team):
            targets["placed"].add(user)
            target = targets["users"][user]
        return {
            "level": "person", "team_id": team, "user_id": user, "ladder": ladder,
            "company_ids": [said.company_id],
            "weighted": sum(row[2] for name, row in sums.items() if name not in APART),
            "count": sum(row[0] for name, row in sums.items() if name not in APART),
            "rolled_up": ladder["commit"],
            "said": forecast.call(ladder["commit"], ladder, own_word) if own_word else None,
            "forecast": forecast.call(
                ladder["commit"], ladder, self._find_call(said, place if user else None, word)),
            "words": self._find_told(said, place if user else None, word), "target": target,
            "members_target": None,
        }

    @api.model
    def _prepare_sum(self, level, place, rows, said):
        ladder = {name: sum(row["ladder"][name] for row in rows) for name in forecast.LADDER}
        rolled_up = sum(row["forecast"] for row in rows)
        key = place if level == "company" else (place[0], False)
        _own, word = self._find_words(said, key)
        members = [row["target"] for row in rows if row["target"] is not None]
        members_target = sum(members) if members else None
        target = said.targets["teams"].get(place[0]) if level == "team" else None
        return {
            "level": level, "team_id": place[0], "user_id": None, "ladder": ladder,
            "company_ids": [said.company_id],
            "weighted": sum(row["weighted"] for row in rows),
            "count": sum(row["count"] for row in rows),
            "rolled_up": rolled_up, "said": None,
            "forecast": forecast.call(rolled_up, ladder, self._find_call(said, key, word)),
            "words": self._find_told(said, key, word),
            "target": members_target if target is None else target,
            "members_target": members_target if target is not None else None,
        }

    @api.model
    def _find_words(self, said, key):
        nobody = self.env["sales.forecast.adjustment"]
        return said.words.get(key, (nobody, nobody))

    @api.model
    def _describe_word(self, word, rate):
        if not word._to_engine(rate):
            return []
        return [{
            "id": word.id, "kind": word.kind, "category": word.category,
            "amount": word.amount * rate, "reason": word.reason, "by": word.create_uid.name,
            "is_own": word.is_own, "on": fields.Datetime.to_string(word.create_date)}]

    @api.model
    def _by_team(self, persons):
        grouped = {}
        for row in persons:
            grouped.setdefault(row["team_id"], []).append(row)
        return grouped.items()

    @api.model
    def _get_led_teams(self):
        """Ids of the teams whose forecast the user may change; None: all of them."""
        if self.env.user.has_group("sales_team.group_sale_salesman_all_leads"):
            return None
        return set(self.env["crm.team"]._search([("user_id", "=", self.env.uid)]))

    @api.model
    def _finish_row(self, row, names, led, before):
        """Add what follows from the sums: name, gap, coverage, change, and who may speak."""
        teams, users = names
        ladder, target = row["ladder"], row["target"]
        if row["level"] == "company":
            alone = led is None and len(row["company_ids"]) == 1
            row["name"] = self.env.company.name if alone else self.env._("Together")
        elif row["level"] == "team":
            row["name"] = teams.get(row["team_id"]) or self.env._("No Team")
        else:
            row["name"] = users.get(row["user_id"]) or self.env._("Nobody Yet")
        row["open"] = ladder["pipeline"] - ladder["closed"]
        row["gap"] = None if target is None else max(0, target - row["forecast"])
        row["coverage"] = forecast.coverage(row["open"], target, ladder["closed"])
        row["is_reached"] = target is not None and ladder["closed"] >= target
        row["can_adjust"] = self._can_adjust(row, led)
        row["change"] = self._get_change(row, before)

    @api.model
    def _can_adjust(self, row, led):
        """A word is given in one company, on what that company's deals say."""
        if row["company_ids"] != self.env.company.ids:
            return False
        if row["level"] == "person":
            return bool(row["user_id"]) and (
                led is None or row["user_id"] == self.env.uid or row["team_id"] in led)
        if row["level"] == "team":
            return bool(row["team_id"]) and (led is None or row["team_id"] in led)
        return led is None

    @api.model
    def _get_change(self, row, before):
        """The forecast against the last snapshot's; a person who may not see the word on him
        compares what he has won and committed."""
        if not before["day"]:
            return None
        key = {"company": (None, None), "team": (row["team_id"], None),
               "person": (row["team_id"], row["user_id"])}[row["level"]]
        if before["has_words"]:
            return row["forecast"] - before["forecast"].get((row["level"], *key), 0)
        return row["ladder"]["commit"] - before["commit"].get((row["level"], *key), 0)
