from odoo import fields, models


class NurtureScenario(models.Model):
    """Who was enrolled by hand."""

    _inherit = "nurture.scenario"

    job_ids = fields.One2many("nurture.enrol.job", "scenario_id", "Enrolments by hand")
    job_count = fields.Integer("By hand", compute="_compute_job_count")

    def _compute_job_count(self):
        rows = self.env["nurture.enrol.job"]._read_group(
            [("scenario_id", "in", self.ids)], ["scenario_id"], ["__count"]
        )
        count = {scenario.id: number for scenario, number in rows}
        for scenario in self:
            scenario.job_count = count.get(scenario.id or scenario._origin.id, 0)

    def action_view_jobs(self):
        return self._action_view("lead_nurture.nurture_enrol_job_action")

    def action_enrol_by_hand(self):
        """Let a segment, or all leads that match, enter now."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("lead_nurture.nurture_enrol_action"),
            "context": {"default_scenario_id": self.id, "default_source": "match"},
        }
