from odoo import models
from odoo.addons.customer_care.engine import ask
from odoo.tools import SQL

from .care_survey_invitation import ASKED

#: Characters of a comment that are kept.
COMMENT_LENGTH = 4000


class CareSurveyInvitation(models.Model):
    """What a customer answered: one entry of a survey or one rating for each invitation.

    The first answer counts; a later one only where he says that he changes it, and it takes the
    place of the first.
    """

    _inherit = "care.survey.invitation"

    def _find_by_token(self, token: str):
        """The invitation whose mail held this link. Unique index on the token."""
        return self.search([("token", "=", token)], limit=1)

    def _is_open(self, now) -> bool:
        """Whether its link takes an answer, or a change of one."""
        self.ensure_one()
        survey = self.program_id.survey_id
        return bool(self.state in (*ASKED, "answered", "failed")
                    and (not survey or survey.active)
                    and self.expires_at and self.expires_at > now)

    def _answer(self, value: int, now, change=False) -> bool:
        """Keep an answer; whether there is one now that this call gave."""
        self.ensure_one()
        self._query_lock()
        if self.answered_at and not change:
            return False
        if self.metric == "csat":
            self._answer_rating(value)
        else:
            self._answer_survey(value)
        self._set_answered(now)
        return True

    def _comment(self, text):
        """His reason, beside his answer; the same page may be sent twice."""
        self.ensure_one()
        text = ask.words(text, COMMENT_LENGTH)
        if not text or not self.answered_at:
            return
        self._query_lock()
        if self.rating_id:
            self._apply_rating(self.rating_id.rating, text)
        elif self.user_input_id:
            self.user_input_id._save_lines(self.program_id.comment_question_id, text)
            self.user_input_id._mark_done()

    def _current_value(self):
        """What he answered, or None; 0 is an answer."""
        self.ensure_one()
        if self.rating_id.consumed:
            return int(self.rating_id.rating)
        lines = self.user_input_id.user_input_line_ids.filtered(
            lambda line: line.question_id == self.program_id.question_id and not line.skipped)
        return lines[:1].value_scale if lines else None

    # ---- CSAT: a rating of the record -----------------------------------------------------------

    def _answer_rating(self, value: int):
        if self.is_test:
            return  # a rating cannot say that it is a test
        if not self.rating_id:
            record = self._rated_record()
            self.rating_id = self.env["rating.rating"].create({
                "res_model_id": self.env["ir.model"]._get_id(record._name), "res_id": record.id,
                "partner_id": self.partner_id.id, "is_internal": False,
                "rated_partner_id": self.resolver_id.partner_id.id})
        self._apply_rating(value, self.rating_id.feedback)

    def _apply_rating(self, value, feedback):
        """On the record's own chatter as a note: a rating is no new contact of the customer."""
        record = self._rated_record()
        if record == self:
            self.rating_id.write({"rating": value, "feedback": feedback, "consumed": True})
        else:
            record.rating_apply(
                value, rating=self.rating_id, feedback=feedback, subtype_xmlid="mail.mt_note")

    def _rated_record(self):
        return self.case_id or self.order_id or self.move_id or self

    # ---- NPS and CES: an entry of the survey ----------------------------------------------------

    def _answer_survey(self, value: int):
        entry = self.user_input_id
        if not entry:
            entry = self._create_entry()
            self.user_input_id = entry
            entry._mark_in_progress()
        # As text: core takes the number 0 for no answer.
        entry._save_lines(self.program_id.question_id, str(value))
        entry._mark_done()

    def _create_entry(self):
        survey, language = self.program_id.survey_id, self.env["res.lang"]._lang_get(self.env.lang)
        if self.is_test:
            return self.env["survey.user_input"].create({
                "survey_id": survey.id, "partner_id": self.partner_id.id, "email": self.email,
                "test_entry": True})
        return survey._create_answer(
            partner=self.partner_id, email=self.email, check_attempts=False,
            lang_id=language.id)

    def _stop_surveys(self):
        """He wants no more surveys: his address is remembered, and what is planned stays away."""
        self.ensure_one()
        for address in {self.email, self.partner_id.email_normalized} - {False}:
            self.env["care.survey.stop"]._add(address, self.company_id)

    # ---- queries --------------------------------------------------------------------------------

    def _query_lock(self):
        """Two posts of one page wait for each other."""
        self.flush_recordset()
        self.env.execute_query(SQL(
            "SELECT id FROM care_survey_invitation WHERE id = %s FOR NO KEY UPDATE", self.id))
        self.invalidate_recordset(flush=False)
