from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .care_feedback import METRICS


class SurveyQuestion(models.Model):
    """A question on a scale may ask for NPS, CES or CSAT, in any survey; a programme's does."""

    _inherit = "survey.question"

    care_metric = fields.Selection(
        METRICS, "Counts as",
        help="Answers to this question are counted in Customer Care: NPS is asked on 0 to 10, CES "
        "on 1 to 7, CSAT on 1 to 5; answers on another scale are brought to these. Set it before "
        "you ask: answers given before are counted in the night after.", groups="base.group_user")

    @api.constrains("care_metric", "question_type", "scale_min", "scale_max")
    def _check_care_metric(self):
        for question in self.filtered("care_metric"):
            if question.question_type != "scale" or question.scale_min >= question.scale_max:
                raise ValidationError(self.env._(
                    "NPS, CES and CSAT are asked on a scale: “%s” is none.", question.title))

    def _get_care_metric(self):
        """The metric that the question asks for, or False."""
        self.ensure_one()
        if self.question_type != "scale" or self.care_metric:
            return self.question_type == "scale" and self.care_metric
        # Respondents read no programmes.
        programs = self.env["care.survey.program"].sudo().with_context(active_test=False)
        return programs.search([("question_id", "=", self.id)], limit=1).metric
