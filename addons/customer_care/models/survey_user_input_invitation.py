from odoo import fields, models


class SurveyUserInput(models.Model):
    _inherit = "survey.user_input"

    def _mark_done(self):
        """Who was asked and answers on the survey's own page has answered his invitation."""
        # Respondents read no invitations.
        invitations = self.env["care.survey.invitation"].sudo()
        for entry in self.filtered(lambda e: e.partner_id and not e.test_entry):
            if invitations.search_count([("user_input_id", "=", entry.id)], limit=1):
                continue
            asked = invitations.search([
                ("program_id.survey_id", "=", entry.survey_id.id),
                ("partner_id", "=", entry.partner_id.id), ("user_input_id", "=", False),
                ("state", "in", ("sent", "reminded"))], limit=1)
            if asked:
                asked.user_input_id = entry
                asked._set_answered(fields.Datetime.now())
        return super()._mark_done()
