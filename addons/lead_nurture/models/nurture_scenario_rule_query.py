import logging

from odoo import api, fields, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.tools import SQL

_logger = logging.getLogger(__name__)


class NurtureScenarioRule(models.Model):
    """When a rule came true for a journey, as an expression over the enrolment `j`: a moment after
    the person entered, or NULL."""

    _inherit = "nurture.scenario.rule"

    def _told_by(self):
        """Kinds of events that may make one of these rules come true: a look at the people they
        happened to is enough. Conditions on leads are told by none."""
        told = {
            "status": ["status_change"],
            "segment_enter": ["segment_enter"],
            "segment_leave": ["segment_leave"],
            "won": ["stage_change", "purchase"],
        }
        return {
            kind
            for rule in self
            for kind in (
                rule._event_kinds_of(rule.event_kind)
                if rule.kind == "event"
                else told.get(rule.kind, ())
            )
        }

    def _is_sound(self):
        """A scenario whose rule cannot be turned into SQL any more pauses with a sentence, and
        stops no lane."""
        try:
            with self.env.cr.savepoint():
                self.env.execute_query(self._query_explain())
        except CONFLICTS:
            raise
        except Exception as error:
            _logger.warning("Nurture scenario %s is paused: %s", self.scenario_id.id, error)
            self.scenario_id._set_paused(
                self.env._("The rule “%(rule)s” cannot be used: %(error)s", rule=self.summary,
                           error=str(error)[:500])
            )  # fmt: skip
            return False
        return True

    @api.model
    def _find_hits(self, rules, scope, now):
        """The rows of `_query_hits`; a broken rule is left out."""
        try:
            with self.env.cr.savepoint():
                return self.env.execute_query(self._query_hits(rules, scope, now))
        except CONFLICTS:
            raise
        except Exception:
            sound = rules.filtered(lambda rule: rule._is_sound())
            return self.env.execute_query(self._query_hits(sound, scope, now))

    # ------------------------------------------------------------
    # QUERIES
    # ------------------------------------------------------------

    def _query_when(self, now):
        return getattr(self, f"_query_when_{self.kind}")(now)

    def _query_explain(self):
        """The planner knows whether it can run, without running it."""
        return SQL(
            "EXPLAIN SELECT %s FROM nurture_enrolment j", self._query_when(fields.Datetime.now())
        )

    def _query_when_event(self, now):
        """The moment of the event that fills the count; machines never count."""
        # index nurture_event_person_idx
        moment = SQL("e.occurred_at")
        group = SQL()
        if self.count_by == "day":
            moment, group = SQL("MIN(e.occurred_at)"), SQL("GROUP BY e.occurred_at::date")
        return SQL(
            """(SELECT %(moment)s
                  FROM (SELECT kind, actor, LOWER(url) AS url, topic, occurred_at,
                               EXTRACT(EPOCH FROM %(now)s - occurred_at)::float8 / 86400 AS age
                          FROM nurture_event
                         WHERE person_id = j.person_id AND occurred_at > j.enrolled_at
                           AND occurred_at <= %(now)s) e
                 WHERE %(match)s %(group)s
              ORDER BY 1 OFFSET %(skip)s LIMIT 1)""",
            moment=moment,
            now=now,
            match=self._query_match(),
            group=group,
            skip=max(self.min_count, 1) - 1,
        )

    def _query_when_status(self, now):
        """Any lead of the person counts, and so does a status further on the path."""
        # indexes nurture_identity__person_id_index, nurture_stay_lead_idx
        status = self.status_id
        wanted = SQL("t.id = %s", status.id)
        if not status.off_path:
            wanted = SQL("(%s OR NOT COALESCE(t.off_path, FALSE) AND t.sequence > %s)", wanted,
                         status.sequence)  # fmt: skip
        return SQL(
            """(SELECT MIN(s.entered_at) FROM nurture_identity i
                  JOIN nurture_stay s ON s.lead_id = i.res_id
                  JOIN nurture_status t ON t.id = s.status_id
                 WHERE i.kind = 'lead' AND i.person_id = j.person_id
                   AND s.entered_at > j.enrolled_at AND %s)""",
            wanted,
        )

    def _query_when_segment_enter(self, now):
        # index nurture_segment_member__person_id_index
        return SQL(
            """(SELECT MIN(m.entered_at) FROM nurture_segment_member m
                 WHERE m.person_id = j.person_id AND m.segment_id = %s
                   AND m.entered_at > j.enrolled_at AND %s)""",
            self.segment_id.id,
            SQL("NOT m.silent_entry") if self.purpose == "goal" else SQL("m.left_at IS NULL"),
        )

    def _query_when_segment_leave(self, now):
        """Whoever came back is inside."""
        # index nurture_segment_member__person_id_index
        return SQL(
            """(SELECT MIN(m.left_at) FROM nurture_segment_member m
                 WHERE m.person_id = j.person_id AND m.segment_id = %(segment)s
                   AND m.left_at > j.enrolled_at AND %(told)s
                   AND NOT EXISTS (SELECT 1 FROM nurture_segment_member back
                                    WHERE back.segment_id = m.segment_id
                                      AND back.person_id = m.person_id AND back.left_at IS NULL))
            """,
            segment=self.segment_id.id,
            told=SQL("NOT m.silent_exit") if self.purpose == "goal" else SQL("TRUE"),
        )

    def _query_when_won(self, now):
        # index nurture_identity__person_id_index
        return SQL(
            """(SELECT MIN(l.date_closed) FROM nurture_identity i
                  JOIN crm_lead l ON l.id = i.res_id
                 WHERE i.kind = 'lead' AND i.person_id = j.person_id AND l.won_status = 'won'
                   AND l.date_closed > j.enrolled_at
                   AND COALESCE(l.company_id, j.company_id) = j.company_id)"""
        )

    def _query_when_domain(self, now):
        """With the rights of the owner; it came true when we noticed it."""
        owner = self.scenario_id._as_owner()
        query = owner.env["crm.lead"]._search(owner._parse_lead_domain(self.domain))
        # primary key of crm_lead
        return SQL(
            """CASE WHEN EXISTS (SELECT 1 FROM %s WHERE %s AND crm_lead.id = j.lead_id)
                    THEN %s::timestamp END""",
            query.from_clause,
            query.where_clause or SQL("TRUE"),
            now,
        )

    @api.model
    def _query_hits(self, rules, scope, now):
        """Rows (enrolment, rule, suppressing segment, moment): why these journeys `j` must end, or
        which goal was reached soon after they had ended; the goal before all else, and of two at
        one moment the upper one. The rows are locked; those that another transaction holds are
        left to it."""
        # OFFSET 0: a rule is worked out once per journey
        return SQL(
            """WITH found AS MATERIALIZED (
                   SELECT DISTINCT ON (x.id) x.* FROM (
                       SELECT j.id, hit.rule_id, NULL::int AS segment_id, hit.at, hit.is_exit,
                              hit.place
                         FROM (SELECT * FROM nurture_enrolment j WHERE %(scope)s OFFSET 0) j
                   CROSS JOIN LATERAL (%(checks)s OFFSET 0) hit(rule_id, is_exit, days, place, at)
                        WHERE hit.at <= %(now)s
                          AND (j.ended_at IS NULL OR j.goal_at IS NULL AND NOT hit.is_exit
                               AND j.exit_reason <> 'merged'
                               AND hit.at <= j.ended_at + make_interval(days => hit.days))
                    UNION ALL
                       SELECT j.id, NULL, m.segment_id, m.entered_at, TRUE, NULL
                         FROM nurture_enrolment j
                         JOIN nurture_scenario_suppress_rel r ON r.scenario_id = j.scenario_id
                         JOIN nurture_segment_member m
                           ON m.segment_id = r.segment_id AND m.person_id = j.person_id
                          AND m.left_at IS NULL
                        WHERE j.ended_at IS NULL AND (%(scope)s)) x
                   ORDER BY x.id, x.is_exit, x.at, x.place, x.rule_id, x.segment_id),
               mine AS (
                   SELECT e.id FROM nurture_enrolment e JOIN found ON found.id = e.id
                      FOR NO KEY UPDATE OF e SKIP LOCKED)
               SELECT found.id, found.rule_id, found.segment_id, found.at
                 FROM found JOIN mine ON mine.id = found.id ORDER BY found.id""",
            scope=scope,
            checks=rules._query_checks(now),
            now=now,
        )

    def _query_checks(self, now):
        """One row per rule of the journey's scenario."""
        if not self:
            return SQL("SELECT NULL::int, TRUE, 0, 0, NULL::timestamp")
        return SQL(" UNION ALL ").join(
            SQL(
                "SELECT %s, %s, %s, %s, CASE WHEN j.scenario_id = %s THEN %s END",
                rule.id,
                rule.purpose == "exit",
                rule.scenario_id.goal_days,
                rule.sequence,
                rule.scenario_id.id,
                rule._query_when(now),
            )
            for rule in self
        )
