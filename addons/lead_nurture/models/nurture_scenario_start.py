from datetime import timedelta

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL, formatLang

# the same person is not sent into the same scenario again sooner, so that two scenarios which
# start each other cannot spin
PAUSE = timedelta(days=1)
# the limit of people at once holds for those whom other scenarios send within this time
WINDOW = timedelta(hours=1)


class NurtureScenario(models.Model):
    """Another scenario may send people in."""

    _inherit = "nurture.scenario"

    def _enrol_from(self, enrolments, now):
        """Let the people of a step of another scenario in; nobody while this one does not run, or
        when they would become too many."""
        if self.state != "running" or not self.version_id:
            return self.env["nurture.enrolment"]
        candidates = self._query_candidates_started(enrolments.lead_id.ids, now)
        enrolments.flush_model()
        people = self._query_may_enter(candidates, self.reentry_policy, now)
        if self._stops_before_too_many(people, now):
            return self.env["nurture.enrolment"]
        return self._let_in(people, now)

    def _stops_before_too_many(self, people, now):
        """Pause and ask when more than the limit would have been sent in lately; → whether. Who
        starts the scenario again has answered: counting begins anew."""
        if not self.entry_limit:
            return False
        since = max([now - WINDOW, *self.pause_ids.filtered("ended_at").mapped("ended_at")])
        [(wanted,)] = self.env.execute_query(self._query_count(people))
        # the tries are few rows and never fewer than who entered: most often they settle it
        if wanted + self._count_lately(self._query_tried_lately(since)) <= self.entry_limit:
            return False
        wanted += self._count_lately(self._query_started_lately(since))
        if wanted <= self.entry_limit:
            return False
        self._set_paused(
            self.env._(
                "Other scenarios would have sent %(count)s people in within an hour, the limit is "
                "%(limit)s. The last of them did not enter. Check where they come from, then "
                "start this scenario again.",
                count=formatLang(self.env, wanted, digits=0),
                limit=formatLang(self.env, self.entry_limit, digits=0),
            )
        )
        self._tell_asked()
        return True

    def _count_lately(self, query):
        [(count,)] = self.env.execute_query(query)
        return count

    def _query_tried_lately(self, since):
        # indexes nurture_node__target_scenario_id_index, nurture_trial_node_idx
        return SQL(
            """SELECT COALESCE(SUM(t.tried), 0)::int
                 FROM nurture_node n JOIN nurture_trial t ON t.node_id = n.id
                WHERE n.target_scenario_id = %s AND n.kind = 'scenario' AND t.tried_at > %s""",
            self.id,
            since,
        )

    def _query_started_lately(self, since):
        # indexes nurture_node__target_scenario_id_index, nurture_step_log_node_idx
        return SQL(
            """SELECT COUNT(*)
                 FROM (SELECT DISTINCT scenario_id, uid FROM nurture_node
                        WHERE target_scenario_id = %s AND kind = 'scenario') n
                 JOIN nurture_step_log l
                   ON l.scenario_id = n.scenario_id AND l.node_uid = n.uid
                WHERE l.label IS NOT NULL AND l.result = 'entered' AND l.left_at > %s""",
            self.id,
            since,
        )

    def _query_candidates_started(self, lead_ids, now):
        return self._query_candidates(
            Domain("id", "in", lead_ids) & Domain("won_status", "!=", "won"),
            occasion=SQL("%s::timestamp", now - PAUSE),
        )
