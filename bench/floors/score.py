"""The floor of a full score: one statement, every table read once, one row per person written.

It does what any correct scoring must do (match 55 rules, decay, caps, sums, bands) and nothing
else: no look at the scores of before, no chunks, no queue, no events about crossings.
"""

from datetime import datetime

from odoo.api import Environment
from odoo.tools import SQL

from bench.data import rules as spec

TABLE = "bench_score"


def write_scores(env: Environment, model_id: int, now: datetime, persons: list[int] | None = None):
    """Insert the score of everybody, or of these persons."""
    env.cr.execute(
        SQL(
            """INSERT INTO %(table)s (person_id, model_id, company_id, fit, engagement, total,
                                      band, grade, computed_at)
               SELECT person_id, %(model)s, company_id, fit, engagement, total,
                      CASE WHEN total >= %(hot)s THEN 'hot' WHEN total >= %(warm)s THEN 'warm'
                           ELSE 'cold' END,
                      %(grade)s, %(now)s
                 FROM (%(totals)s) totals""",
            table=SQL.identifier(TABLE),
            model=model_id,
            hot=spec.HOT_AT,
            warm=spec.WARM_AT,
            grade=_grade(),
            now=now,
            totals=_totals(env, now, persons),
        )
    )


def _totals(env: Environment, now: datetime, persons: list[int] | None) -> SQL:
    return SQL(
        """SELECT *, LEAST(GREATEST(fit + engagement, 0), %(cap)s) AS total
             FROM (SELECT p.id AS person_id, p.company_id,
                          COALESCE(fit.points, 0) AS fit,
                          COALESCE(done.points, 0) AS engagement
                     FROM nurture_person p
                LEFT JOIN (%(fit)s) fit ON fit.person_id = p.id
                LEFT JOIN (%(done)s) done ON done.person_id = p.id
                    WHERE p.active%(only)s) sums""",
        cap=spec.TOTAL_CAP,
        fit=_fit(env, persons),
        done=_engagement(now, persons),
        only=_only(SQL("p.id"), persons),
    )


def _only(column: SQL, persons: list[int] | None) -> SQL:
    return SQL() if persons is None else SQL(" AND %s = ANY(%s)", column, persons)


def _grade() -> SQL:
    arms = (SQL("WHEN fit >= %s THEN %s", limit, name) for name, limit in spec.GRADES.items())
    return SQL("CASE %s ELSE 'D' END", SQL(" ").join(arms))


# ------------------------------------------------------------
# Fit
# ------------------------------------------------------------


def _fit(env: Environment, persons: list[int] | None) -> SQL:
    """Points of fit per person: a rule holds when one of the leads meets it."""
    groups = []
    for group in (group for group in spec.GROUPS if group.kind == "fit"):
        points = SQL(" + ").join(
            SQL(
                "CASE WHEN bool_or(%s) THEN %s ELSE 0 END",
                _fit_condition(env, rule),
                rule.points,
            )
            for rule in group.rules
        )
        groups.append(_with_cap(points, group.cap))
    return SQL(
        """SELECT i.person_id, %(points)s AS points
             FROM nurture_identity i
             JOIN crm_lead l ON l.id = i.res_id
            WHERE i.kind = 'lead'%(only)s
         GROUP BY i.person_id""",
        points=SQL(" + ").join(groups),
        only=_only(SQL("i.person_id"), persons),
    )


def _fit_condition(env: Environment, rule: spec.Fit) -> SQL:
    column = SQL("l.%s", SQL.identifier(rule.column))
    value = spec.value_of(env, rule)
    if rule.operator == "ilike":
        return SQL("%s ILIKE %s", column, f"%{value}%")
    if rule.value is False:
        return SQL("%s <> ''", column)
    operators = {"=": SQL("="), ">=": SQL(">=")}
    return SQL("%s %s %s", column, operators[rule.operator], value)


def _with_cap(points: SQL, cap: int) -> SQL:
    return SQL("LEAST(%s, %s)", points, cap) if cap else SQL("(%s)", points)


# ------------------------------------------------------------
# Behaviour
# ------------------------------------------------------------


def _engagement(now: datetime, persons: list[int] | None) -> SQL:
    """Points of behaviour per person.

    Each event is joined to the few rules of its kind; age and lower-case address are worked out
    once per event (OFFSET 0 keeps the planner from copying them into every condition). Matches are
    added up by person and rule, those of daily rules by day before that.
    """
    columns = (
        SQL(
            "COALESCE(sum(points) FILTER (WHERE place = %s), 0)",
            place,
        )
        for place, group in enumerate(spec.GROUPS)
        if group.kind == "engagement"
    )
    caps = (group.cap for group in spec.GROUPS if group.kind == "engagement")
    return SQL(
        """SELECT person_id, %(points)s AS points
             FROM (WITH matched AS MATERIALIZED (%(matched)s),
                        counted AS (%(plain)s UNION ALL %(daily)s)
                   SELECT c.person_id, r.place,
                          CASE WHEN c.n >= r.min_count
                               THEN floor(r.points * LEAST(c.weight, r.max_count) + 0.5)::int
                               ELSE 0 END AS points
                     FROM counted c
                     JOIN %(rules)s USING (rule)) ruled
         GROUP BY person_id""",
        points=SQL(" + ").join(
            _with_cap(sums, cap) for sums, cap in zip(columns, caps, strict=True)
        ),
        matched=_matched(now, persons),
        plain=_COUNT_PLAIN,
        daily=_COUNT_DAILY,
        rules=_rules(),
    )


_COUNT_PLAIN = SQL(
    """SELECT person_id, rule, count(*) AS n, sum(COALESCE(power(0.5::float8, age / half_life), 1))
              AS weight
         FROM matched WHERE day_limit IS NULL GROUP BY person_id, rule"""
)
_COUNT_DAILY = SQL(
    """SELECT person_id, rule, sum(n) AS n,
              sum(n * COALESCE(power(0.5::float8, age / half_life), 1)) AS weight
         FROM (SELECT person_id, rule, half_life, LEAST(count(*), day_limit) AS n, min(age) AS age
                 FROM matched WHERE day_limit IS NOT NULL
             GROUP BY person_id, rule, half_life, day_limit, occurred_at::date) days
     GROUP BY person_id, rule"""
)


def _matched(now: datetime, persons: list[int] | None) -> SQL:
    return SQL(
        """SELECT e.person_id, e.occurred_at, e.age, r.rule, r.half_life, r.day_limit
             FROM (SELECT person_id, kind, lower(url) AS url, topic, occurred_at,
                          date_part('epoch', %(now)s::timestamp - occurred_at) / 86400 AS age
                     FROM nurture_event
                    WHERE actor = 'human' AND occurred_at <= %(now)s%(only)s
                   OFFSET 0) e
             JOIN (VALUES %(kinds)s) AS r (rule, kind, page, topic, days, half_life, day_limit)
               ON r.kind = e.kind AND e.age < r.days
              AND (r.topic IS NULL OR r.topic = e.topic)
              AND (r.page IS NULL OR e.url LIKE r.page)""",
        now=now,
        kinds=SQL(", ").join(_kind_rows()),
        only=_only(SQL("person_id"), persons),
    )


def _numbered():
    """(number, number of the group, rule) of every rule of behaviour."""
    number = 0
    for place, group in enumerate(spec.GROUPS):
        for rule in group.rules if group.kind == "engagement" else ():
            number += 1
            yield number, place, rule


def _kind_rows():
    """What an event must be to match: a row per rule and kind."""
    for number, _place, rule in _numbered():
        page = rule.page if "*" in rule.page else f"*{rule.page}*" if rule.page else None
        for kind in rule.kinds:
            yield SQL(
                "(%s, %s, %s::text, %s::text, %s::float8, %s::float8, %s::int)",
                number,
                kind,
                page and page.replace("*", "%"),
                rule.topic or None,
                rule.window or float("inf"),
                rule.half_life or None,
                (1 if rule.daily else rule.max_per_day) if rule.by_day else None,
            )


def _rules() -> SQL:
    """What a count is worth: a row per rule."""
    rows = (
        SQL(
            "(%s, %s, %s::float8, %s, %s::float8)",
            number,
            place,
            rule.points,
            rule.min_count,
            rule.max_count or float("inf"),
        )
        for number, place, rule in _numbered()
    )
    return SQL("(VALUES %s) AS r (rule, place, points, min_count, max_count)", SQL(", ").join(rows))
