from odoo import models

#: Answers written down in one chunk.
CHUNK = 500


class CareNight(models.Model):
    """Answers from before the app was there, or that could not be counted at once."""

    _inherit = "care.night"

    def _night_steps(self):
        return super()._night_steps() | {
            "feedback_ratings": {"label": self.env._("Ratings"), "sequence": 5},
            "feedback_answers": {"label": self.env._("Survey answers"), "sequence": 6},
            "feedback_follow": {"label": self.env._("Overdue call-backs"), "sequence": 95},
        }

    def _night_feedback_ratings(self, company, now, position):
        return self._record_missing("rating.rating", position)

    def _night_feedback_answers(self, company, now, position):
        return self._record_missing("survey.user_input", position)

    def _record_missing(self, model, position):
        """One chunk of a source; the company is each answer's own."""
        source = self.env[model].sudo()  # everybody's answers are counted
        self.env.flush_all()
        ids = source._query_care_missing(position, CHUNK)
        source.browse(ids)._care_record()
        return ids[-1] if len(ids) == CHUNK else None

    def _night_feedback_follow(self, company, now, position):
        self.env["care.feedback"]._escalate_overdue(company, now)
