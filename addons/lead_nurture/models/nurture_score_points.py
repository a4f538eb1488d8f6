from odoo import models
from odoo.addons.lead_nurture.engine import score as engine
from odoo.tools import SQL


class NurtureScorePoints(models.AbstractModel):
    """Points per person and rule: the one statement from which scores and explanations are made.

    How it works: one row per person with a column `r<id>` per rule. Up to four sub-queries give the
    columns, each in one pass over its table: events counted one by one, events counted by day,
    leads and contacts. Who is wanted, and as of when, is told by `scope`; so a range of persons, a
    list, a single one, or each of many as of his own moment run the same text. With `detail` each
    behaviour rule also gives `n<id>` (how many counted) and `t<id>` (when the last was).
    """

    _name = "nurture.score.points"
    _description = "Points per person and rule"

    def _query_points(self, model, scope, detail=False):
        """Rows (person_id, company_id, r<id>…) of the persons in `scope` whom `model` judges."""
        rules = model.group_ids.rule_ids
        plain, daily = rules.filtered(self._is_plain), rules.filtered(self._is_daily)
        parts = [
            self._query_events(plain, detail),
            self._query_days(daily, model.tz, detail),
            self._query_leads(rules.filtered(lambda r: r.source == "lead"), scope),
            self._query_partners(rules.filtered(lambda r: r.source == "partner"), scope),
        ]
        columns, joins = [], []
        for index, (names, query) in enumerate(part for part in parts if part):
            alias = f"part{index}"
            joins.append(
                SQL(
                    " LEFT JOIN (%s) %s ON %s = p.id",
                    query,
                    SQL.identifier(alias),
                    SQL.identifier(alias, "person_id"),
                )
            )
            columns += [
                SQL(", COALESCE(%s, 0) AS %s", SQL.identifier(alias, name), SQL.identifier(name))
                if name[0] != "t"
                else SQL(", %s", SQL.identifier(alias, name))
                for name in names
            ]
        return SQL(
            """%(recent)sSELECT p.id AS person_id, p.company_id%(columns)s
                 FROM nurture_person p%(joins)s
                WHERE %(scope)s AND %(judged)s""",
            recent=self._query_with_recent(plain | daily, scope),
            columns=SQL().join(columns),
            joins=SQL().join(joins),
            scope=scope.holds(SQL("p.id")),
            judged=self._query_judged(model),
        )

    def _query_with_recent(self, rules, scope):
        """The events are read once, for the rules that count each and those that count days."""
        if not rules:
            return SQL()
        return SQL("WITH recent AS (%s) ", rules._query_recent(scope))

    def _query_judged(self, model):
        """Condition: the person `p` is judged by this model."""
        if model.company_id:
            return SQL("p.active AND p.company_id = %s", model.company_id.id)
        return SQL("p.active")

    # ------------------------------------------------------------
    # Behaviour
    # ------------------------------------------------------------

    def _is_daily(self, rule):
        return rule.source == "event" and (rule.count_by == "day" or rule.max_per_day > 0)

    def _is_plain(self, rule):
        return rule.source == "event" and not self._is_daily(rule)

    def _query_events(self, rules, detail):
        """Events counted one by one: one aggregate per rule, one pass over the events."""
        if not rules:
            return None
        columns = {}
        for rule in rules:
            match = rule._query_match()
            count = SQL("COUNT(*) FILTER (WHERE %s)", match)
            weight = count
            if rule.half_life_days:
                weight = SQL(
                    "COALESCE(SUM(%s) FILTER (WHERE %s), 0)",
                    self._query_weight(rule, SQL("e.age")),
                    match,
                )
            last = SQL("MAX(e.occurred_at) FILTER (WHERE %s)", match)
            columns |= self._query_columns(rule, count, weight, last, detail)
        return [*columns], SQL(
            "SELECT e.person_id, %s FROM recent e GROUP BY e.person_id",
            self._query_named(columns),
        )

    def _query_days(self, rules, tz, detail):
        """Events counted by day. The events of a day weigh what the last of them weighs."""
        if not rules:
            return None
        columns, per_day = {}, []
        matches = {rule: rule._query_match() for rule in rules}
        for rule, match in matches.items():
            number, age = SQL.identifier(f"n{rule.id}"), SQL.identifier(f"a{rule.id}")
            moment = SQL.identifier(f"t{rule.id}")
            per_day += [
                SQL("COUNT(*) FILTER (WHERE %s) AS %s", match, number),
                SQL("MIN(e.age) FILTER (WHERE %s) AS %s", match, age),
            ]
            if detail:
                per_day.append(SQL("MAX(e.occurred_at) FILTER (WHERE %s) AS %s", match, moment))
            of_day = SQL("LEAST(%s, %s)", number, self._day_limit(rule))
            count = SQL("COALESCE(SUM(%s), 0)", of_day)
            weight = count
            if rule.half_life_days:
                weight = SQL("COALESCE(SUM(%s * %s), 0)", of_day, self._query_weight(rule, age))
            last = SQL("MAX(%s)", moment)
            columns |= self._query_columns(rule, count, weight, last, detail)
        return [*columns], SQL(
            """SELECT d.person_id, %(columns)s
                 FROM (SELECT e.person_id, %(day)s AS day, %(per_day)s
                         FROM recent e WHERE %(any)s GROUP BY e.person_id, %(day)s) d
             GROUP BY d.person_id""",
            columns=self._query_named(columns),
            day=self._query_day(tz),
            per_day=SQL(", ").join(per_day),
            any=SQL(" OR ").join(SQL("(%s)", match) for match in matches.values()),
        )

    def _query_day(self, tz):
        if tz == "UTC":
            return SQL("e.occurred_at::date")
        return SQL("(e.occurred_at AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", tz)

    def _day_limit(self, rule):
        """How many events of one day count: one, where days are counted."""
        return 1 if rule.count_by == "day" else rule.max_per_day

    def _query_weight(self, rule, age):
        """engine.score.weight in SQL."""
        return SQL(
            "power(0.5::float8, LEAST(%s, %s::float8) / %s::float8)",
            age,
            engine.MOST_HALVINGS * rule.half_life_days,
            rule.half_life_days,
        )

    def _query_columns(self, rule, count, weight, last, detail):
        """{name: expression} of one behaviour rule."""
        columns = {f"r{rule.id}": self._query_rule_points(rule, count, weight)}
        if detail:
            columns |= {f"n{rule.id}": count, f"t{rule.id}": last}
        return columns

    def _query_named(self, columns):
        return SQL(", ").join(
            SQL("%s AS %s", expression, SQL.identifier(name))
            for name, expression in columns.items()
        )

    def _query_rule_points(self, rule, count, weight):
        """engine.score.rule_points in SQL."""
        if rule.max_count:
            weight = SQL("LEAST(%s, %s::float8)", weight, rule.max_count)
        points = SQL("FLOOR(%s::float8 * %s + 0.5)::int", rule.points, weight)
        if rule.min_count > 1:
            points = SQL("CASE WHEN %s >= %s THEN %s ELSE 0 END", count, rule.min_count, points)
        return points

    # ------------------------------------------------------------
    # Fit
    # ------------------------------------------------------------

    def _query_leads(self, rules, scope):
        """Fit by leads: a rule holds when one of the person's leads matches."""
        if not rules:
            return None
        columns = self._query_fit_columns(rules, lambda condition: SQL("BOOL_OR(%s)", condition))
        # indexes nurture_identity__person_id_index, crm_lead_pkey
        return [*columns], SQL(
            """SELECT scored.person_id, %s
                 FROM nurture_identity scored
                 JOIN crm_lead ON crm_lead.id = scored.res_id
                WHERE scored.kind = 'lead' AND %s
             GROUP BY scored.person_id""",
            self._query_named(columns),
            scope.holds(SQL("scored.person_id")),
        )

    def _query_partners(self, rules, scope):
        if not rules:
            return None
        columns = self._query_fit_columns(rules, lambda condition: condition)
        return [*columns], SQL(
            """SELECT scored.person_id, %s
                 FROM (SELECT id AS person_id, partner_id AS res_id FROM nurture_person) scored
                 JOIN res_partner ON res_partner.id = scored.res_id
                WHERE %s""",
            self._query_named(columns),
            scope.holds(SQL("scored.person_id")),
        )

    def _query_fit_columns(self, rules, holds):
        """{name: expression}: the points of each rule whose condition `holds`."""
        return {
            f"r{rule.id}": SQL(
                "CASE WHEN %s THEN FLOOR(%s::float8 + 0.5)::int ELSE 0 END",
                holds(rule._query_holds()),
                rule.points,
            )
            for rule in rules
        }

    # ------------------------------------------------------------
    # Sums
    # ------------------------------------------------------------

    def _query_sums(self, model, scope):
        """Rows (person_id, company_id, fit, engagement, total): engine.score.add_up in SQL."""
        return self._query_totals(model, SQL("(%s) points", self._query_points(model, scope)))

    def _query_totals(self, model, points):
        """The same from `points`, a table of what `_query_points` gives."""
        sums = {"fit": SQL("0"), "engagement": SQL("0")}
        for group in model.group_ids.filtered("rule_ids"):
            rules = SQL(" + ").join(SQL.identifier(f"r{rule.id}") for rule in group.rule_ids)
            if group.cap:
                rules = SQL("LEAST(%s, %s)", rules, group.cap)
            sums[group.kind] = SQL("%s + %s", sums[group.kind], rules)
        total = SQL("GREATEST(fit + engagement, 0)")
        if model.total_cap:
            total = SQL("LEAST(%s, %s)", total, model.total_cap)
        return SQL(
            """SELECT person_id, company_id, fit, engagement, %(total)s AS total
                 FROM (SELECT person_id, company_id, %(fit)s AS fit, %(engagement)s AS engagement
                         FROM %(points)s) sums""",
            total=total,
            points=points,
            **sums,
        )
