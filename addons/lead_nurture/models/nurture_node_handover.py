from odoo import models
from odoo.addons.lead_nurture.engine.outcome import Outcome


class NurtureNode(models.Model):
    """The step that gives a lead to sales, by the verbs that any salesperson uses. Whoever works
    with opportunities sees it arrive; who takes it is up to the team."""

    _inherit = "nurture.node"

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
