from odoo import api, fields, models
from odoo.addons.lead_nurture.engine.breaker import OPEN, PROBING


class NurtureScenario(models.Model):
    """Steps that failed too often, shown where the scenario is looked after."""

    _inherit = "nurture.scenario"

    breaker_ids = fields.One2many("nurture.breaker", "scenario_id", readonly=True)
    paused_step_text = fields.Text(compute="_compute_paused_steps")
    paused_step_count = fields.Integer("Paused steps", compute="_compute_paused_steps")
    can_try_again = fields.Boolean(compute="_compute_paused_steps")

    @api.depends("breaker_ids.state", "breaker_ids.node_id.paused_text")
    def _compute_paused_steps(self):
        for scenario in self:
            fuses = scenario.breaker_ids.filtered(lambda f: f.state in (OPEN, PROBING))
            scenario.paused_step_count = len(fuses)
            scenario.can_try_again = OPEN in fuses.mapped("state")
            scenario.paused_step_text = "\n".join(
                fuse.node_id.paused_text for fuse in fuses if fuse.node_id.paused_text
            )

    def action_try_again(self):
        """All paused steps of the scenario: a few people first, then everybody who waits."""
        self.breaker_ids.action_try_again()

    def action_view_paused_steps(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_nurture.nurture_breaker_action"
        )
        return {**action, "domain": [("scenario_id", "=", self.id)]}
