from odoo import api, fields, models
from odoo.addons.lead_nurture.engine.outcome import Outcome
from odoo.exceptions import AccessError


class NurtureNode(models.Model):
    """The step that runs a server action on the lead, one lead after the other. What such an action
    may do only an administrator of the system can judge, so only he chooses it."""

    _inherit = "nurture.node"

    server_action_id = fields.Many2one(
        "ir.actions.server", "Server action", ondelete="restrict", index="btree_not_null",
        domain="[('model_id.model', '=', 'crm.lead'), ('state', '!=', 'multi')]",
        help="Runs on the lead in the name of the owner of the scenario. Only an administrator of "
        "the system can choose it.",
    )  # fmt: skip

    @api.constrains("server_action_id")
    def _check_server_action(self):
        """Checks run with all rights, so the user is asked. Whoever copies steps may keep an action
        that was chosen before."""
        if self.env.user.has_group("base.group_system"):
            return
        for node in self.filtered("server_action_id"):
            known = self.search_count(
                [
                    ("uid", "=", node.uid),
                    ("scenario_id", "=", node.scenario_id.id),
                    ("server_action_id", "=", node.server_action_id.id),
                    ("id", "!=", node.id),
                ]
            )
            if not known:
                raise AccessError(
                    self.env._("Only an administrator of the system can choose a server action.")
                )

    def _node_kinds(self):
        return {
            **super()._node_kinds(),
            "server_action": {
                "label": self.env._("Run a server action"),
                "help": self.env._(
                    "Anything an administrator has prepared, lead by lead."
                ),
                "icon": "fa-cogs",
                "group": "action",
                "exits": ("next",),
                "alone": True,
            },
        }

    def _run_node_server_action(self, enrolments, now):
        for enrolment in enrolments:
            lead = enrolment._leads_as_owner()
            # sudo: the owner may not read server actions; `run` acts in the name of the owner
            action = lead.env["ir.actions.server"].sudo().browse(self.server_action_id.id)
            action.sudo(False).with_context(  # sudo: back to the owner's own rights
                active_model="crm.lead", active_id=lead.id, active_ids=lead.ids
            ).run()
        return dict.fromkeys(enrolments, Outcome.go())

    def _summary_node_server_action(self):
        return self.server_action_id.sudo().name or ""  # sudo: its name, shown on the card

    def _problem_node_server_action(self):
        action = self.server_action_id.sudo()  # sudo: marketers may not read server actions
        if not action:
            return self.env._("“%s” does not say which server action.", self.name)
        if action.model_id.model != "crm.lead":
            return self.env._("The action of “%s” is not made for leads.", self.name)
        return False
