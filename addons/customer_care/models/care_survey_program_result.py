from odoo import api, fields, models


class CareSurveyProgram(models.Model):
    """What customers answered to the programme, as a figure with its interval."""

    _inherit = "care.survey.program"

    result = fields.Char(compute="_compute_result")

    @api.depends("metric", "min_n")
    @api.depends_context("lang", "uid")
    def _compute_result(self):
        answers = self.env["care.feedback"]
        readable = answers.has_access("read")
        for program in self:
            program.result = readable and program._origin and answers._tell_result(
                program._measure_answers(), program.min_n)

    def _measure_answers(self):
        return self.env["care.feedback"]._measure(
            self.company_id, self.metric, domain=[("program_id", "in", self._origin.ids)])

    def action_open_feedback(self):
        """The answers behind the figure."""
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "customer_care.care_feedback_action") | {
            "domain": [("program_id", "=", self.id)], "context": {}}
