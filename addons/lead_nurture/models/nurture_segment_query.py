from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .nurture_segment_condition import TARGETS


class NurtureSegment(models.Model):
    """Who belongs to a segment: the one statement from which members and reasons are made.

    How it works: people, beside them one sub-query per kind of condition that answers all
    conditions of that kind in one pass over its table, and the conditions joined by AND or OR. A
    part gives columns; `_holds` makes a yes or no of them. `told` keeps the answer to each
    condition and what it rests on, for one who asks why.
    """

    _inherit = "nurture.segment"

    def _query_matched(self, scope):
        """Rows (person_id, company_id) of the people in `scope` who belong to this segment."""
        _columns, people, holds = self._query_parts(scope)
        verdict = SQL(" AND " if self.match == "all" else " OR ").join(holds.values())
        return SQL(
            """SELECT nurture_person.id AS person_id,
                      COALESCE(nurture_person.company_id, %s) AS company_id
                 FROM %s AND (%s)""",
            self.company_id.id or None,
            people,
            verdict,
        )

    def _query_told(self, scope):
        """Rows of all people in `scope` who could belong to it: the answer to each condition
        (`h<id>`), and how often (`n<id>`) or when it last was so (`t<id>`)."""
        columns, people, holds = self._query_parts(scope, detail=True)
        answers = [
            SQL("COALESCE(%s, FALSE) AS %s", answer, SQL.identifier(f"h{condition.id}"))
            for condition, answer in holds.items()
        ]
        return SQL(
            "SELECT nurture_person.id AS person_id, %s FROM %s",
            SQL(", ").join([*answers, *columns]),
            people,
        )

    def _query_parts(self, scope, detail=False):
        """(columns of the parts, FROM … WHERE …, {condition: does it hold})"""
        columns, joins, holds = [], [], {}
        for kind, conditions in self.condition_ids.grouped("kind").items():
            for part in getattr(self, f"_query_part_{kind}")(conditions, scope, detail):
                alias = f"part{len(joins)}"
                names, query, answers = part
                if query is not None:
                    joins.append(self._query_part_join(alias, query))
                columns += [SQL.identifier(alias, name) for name in names]
                for condition, answer in answers(alias).items():
                    holds[condition] = (
                        SQL("NOT COALESCE(%s, FALSE)", answer)
                        if condition.negate else SQL("(%s)", answer)
                    )  # fmt: skip
        people = SQL(
            """nurture_person
   CROSS JOIN LATERAL (SELECT nurture_person.id AS res_id) scored%(joins)s
                WHERE %(scope)s AND nurture_person.active%(company)s""",
            joins=SQL().join(joins),
            scope=scope.holds(SQL("nurture_person.id")),
            company=self._query_company(),
        )
        return columns, people, holds

    def _query_part_join(self, alias, query):
        return SQL(
            " LEFT JOIN (%s) %s ON %s = nurture_person.id",
            query,
            SQL.identifier(alias),
            SQL.identifier(alias, "person_id"),
        )

    def _query_company(self):
        if not self.company_id:
            return SQL()
        return SQL(
            " AND COALESCE(nurture_person.company_id, %(id)s) = %(id)s", id=self.company_id.id
        )

    # ------------------------------------------------------------
    # PARTS: each kind of condition gives (names of columns, sub-query, alias → answers)
    # ------------------------------------------------------------

    def _query_part_person(self, conditions, scope, detail):
        """Asked of the person itself, no other table needed."""
        yield [], None, lambda _alias: {c: self._query_filter(c) for c in conditions}

    def _query_part_lead(self, conditions, scope, detail):
        """A condition holds when one of the person's leads matches."""
        # indexes nurture_identity__person_id_index, crm_lead_pkey
        query = SQL(
            """SELECT scored.person_id, %(counts)s
                 FROM nurture_identity scored
                 JOIN crm_lead ON crm_lead.id = scored.res_id
                WHERE scored.kind = 'lead' AND %(scope)s AND (%(any)s)
             GROUP BY scored.person_id""",
            counts=SQL(", ").join(
                SQL(
                    "COUNT(*) FILTER (WHERE %s) AS %s",
                    self._query_filter(condition),
                    SQL.identifier(f"n{condition.id}"),
                )
                for condition in conditions
            ),
            scope=scope.holds(SQL("scored.person_id")),
            any=SQL(" OR ").join(self._query_filter(condition) for condition in conditions),
        )
        names = [f"n{condition.id}" for condition in conditions]
        yield names if detail else [], query, lambda alias: {
            c: SQL("%s > 0", SQL.identifier(alias, f"n{c.id}")) for c in conditions
        }

    def _query_part_partner(self, conditions, scope, detail):
        query = SQL(
            """SELECT scored.person_id, %s
                 FROM (SELECT id AS person_id, partner_id AS res_id FROM nurture_person) scored
                 JOIN res_partner ON res_partner.id = scored.res_id
                WHERE %s""",
            SQL(", ").join(
                SQL("%s AS %s", self._query_filter(c), SQL.identifier(f"c{c.id}"))
                for c in conditions
            ),
            scope.holds(SQL("scored.person_id")),
        )
        yield [], query, lambda alias: {
            c: SQL("%s", SQL.identifier(alias, f"c{c.id}")) for c in conditions
        }

    def _query_filter(self, condition):
        return condition._query_condition(
            self.env[TARGETS[condition.kind]], condition.domain, self.tz
        )

    def _query_part_event(self, conditions, scope, detail):
        """Times and days are counted apart: days need the events of a person sorted."""
        for counted in conditions.grouped("count_by").values():
            # index nurture_event_person_idx
            query = SQL(
                "SELECT e.person_id, %s FROM (%s) e GROUP BY e.person_id",
                SQL(", ").join(
                    column
                    for condition in counted
                    for column in self._query_event_columns(condition, detail)
                ),
                counted._query_recent(scope),
            )
            names = [f"{letter}{c.id}" for c in counted for letter in "nt"] if detail else []
            yield names, query, lambda alias, counted=counted: {
                c: self._query_often_enough(c, SQL.identifier(alias, f"n{c.id}")) for c in counted
            }

    def _query_event_columns(self, condition, detail):
        match = condition._query_match()
        what = SQL("*")
        if condition.count_by == "day":
            what = SQL("DISTINCT %s", self.env["nurture.score.points"]._query_day(self.tz))
        yield SQL(
            "COUNT(%s) FILTER (WHERE %s) AS %s", what, match, SQL.identifier(f"n{condition.id}")
        )
        if detail:
            yield SQL(
                "MAX(e.occurred_at) FILTER (WHERE %s) AS %s",
                match,
                SQL.identifier(f"t{condition.id}"),
            )

    def _query_often_enough(self, condition, count):
        if condition.count_operator == "most":
            return SQL("COALESCE(%s, 0) <= %s", count, condition.min_count)
        return SQL("%s >= %s", count, condition.min_count)

    def _query_part_score(self, conditions, scope, detail):
        """People without a score have no points and are cold."""
        for model, asked in conditions.grouped("score_model_id").items():
            if model and model.state != "active":
                raise UserError(self.env._("The score model “%s” is not active.", model.name))
            # index nurture_score_person_model_uniq
            query = SQL(
                """SELECT s.person_id, s.fit, s.engagement, s.total, s.band, s.grade
                     FROM nurture_score s WHERE %s AND %s""",
                SQL("s.model_id = %s", model.id) if model
                else self.env["nurture.person"]._query_main_model(),
                scope.holds(SQL("s.person_id")),
            )  # fmt: skip
            yield [], query, lambda alias, asked=asked: {
                c: self._query_score_holds(c, alias) for c in asked
            }

    def _query_score_holds(self, condition, alias):
        value = SQL.identifier(alias, condition.score_measure)
        if condition.score_measure == "band":
            bands = {"hot": ["hot"], "warm": ["warm", "hot"], "cold": ["cold"]}[condition.band]
            return SQL("COALESCE(%s, 'cold') = ANY(%s)", value, bands)
        if condition.score_measure == "grade":
            return SQL("%s <= %s", value, condition.grade)  # A is best
        return SQL("COALESCE(%s, 0) >= %s", value, condition.score_from)

    def _query_part_segment(self, conditions, scope, detail):
        for condition in conditions:
            # index nurture_segment_member_open_uniq
            query = SQL(
                """SELECT s.person_id, TRUE AS inside FROM nurture_segment_member s
                    WHERE s.segment_id = %s AND s.left_at IS NULL AND %s""",
                condition.other_segment_id.id,
                scope.holds(SQL("s.person_id")),
            )
            yield [], query, lambda alias, c=condition: {c: SQL.identifier(alias, "inside")}

    # ------------------------------------------------------------
    # DIFFERENCE
    # ------------------------------------------------------------

    def _query_refresh(self, scope, now, silent):
        """Let those in who belong to it and are outside, and those out who no longer do: rows
        (stay, person_id, entered). Nobody else's row is touched."""
        members = self.env["nurture.segment.member"]
        return SQL(
            """WITH moves AS MATERIALIZED (%(moves)s),
                    entered AS (%(insert)s),
                    gone AS (%(close)s)
               SELECT id, person_id, TRUE FROM entered
                UNION ALL SELECT id, person_id, FALSE FROM gone""",
            moves=self._query_moves(scope),
            insert=members._query_insert(self, self._query_newcomers(), now, silent),
            close=members._query_close(self, self._query_is_leaver(), now, silent),
        )

    def _query_move_counts(self, scope):
        """How many would enter and how many would leave."""
        return SQL(
            "SELECT COUNT(*) FILTER (WHERE stay IS NULL), COUNT(stay) FROM (%s) moves",
            self._query_moves(scope),
        )

    def _query_moves(self, scope):
        """Rows (person_id, company_id, stay) of newcomers, who have no stay, and of leavers.

        A full join is hashed or merged whatever the planner guesses; two anti-joins would be
        nested, and take for ever, once it guesses that hardly anybody matches.
        """
        # index nurture_segment_member_open_uniq
        return SQL(
            """SELECT COALESCE(matched.person_id, inside.person_id) AS person_id,
                      matched.company_id, inside.id AS stay
                 FROM (%s) matched
            FULL JOIN (SELECT m.id, m.person_id FROM nurture_segment_member m
                        WHERE m.segment_id = %s AND m.left_at IS NULL AND %s) inside
                   ON inside.person_id = matched.person_id
                WHERE matched.person_id IS NULL OR inside.person_id IS NULL""",
            self._query_matched(scope),
            self.id,
            scope.holds(SQL("m.person_id")),
        )

    def _query_inside(self, scope):
        # index nurture_segment_member_open_uniq
        return SQL(
            """SELECT m.person_id FROM nurture_segment_member m
                WHERE m.segment_id = %s AND m.left_at IS NULL AND %s""",
            self.id,
            scope.holds(SQL("m.person_id")),
        )

    def _query_newcomers(self):
        return SQL("SELECT person_id, company_id FROM moves WHERE stay IS NULL")

    def _query_is_leaver(self):
        """Condition: the stay `k` is of one who no longer belongs to it."""
        return SQL("k.id IN (SELECT stay FROM moves WHERE stay IS NOT NULL)")

    def _query_analyze(self):
        """The planner must know of many new stays before anybody builds on them."""
        return SQL("ANALYZE nurture_segment_member")

    @api.model
    def _last_person_id(self):
        people = self.env["nurture.person"].sudo()  # sudo: the highest id of all
        return people.with_context(active_test=False).search([], order="id desc", limit=1).id or 0
