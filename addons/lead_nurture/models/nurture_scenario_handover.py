from odoo import fields, models


class NurtureScenario(models.Model):
    """What sales made of the leads that a scenario gave them; and where recycled ones come from."""

    _inherit = "nurture.scenario"

    handover_count = fields.Integer("Handed over", compute="_compute_handover_figures")
    handover_accepted = fields.Integer("Accepted", compute="_compute_handover_figures")
    handover_decided = fields.Integer("Answered", compute="_compute_handover_figures")

    def _compute_handover_figures(self):
        rows = self.env["nurture.handover"]._read_group(
            [("scenario_id", "in", self.ids)], ["scenario_id", "state"], ["__count"]
        )
        count = {(scenario.id, state): number for scenario, state, number in rows}
        for scenario in self:
            by_state = {state: count.get((scenario.id, state), 0)
                        for state in ("waiting", "late", "accepted", "rejected")}  # fmt: skip
            scenario.handover_count = sum(by_state.values())
            scenario.handover_accepted = by_state["accepted"]
            scenario.handover_decided = by_state["accepted"] + by_state["rejected"]

    def action_view_handovers(self):
        return self._action_view("lead_nurture.nurture_handover_action")

    def action_choose_reasons(self):
        """The lost reasons, to be marked with this scenario."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "lead_nurture.crm_lost_reason_action_choose"
            ),
            "context": {"default_nurture_scenario_id": self.id},
        }
