from odoo import models

from .care_feedback_figures import SHORT

TONES = {"promoter": "success", "good": "success", "detractor": "danger", "bad": "danger"}


class CareTimeline(models.AbstractModel):
    """Answers to surveys, with what came of the call-back; ratings tell themselves."""

    _inherit = "care.timeline"

    def _timeline_sources(self):
        return super()._timeline_sources() | {
            "feedback": {"label": self.env._("Feedback"), "icon": "fa-comment-o",
                         "model": "care.feedback", "sequence": 65},
        }

    def _timeline_feedback(self, customer, offset, limit):
        answers = self.env["care.feedback"].search(
            [*customer._feedback_domain(), ("rating_id", "=", False),
             ("excluded_reason", "=", False)],
            order="responded_at desc, id desc", offset=offset, limit=limit)
        return [{
            "at": answer.responded_at,
            "title": f"{SHORT[answer.metric]}: {answer.answer}",
            "detail": " · ".join(filter(None, (
                answer.partner_id.name, answer.comment, answer.follow_outcome))),
            "tone": TONES.get(answer.band, ""),
            "model": answer._name, "res_id": answer.id,
        } for answer in answers]
