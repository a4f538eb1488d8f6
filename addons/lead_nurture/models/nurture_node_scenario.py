from odoo import fields, models
from odoo.addons.lead_nurture.engine.outcome import Outcome


class NurtureNode(models.Model):
    """The step that lets people into another scenario, by the rules of that one."""

    _inherit = "nurture.node"

    target_scenario_id = fields.Many2one(
        "nurture.scenario", "Scenario to start", ondelete="restrict", index="btree_not_null",
        domain="[('company_id', '=', company_id), ('id', '!=', scenario_id)]",
        help="People enter it if its own conditions, its rule on entering again and its limits let "
        "them, and at most once a day. They go on here as well.",
    )  # fmt: skip

    def _node_kinds(self):
        return {
            **super()._node_kinds(),
            "scenario": {
                "label": self.env._("Start another scenario"),
                "help": self.env._(
                    "The person enters another scenario and also goes on here."
                ),
                "icon": "fa-play-circle-o",
                "group": "action",
                "exits": ("next",),
            },
        }

    def _run_node_scenario(self, enrolments, now):
        target = self.target_scenario_id
        entered = target._enrol_from(enrolments, now)
        inside = set(entered.lead_id.ids)
        return {
            e: Outcome.go(result="entered" if e.lead_id.id in inside else "not let in")
            for e in enrolments
        }

    def _summary_node_scenario(self):
        return self.target_scenario_id.name or ""

    def _problem_node_scenario(self):
        target = self.target_scenario_id
        if not target:
            return self.env._("“%s” does not say which scenario.", self.name)
        if target == self.scenario_id:
            return self.env._("“%s” would start its own scenario.", self.name)
        if target.company_id != self.company_id:
            return self.env._("“%s” names a scenario of another company.", self.name)
        return False
