from odoo import models

LEFT = "nurture_left"
# journeys whose end is no reason to hold back what they had queued
ENDS_WELL = ("finished", "merged")


class NurtureSend(models.Model):
    """Asked right before a mail leaves: is the address still willing, is the person still meant?"""

    _inherit = "nurture.send"

    def _refusal(self):
        """The failure type why this queued message must not leave any more, or False."""
        self.ensure_one()
        return self._refusals([self.address]).get(self.address) or self._reason_left()

    def _reason_left(self):
        """Who left early, or is suppressed since it was queued, gets nothing more."""
        journey = self.enrolment_id
        if journey.ended_at and journey.exit_reason not in ENDS_WELL:
            return LEFT
        rows = self.env.execute_query(self._query_suppressed())
        return LEFT if rows else False

    def _query_suppressed(self):
        # index nurture_segment_member_open_uniq
        return self.env["nurture.scenario"]._query_suppressed_person(
            self.scenario_id.id, self.person_id.id
        )
