from datetime import timedelta

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

# the same person is not sent into the same scenario again sooner, so that two scenarios which
# start each other cannot spin
PAUSE = timedelta(days=1)


class NurtureScenario(models.Model):
    """Another scenario may send people in."""

    _inherit = "nurture.scenario"

    def _enrol_from(self, enrolments, now):
        """Let the people of a step of another scenario in; nobody while this one does not run."""
        if self.state != "running" or not self.version_id:
            return self.env["nurture.enrolment"]
        candidates = self._query_candidates_started(enrolments.lead_id.ids, now)
        enrolments.flush_model()
        return self._let_in(self._query_may_enter(candidates, self.reentry_policy, now), now)

    def _query_candidates_started(self, lead_ids, now):
        return self._query_candidates(
            Domain("id", "in", lead_ids) & Domain("won_status", "!=", "won"),
            occasion=SQL("%s::timestamp", now - PAUSE),
        )
