from odoo import api, models
from odoo.tools import SQL

from .amounts import tell_amount

RISKS_JUDGED = 100
RISKS_SHOWN = 5


class SalesDashboard(models.AbstractModel):
    """Tiles about what is open today: categories, what needs attention, risks, who does what."""

    _inherit = "sales.dashboard"

    def _dashboard_tiles(self):
        tiles = super()._dashboard_tiles()
        for sequence, key, title, icon, span in (
            (20, "pipeline", self.env._("Open pipeline"), "fa-signal", 4),
            (33, "attention", self.env._("Needs attention"), "fa-bell-o", 4),
            (36, "risks", self.env._("Biggest deals at risk"), "fa-exclamation-triangle", 8),
            (90, "activities", self.env._("Activities done"), "fa-check-square-o", 12),
        ):
            tiles[key] = {
                "page": "leader", "title": title, "icon": icon, "sequence": sequence,
                "span": span}
        return tiles

    def _get_open_domain(self, scope):
        return [
            ("type", "=", "opportunity"), ("sales_outcome", "=", "open"), ("active", "=", True),
            *self.env["crm.lead"]._get_home_domain(self.env.companies), *self._in_scope(scope)]

    def _dashboard_pipeline(self, scope):
        leads = self.env["crm.lead"]
        domain = self._get_open_domain(scope)
        rows = self.env["sales.outcome.report"]._read_group(
            [("outcome", "=", "open"), *self._in_scope(scope)], [], ["amount:sum", "__count"])
        [(amount, count)] = rows
        labels = dict(leads._fields["forecast_category"]._description_selection(self.env))
        found = self._get_categories(domain)
        categories = [
            (label, *found[key], self._open(
                label, "crm.lead", [*domain, ("forecast_category", "=", key)]))
            for key, label in labels.items() if key in found]
        unknown = self._is_unknown(amount)
        return {
            "figure": not unknown and self._money(amount),
            "few": unknown and self._explain_unknown(),
            "action": self._open(self.env._("Open Deals"), "crm.lead", domain),
            "note": self.env._("%s open deals, whenever they are expected to close.", count),
            "chart": not unknown and categories and {
                "type": "hbar", "kind": "money", "labels": [row[0] for row in categories],
                "series": [{
                    "label": self.env._("Open"), "values": [row[2] for row in categories]}]},
            "table": categories and {
                "columns": [self.env._("Forecast"), self.env._("Deals"), self.env._("Value")],
                "rows": [[self._cell(label), self._cell(str(number), action),
                          self._cell(self._money(value))]
                         for label, number, value, action in categories]},
        }

    # ---- attention ------------------------------------------------------------------------------

    def _dashboard_attention(self, scope):
        leads, domain = self.env["crm.lead"], self._get_open_domain(scope)
        total = leads.search_count(domain)
        rows = []
        for label, model, terms in self._get_worries(scope, domain):
            count = self.env[model].search_count(terms)
            rows.append((label, count, self._open(label, model, terms)))
        missing = rows[0][1]
        return {
            "figure": total and self._percent((total - missing) / total),
            "note": total and self.env._("of %s open deals have a next step planned.", total),
            "action": self._open(self.env._("Next Step Planned"), "crm.lead",
                                 [*domain, ("has_next_action", "=", True)]),
            "empty": not total and self.env._("No open deal."),
            "table": {
                "columns": [self.env._("What"), self.env._("How many")],
                "rows": [[self._cell(label), self._cell(
                    str(count), action if count else None, "warning" if count else None)]
                    for label, count, action in rows]},
        }

    def _get_worries(self, scope, domain):
        """(label, model, domain) of what waits for somebody; first: no next step."""
        forecast = self.env["sales.forecast"]
        today = forecast._get_today(self.env.company)
        team = [("lead_id.team_id", "=", scope.team_id)] if scope.team_id else []
        return [
            (self.env._("No next step, or overdue"), "crm.lead",
             [*domain, ("has_next_action", "=", False)]),
            (self.env._("Stale"), "crm.lead", [*domain, ("stale_level", "=", "stale")]),
            (self.env._("Closing date passed"), "crm.lead",
             [*domain, *forecast._to_client(forecast._get_passed_domain(today))]),
            (self.env._("Closing date moved twice or more"), "crm.lead",
             [*domain, ("slip_count", ">=", 2)]),
            (self.env._("Hand-offs waiting"), "sales.handoff",
             [("state", "in", ("requested", "expired")), *team]),
            (self.env._("Reports to read"), "sales.daily.report", [
                ("state", "=", "submitted"), ("user_id", "!=", self.env.uid),
                *self._in_scope(scope)]),
        ]

    def _dashboard_risks(self, scope):
        """Only the biggest deals are judged: what is said of them matters most."""
        rows = self.env["sales.outcome.report"].search(
            [("lead_id", "in", self.env["crm.lead"]._search(self._get_open_domain(scope)))],
            order="amount DESC, id", limit=RISKS_JUDGED)
        worth = {row.lead_id.id: tell_amount(self.env, round(row.amount), row.currency_id)
                 for row in rows}
        biggest = rows.lead_id
        judged = biggest._deal_health(scope.now)
        risky = biggest.filtered(lambda deal: judged.get(deal.id, {}).get("level") == "risk")
        return {
            "figure": risky and str(len(risky)),
            "action": risky and self._open(
                self.env._("Deals at Risk"), "crm.lead", [("id", "in", risky.ids)]),
            "note": risky and self._tell_risky(len(biggest)),
            "empty": self.env._("None of the biggest open deals is at risk."),
            "table": risky and {
                "words": [2, 3],
                "columns": [self.env._("Deal"), self.env._("Value"), self.env._("Salesperson"),
                            self.env._("Why")],
                "rows": [[
                    self._cell(deal.name, {
                        "type": "ir.actions.act_window", "res_model": "crm.lead",
                        "res_id": deal.id, "views": [(False, "form")], "target": "current"}),
                    self._cell(worth[deal.id]),
                    self._cell(deal.user_id.name or self.env._("Nobody")),
                    self._cell(self._say_why(judged[deal.id])),
                ] for deal in risky[:RISKS_SHOWN]]},
        }

    def _tell_risky(self, judged):
        """Of how many: where there are no more, they are not the biggest but all."""
        if judged < RISKS_JUDGED:
            return self.env._("of %s open deals are at risk. The biggest of them:", judged)
        return self.env._("of the %s biggest open deals are at risk. The first of them:", judged)

    def _say_why(self, verdict):
        reasons = sorted(verdict["reasons"], key=lambda reason: reason["points"])
        return " · ".join(row["text"] for row in reasons[:2] if row["points"] < 0)

    # ---- activities -----------------------------------------------------------------------------

    def _dashboard_activities(self, scope):
        members = self._get_members(scope)
        rows = self.env.execute_query(self._query_activities(scope, members))
        people = {}
        for user_id, kind, count in rows:
            people.setdefault(user_id, {})[kind] = count
        users = self.env["res.users"].browse([user_id for user_id in people if user_id])
        names = {user.id: user.name for user in users}
        kinds = {"call": self.env._("Calls"), "meeting": self.env._("Meetings"),
                 "other": self.env._("Other")}
        ranked = sorted(people, key=lambda user_id: -sum(people[user_id].values()))[:10]
        return {
            "note": self.env._("Done on leads and deals in this period."),
            "empty": self.env._("Nothing was marked as done in this period."),
            "chart": ranked and {
                "type": "hbar", "kind": "count", "stacked": True,
                "labels": [names.get(user_id, self.env._("Nobody")) for user_id in ranked],
                "series": [{"label": label, "values": [
                    people[user_id].get(kind, 0) for user_id in ranked]}
                    for kind, label in kinds.items()]},
            "table": ranked and {
                "columns": [self.env._("Salesperson"), *kinds.values(), self.env._("All")],
                "rows": [[
                    self._cell(names.get(user_id, self.env._("Nobody"))),
                    *(self._cell(str(people[user_id].get(kind, 0))) for kind in kinds),
                    self._cell(str(sum(people[user_id].values())), self._open(
                        names.get(user_id, self.env._("Activities")), "mail.activity",
                        self._get_done_domain(scope, user_id), active_test=False)),
                ] for user_id in ranked]},
        }

    def _get_members(self, scope):
        return self.env["crm.team"].browse(scope.team_id).member_ids if scope.team_id else False

    def _get_done_domain(self, scope, user_id):
        return [
            ("res_model", "=", "crm.lead"), ("active", "=", False), ("user_id", "=", user_id),
            ("date_done", ">=", scope.first.isoformat()),
            ("date_done", "<=", scope.last.isoformat())]

    # ---- SQL ----------------------------------------------------------------------------------

    def _query_activities(self, scope, members):
        """Done activities on the leads that the user may read, as core's list of them shows."""
        leads = self.env["crm.lead"].with_context(active_test=False)
        return SQL(
            """
            SELECT a.user_id,
                   CASE t.category WHEN 'phonecall' THEN 'call' WHEN 'meeting' THEN 'meeting'
                        ELSE 'other' END AS kind,
                   COUNT(*)
              FROM mail_activity a
              LEFT JOIN mail_activity_type t ON t.id = a.activity_type_id
             WHERE a.res_model = 'crm.lead' AND a.active IS FALSE
               AND a.date_done BETWEEN %(first)s AND %(last)s
               AND (%(everyone)s OR a.user_id = ANY(%(members)s))
               AND (a.user_id = %(me)s OR a.res_id IN %(leads)s)
             GROUP BY 1, 2
             ORDER BY 1, 2
            """,
            first=scope.first, last=scope.last, everyone=members is False,
            members=members.ids if members else [], me=self.env.uid,
            leads=leads._search([]).subselect())

    def _get_categories(self, domain):
        """{forecast category: (deals, value)}; the value is None where a company of them has no
        rate."""
        leads = self.env["crm.lead"].with_context(active_test=False)
        rows = self.env.execute_query(self._query_categories(leads._search(domain)))
        return {
            category: (count, None if amount is None and foreign else float(amount or 0))
            for category, count, foreign, amount in rows}

    @api.model
    def _query_categories(self, query):
        """In the company's currency, as the reports; the deals by core's index on stage_id."""
        leads = self.env["crm.lead"]
        category = leads._field_to_sql(query.table, "forecast_category", query)
        home = leads._join_home_company(query)
        rate = self.env["sales.outcome.report"]._query_rate(home)
        without = self.env["sales.forecast"]._get_companies_without_rate().ids
        return SQL(
            """SELECT x.category, COUNT(*), BOOL_OR(x.foreign_one),
                      CASE WHEN NOT BOOL_OR(x.foreign_one) THEN SUM(x.amount) END
                 FROM (SELECT %(category)s AS category, %(amount)s * %(rate)s AS amount,
                              %(home)s = ANY(%(without)s) AS foreign_one
                         FROM %(from)s WHERE %(where)s) x
                GROUP BY 1""",
            category=category, home=home, without=without, rate=rate,
            amount=leads._field_to_sql(query.table, "expected_revenue", query),
            where=query.where_clause, **{"from": query.from_clause})
