from odoo import api, fields, models
from odoo.exceptions import UserError


class NurtureScenario(models.Model):
    """Publishing while people are under way."""

    _inherit = "nurture.scenario"

    plan_ids = fields.One2many("nurture.version.plan", "scenario_id", "Changes of version")
    plan_id = fields.Many2one("nurture.version.plan", compute="_compute_plan_id")
    plan_progress = fields.Float("Progress of the change", compute="_compute_plan_id")
    plan_left_count = fields.Integer("People still to do", compute="_compute_plan_id")
    plan_total = fields.Integer("People of the change", compute="_compute_plan_id")
    plan_failed_count = fields.Integer("Could not change", compute="_compute_plan_id")

    @api.depends("plan_ids.state")
    def _compute_plan_id(self):
        for scenario in self:
            plan = scenario.plan_ids.filtered(lambda p: p.state == "running")[:1]
            scenario.plan_id = plan
            scenario.plan_progress = plan.progress
            scenario.plan_left_count = plan.left_count
            scenario.plan_total = plan.total
            scenario.plan_failed_count = sum(scenario.plan_ids[:5].mapped("failed_count"))

    def action_publish(self):
        """The draft becomes what new people travel. When people are under way, first show what
        changes and ask what becomes of them."""
        self.ensure_one()
        self._check_nobody_moves()
        if self.draft_id and self.version_id and self.version_id._count_standing():
            self.check_access("write")
            self._check_can_run()
            self.draft_id._check_steps()
            self.draft_id._split_changed_kinds()
            return self.env["nurture.publish"]._open(self.version_id, self.draft_id)
        drafts = self.draft_id
        result = super().action_publish()
        for draft in drafts:
            draft.scenario_id._tell_published()
        return result

    def _tell_published(self, effect=""):
        """A line in the history of the scenario: who published which version (the author of the
        message), and what it meant for people under way."""
        text = self.env._("Version %s published.", self.version_id.number)
        self.message_post(body=f"{text} {effect}".strip())

    def _check_nobody_moves(self):
        """One change of version after the other: who is on the way to the published one would
        never be asked about the next."""
        if self.plan_id:
            raise UserError(
                self.env._(
                    "%(count)s people are still being brought to version %(number)s. Publish again "
                    "when they have arrived.",
                    count=self.plan_left_count,
                    number=self.version_id.number,
                )
            )

    def action_view_plans(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_nurture.nurture_version_plan_action"
        )
        return {**action, "domain": [("scenario_id", "=", self.id)]}

    def action_recount(self):
        """Count the numbers at the steps anew from the log."""
        for scenario in self:
            scenario.check_access("write")
            self.env["nurture.node.stat"].sudo()._recount(scenario)  # sudo: rows of the engine
