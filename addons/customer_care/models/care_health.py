from datetime import date

from odoo import api, fields, models
from odoo.tools import SQL

from .care_purchases import Scope

COMPARED = {"ge": SQL(">="), "gt": SQL(">"), "le": SQL("<="), "lt": SQL("<")}
#: jsonb_build_object() takes 100 arguments.
REASONS_AT_ONCE = 40


class CareHealth(models.AbstractModel):
    """How health scores are derived: one statement for the night, the delta and one customer.

    It says in SQL what engine/health.py says in Python. Facts come from care.health.fact; only
    those that a rule asks for are read. A churned customer keeps his last score, with the day; a
    person's override stands above both while it lasts.
    """

    _name = "care.health"
    _description = "Health scoring"

    @api.model
    def _health_facts(self) -> dict[str, dict]:
        """Registry: key → {"label", "unit", "help", "sequence", "default"}.

        A new fact is one entry and one method `_query_fact_<key>(company, scope, today)`: rows
        (partner_id, value). It may read the care records of the scope as `people`. A customer
        without a row has "default", or else is not known.
        """
        return {}

    @api.model
    def _rejudge(self, company, scope: Scope, now) -> int:
        """Judge these customers; returns how many records changed."""
        self.env.flush_all()
        changed = self._query_rejudge(company, scope, company._care_today(now))
        self.env["care.figures"]._forget_cached()
        return changed

    @api.model
    def _facts_of(self, company, partner) -> dict[str, float | None]:
        """What is known of one customer today, as the rules see it."""
        self.env.flush_all()
        keys = list(self._health_facts())
        known = self._query_known(
            company, Scope(ids=(partner.id,)), company._care_today(fields.Datetime.now()), keys)
        rows = self._query_read_known(known, keys)
        return dict(zip(keys, rows[0], strict=True)) if rows else dict.fromkeys(keys)

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_people(self, company, scope: Scope) -> SQL:
        """Unique key of care_customer, or for a whole company's ids a bitmap of it."""
        return SQL(
            "SELECT * FROM care_customer WHERE company_id = %s AND %s", company.id,
            self.env["care.purchases"]._query_scope(scope, SQL("partner_id")))

    def _query_known(self, company, scope: Scope, today: date, keys) -> SQL:
        """Rows (id, <fact> …): one per care record of the scope."""
        facts = self._health_facts()
        columns, joins = [], []
        for key in keys:
            alias, default = SQL.identifier(f"fact_{key}"), facts[key].get("default")
            value = SQL("%s.value::float8", alias)
            columns.append(SQL(", %s AS %s", SQL(
                "COALESCE(%s, %s)", value, default) if default is not None else value,
                SQL.identifier(key)))
            joins.append(SQL(
                "LEFT JOIN (%s) %s ON %s.partner_id = people.partner_id",
                getattr(self, f"_query_fact_{key}")(company, scope, today), alias, alias))
        return SQL(
            "WITH people AS MATERIALIZED (%s) SELECT people.id%s FROM people %s",
            self._query_people(company, scope), SQL().join(columns), SQL(" ").join(joins))

    def _query_read_known(self, known: SQL, keys):
        return self.env.execute_query(SQL(
            "SELECT %s FROM (%s) known", SQL(", ").join(map(SQL.identifier, keys)), known))

    def _query_points(self, rules) -> tuple[SQL, SQL]:
        """The sum of all points, and which rule gave how many."""
        arms = [(str(rule.id), SQL(
            "CASE WHEN %s %s %s THEN %s END", SQL.identifier(rule.fact), COMPARED[rule.operator],
            rule.value, rule.points)) for rule in rules]
        total = SQL(" + ").join([SQL("0"), *(SQL("COALESCE(%s, 0)", arm) for _key, arm in arms)])
        parts = [arms[i:i + REASONS_AT_ONCE] for i in range(0, len(arms), REASONS_AT_ONCE)]
        reasons = SQL(" || ").join([SQL("'{}'::jsonb"), *(
            SQL("jsonb_strip_nulls(jsonb_build_object(%s))", SQL(", ").join(
                SQL("%s::text, %s", key, arm) for key, arm in part)) for part in parts)])
        return total, reasons

    def _query_rejudge(self, company, scope: Scope, today: date) -> int:
        """Only changed rows are written. Nothing to buy from yet: no score."""
        rules = self.env["care.health.rule"]._rules_of(company)
        total, reasons = self._query_points(rules)
        return self.env.execute_query(SQL(
            """WITH known AS (%(known)s),
               judged AS (
                   SELECT id, GREATEST(0, LEAST(100, %(base)s + %(total)s)) AS score,
                          jsonb_build_object('base', %(base)s::int) || %(reasons)s AS reasons
                     FROM known
               ),
               kept AS ( -- who churned keeps what he had
                   SELECT k.id, k.partner_id, k.company_id,
                          CASE WHEN k.purchase_days = 0 THEN NULL
                               WHEN k.status = 'churned' THEN k.health_computed
                               ELSE j.score END AS computed,
                          CASE WHEN k.purchase_days = 0 THEN NULL
                               WHEN k.status = 'churned' THEN k.health_reasons
                               ELSE j.reasons END AS reasons,
                          CASE WHEN k.status = 'churned' AND k.health_computed IS NOT NULL
                               THEN k.status_since END AS frozen_on
                     FROM judged j JOIN care_customer k ON k.id = j.id
               ),
               final AS (
                   SELECT kept.*, COALESCE(o.score, kept.computed) AS health
                     FROM kept LEFT JOIN (%(overrides)s) o ON o.partner_id = kept.partner_id
               ),
               written AS (
                   UPDATE care_customer k
                      SET health = f.health, health_computed = f.computed,
                          health_reasons = f.reasons, health_frozen_on = f.frozen_on,
                          health_level = %(level)s
                     FROM final f
                    WHERE f.id = k.id
                      AND (k.health, k.health_computed, k.health_reasons, k.health_frozen_on,
                           k.health_level)
                          IS DISTINCT FROM
                          (f.health, f.computed, f.reasons, f.frozen_on, %(level)s)
                   RETURNING 1
               )
               SELECT COUNT(*) FROM written""",
            known=self._query_known(company, scope, today, sorted(set(rules.mapped("fact")))),
            base=company.care_health_base, total=total, reasons=reasons,
            overrides=self._query_overrides(company, today),
            level=SQL(
                "CASE WHEN f.health IS NULL THEN NULL WHEN f.health >= %s THEN 'good'"
                " WHEN f.health < %s THEN 'risk' ELSE 'watch' END",
                company.care_health_good, company.care_health_risk),
        ))[0][0]

    def _query_overrides(self, company, today: date) -> SQL:
        """Rows (partner_id, score): what people said that still holds. Index _open_idx."""
        return SQL(
            """SELECT DISTINCT ON (partner_id) partner_id, score FROM care_health_override
                WHERE company_id = %s AND ended_on IS NULL AND date_until >= %s
             ORDER BY partner_id, id DESC""",
            company.id, today,
        )
