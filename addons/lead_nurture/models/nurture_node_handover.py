from odoo import fields, models
from odoo.addons.lead_nurture.engine.outcome import Outcome


class NurtureNode(models.Model):
    """The step that gives a lead to sales, by the verbs that any salesperson uses. Whoever works
    with opportunities sees it arrive; who takes it is up to the team."""

    _inherit = "nurture.node"

    team_id = fields.Many2one(
        "crm.team",
        "Sales team",
        help="Empty: the lead keeps its team. Without a salesperson, the team's own assignment "
        "or routing gives the opportunity to somebody.",
    )
    lead_priority = fields.Selection(
        [("0", "Low"), ("1", "Medium"), ("2", "High"), ("3", "Very high")],
        "Priority",
        default="2",
    )

    def _node_kinds(self):
        return {
            **super()._node_kinds(),
            "handover": {
                "label": self.env._("Hand over to sales"),
                "help": self.env._(
                    "The lead gets a salesperson and a next activity."
                ),
                "icon": "fa-handshake-o",
                "group": "action",
                "exits": ("next",),
            },
        }

    def _run_node_handover(self, enrolments, now):
        for enrolment in enrolments:
            lead = enrolment._leads_as_owner()
            lead.nurture_hand_over(
                self.team_id,
                self.user_id,
                priority=self.lead_priority,
                summary=self.summary,
                activity=self._activity_type(),
                fallback=self._person_in_charge(lead),
                enrolment=enrolment,
            )
        return dict.fromkeys(enrolments, Outcome.go())

    def _activity_type(self):
        if self.activity_type_id:
            return {"activity_type_id": self.activity_type_id.id}
        return {"act_type_xmlid": "mail.mail_activity_data_call"}

    def _summary_node_handover(self):
        return self.user_id.name or self.team_id.name or self.env._("The lead's own team")
