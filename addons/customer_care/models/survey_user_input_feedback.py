from odoo import api, fields, models
from odoo.tools import SQL

from .conflicts import apart

#: Types of answers that are the person's own words.
WORDS = {"text_box": "value_text_box", "char_box": "value_char_box"}


class SurveyUserInput(models.Model):
    """A finished survey: its answers on a scale become answers of Customer Care."""

    _inherit = "survey.user_input"

    care_feedback_ids = fields.One2many(
        "care.feedback", "user_input_id", "Counted answers", groups="base.group_user")

    def _mark_done(self):
        result = super()._mark_done()
        self._care_record()
        return result

    def _care_record(self):
        """Nobody's answer is refused because it cannot be counted: the night tries it again."""
        # Customers answer, and no customer may write figures.
        for entry in self.sudo():
            with apart(self.env, "Survey answer %s is not counted yet", entry.id):
                entry._care_record_one()

    def _care_record_one(self):
        """A skipped question is no answer, and 0 is one."""
        for line in self.user_input_line_ids:
            metric = not line.skipped and line.answer_type == "scale" \
                and line.question_id._get_care_metric()
            if metric:
                self.env["care.feedback"]._record(self._prepare_care_feedback(line, metric))

    def _prepare_care_feedback(self, line, metric):
        question = line.question_id
        partner = self.partner_id.filtered(lambda person: not person.is_public)
        return {
            "metric": metric, "value": line.value_scale, "user_input_id": self.id,
            "scale_min": question.scale_min, "scale_max": question.scale_max,
            "partner_id": partner.id, "email": self.email, "comment": self._get_care_comment(),
            "responded_at": self.end_datetime or self.create_date}

    def _get_care_comment(self):
        """The first answer in the person's own words."""
        for line in self.user_input_line_ids.sorted("question_sequence"):
            asks_who = line.question_id.save_as_email or line.question_id.save_as_nickname
            words = not line.skipped and not asks_who and line[WORDS[line.answer_type]] \
                if line.answer_type in WORDS else False
            if words:
                return words
        return False

    @api.model
    def _query_care_missing(self, position, limit) -> list[int]:
        """Finished surveys that are not counted yet, by id. Index of survey_user_input_line's
        user_input_id.
        """
        return [row[0] for row in self.env.execute_query(SQL(
            """SELECT DISTINCT i.id FROM survey_user_input i
                 JOIN survey_user_input_line l ON l.user_input_id = i.id
                 JOIN survey_question q ON q.id = l.question_id
                WHERE i.id > %s AND i.state = 'done' AND NOT COALESCE(l.skipped, FALSE)
                  AND l.answer_type = 'scale'
                  AND (q.care_metric IS NOT NULL OR EXISTS (
                       SELECT 1 FROM care_survey_program p WHERE p.question_id = q.id))
                  AND NOT EXISTS (SELECT 1 FROM care_feedback f WHERE f.user_input_id = i.id)
             ORDER BY i.id LIMIT %s""", position, limit))]
