from odoo import api, fields, models
from odoo.addons.sales_automation.engine import day_window
from odoo.tools import SQL

# More lines of one kind do not help anybody who reads a day; the figure counts all of them.
LINES_PER_KIND = 100


class SalesReportFacts(models.AbstractModel):
    """What a salesperson did in a span of time, told by the records that exist anyway.

    A kind of fact is one entry of `_get_kinds` and one method `_query_<kind>(scope)`. A scope is
    a person's span of time; one statement per kind answers for any number of scopes. Every
    statement gives: scope_id, fact_id, res_model, res_id, lead_id, moment, amount (company
    currency), name, about, detail.
    """

    _name = "sales.report.facts"
    _description = "Facts of a Salesperson's Day"

    @api.model
    def _get_kinds(self):
        """Return {kind: how it is shown}, in the order in which people read it.

        `model` is what the figure opens (the rows of fact_id); `plan` marks what lies ahead.
        """
        _ = self.env._
        kinds = [
            ("won", _("Won"), _("Won"), "fa-trophy", "crm.lead"),
            ("order", _("Orders Confirmed"), _("Order"), "fa-shopping-cart", "sale.order"),
            ("lost", _("Lost"), _("Lost"), "fa-thumbs-down", "crm.lead"),
            ("not_now", _("Not Now"), _("Not now"), "fa-moon-o", "sales.recycle"),
            ("new", _("New Deals"), _("New deal"), "fa-star", "crm.lead"),
            ("move", _("Stage Moves"), _("Stage"), "fa-arrows-h", "sales.stage.history"),
            ("back", _("Came Back"), _("Came back"), "fa-undo", "sales.stage.history"),
            ("meeting", _("Meetings"), _("Meeting"), "fa-users", "calendar.event"),
            ("activity", _("Activities Done"), _("Done"), "fa-check", "mail.activity"),
            ("mail", _("Mails to Customers"), _("Mail"), "fa-envelope", "mail.message"),
            ("quote", _("Quotes Made"), _("Quote"), "fa-file-text-o", "sale.order"),
            ("quote_sent", _("Quotes Sent"), _("Quote sent"), "fa-paper-plane", "sale.order"),
            ("handoff", _("Handed Off"), _("Handed off to"), "fa-handshake-o", "sales.handoff"),
            ("handoff_taken", _("Taken Over"), _("Taken over from"), "fa-hand-paper-o",
             "sales.handoff"),
            ("plan_meeting", _("Meeting"), _("Meeting"), "fa-users", "calendar.event"),
            ("plan_activity", _("Activity"), _("Planned"), "fa-clock-o", "mail.activity"),
        ]
        return {
            key: {"label": label, "one": one, "icon": icon, "model": model,
                  "plan": key.startswith("plan_")}
            for key, label, one, icon, model in kinds}

    @api.model
    def _prepare_scope(self, scope_id, user, company, first, last, work_days=frozenset()):
        """Return the span of a person's local days as the statements want it."""
        start_at, end_at = day_window.day_bounds(first, last, user._get_sales_tz())
        following = day_window.next_day_of(last, work_days)
        return (
            scope_id, user.id, user.partner_id.id, user.lang or "en_US", company.id,
            start_at, end_at, first, last, following,
            day_window.day_bounds(following, following, user._get_sales_tz())[1])

    @api.model
    def _collect(self, scopes):
        """Return {scope id: {kind: {"total", "amount", "rows"}}}; one statement per kind."""
        collected = {scope[0]: {} for scope in scopes}
        if not scopes:
            return collected
        self.env.flush_all()
        scope = self._query_scope(scopes)
        for kind in self._get_kinds():
            query = self._query_lines(getattr(self, f"_query_{kind}")(scope))
            for row in self.env.execute_query_dict(query):
                entry = collected[row["scope_id"]].setdefault(
                    kind, {"total": row["total"], "amount": row["total_amount"], "rows": []})
                entry["rows"].append(row)
        return collected

    @api.model
    def _count(self, scopes):
        """Return {scope id: {kind: [number, amount]}} without the lines."""
        counted = {scope[0]: {} for scope in scopes}
        if not scopes:
            return counted
        self.env.flush_all()
        scope = self._query_scope(scopes)
        for kind, how in self._get_kinds().items():
            if how["plan"]:
                continue
            query = self._query_totals(getattr(self, f"_query_{kind}")(scope))
            for scope_id, total, amount in self.env.execute_query(query):
                counted[scope_id][kind] = [total, amount]
        return counted

    @api.model
    def _prepare_figures(self, totals):
        """Return the figures of a page from {kind: [number, amount]}; nothing of what is zero."""
        return [
            {"key": key, "label": how["label"], "icon": how["icon"], "count": totals[key][0],
             "amount": totals[key][1]}
            for key, how in self._get_kinds().items()
            if not how["plan"] and totals.get(key, (0, 0))[0] > 0]

    @api.model
    def _open_kind(self, kind, scopes, removed=()):
        """Return the window with the records behind a figure.

        :param removed: ids of facts that the writer left out of his report
        """
        how = self._get_kinds()[kind]
        self.env.flush_all()
        facts = getattr(self, f"_query_{kind}")(self._query_scope(scopes))
        ids = [fact_id for (fact_id,) in self.env.execute_query(self._query_ids(facts))
               if fact_id not in removed]
        return {
            "type": "ir.actions.act_window", "name": how["label"], "res_model": how["model"],
            "views": [(False, "list"), (False, "form")], "domain": [("id", "in", ids)],
            "context": {"active_test": False, "create": False},
        }

    @api.model
    def _work_days(self, users, first, last):
        """Return {user: set of days on which he works}, leaves and holidays taken out.

        One look into each working schedule, whatever the number of people.
        """
        start_at, end_at = (  # a day of air, for people on the other side of the globe
            moment.replace(tzinfo=day_window.UTC) for moment in day_window.day_bounds(
                fields.Date.subtract(first, days=1), fields.Date.add(last, days=1), "UTC"))
        days = {}
        people = users.sudo()  # schedules belong to HR
        for calendar, group in people.grouped(
                lambda user: user.resource_calendar_id or user.company_id.resource_calendar_id
        ).items():
            resources = group.resource_ids.filtered(
                lambda resource, calendar=calendar: resource.calendar_id == calendar)
            spans = calendar and calendar._work_intervals_batch(start_at, end_at, resources)
            for user in group:
                resource = resources.filtered(lambda one, user=user: one.user_id == user)[:1]
                days[user.id] = (
                    self._local_days(spans[resource.id], user._get_sales_tz()) if spans
                    else self._weekdays(first, last))
        return days

    @api.model
    def _local_days(self, spans, tz):
        zone = day_window.zone(tz)
        return {start.astimezone(zone).date() for start, _stop, _what in spans}

    @api.model
    def _weekdays(self, first, last):
        """Without a schedule people work from Monday to Friday."""
        days = (fields.Date.add(first, days=step) for step in range((last - first).days + 1))
        return {day for day in days if day.weekday() < 5}

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_scope(self, scopes):
        columns = [list(values) for values in zip(*scopes, strict=True)]
        return SQL(
            """
            unnest(%s::int[], %s::int[], %s::int[], %s::varchar[], %s::int[], %s::timestamp[],
                   %s::timestamp[], %s::date[], %s::date[], %s::date[], %s::timestamp[])
                AS s(id, user_id, partner_id, lang, company_id, start_at, end_at,
                     first_day, last_day, next_day, next_end)
            """, *columns)

    @api.model
    def _query_lines(self, facts):
        return SQL(
            """
            SELECT * FROM (
                SELECT f.*, ROW_NUMBER() OVER (PARTITION BY scope_id ORDER BY moment, fact_id)
                            AS place,
                       COUNT(*) OVER (PARTITION BY scope_id) AS total,
                       COALESCE(SUM(amount) OVER (PARTITION BY scope_id), 0) AS total_amount
                  FROM (%s) f) numbered
             WHERE place <= %s
             ORDER BY scope_id, place
            """, facts, LINES_PER_KIND)

    @api.model
    def _query_ids(self, facts):
        return SQL("SELECT DISTINCT fact_id FROM (%s) f ORDER BY 1 LIMIT 10000", facts)

    @api.model
    def _query_totals(self, facts):
        return SQL(
            "SELECT scope_id, COUNT(*), COALESCE(SUM(amount), 0) FROM (%s) f GROUP BY scope_id",
            facts)
