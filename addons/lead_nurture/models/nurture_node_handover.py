from odoo import models
from odoo.addons.lead_nurture.engine.outcome import Outcome


class NurtureNode(models.Model):
    """The step that gives a lead to sales, by the verbs that any salesperson uses. Whoever works
    with opportunities sees it arrive; who takes it is up to the team."""

    _inherit = "nurture.node"

    def _run_node_handover(self, enrolments, now):
        for enrolment in enrolments:
            self._hand_over(enrolment._leads_as_owner())
        return dict.fromkeys(enrolments, Outcome.go())

    def _hand_over(self, lead):
        if lead.won_status == "lost":
            lead.action_restore()
        if lead.type == "lead":
            lead._handle_partner_assignment(create_missing=True)
            lead.convert_opportunity(
                lead.partner_id, user_ids=self.user_id.ids, team_id=self.team_id.id
            )
        elif self.user_id and not lead.user_id:
            lead._handle_salesmen_assignment(self.user_id.ids, self.team_id.id)
        if (self.lead_priority or "0") > (lead.priority or "0"):
            lead.priority = self.lead_priority
        lead.message_post(body=lead._nurture_dossier(), subtype_xmlid="mail.mt_note")
        lead.activity_schedule(
            **self._activity_type(),
            summary=self.summary or self.env._("Ready to talk: contact this lead"),
            # who has it now; the node names whom to give it to, not whom to bother besides
            user_id=(lead.user_id or self._person_in_charge(lead)).id,
        )

    def _activity_type(self):
        if self.activity_type_id:
            return {"activity_type_id": self.activity_type_id.id}
        return {"act_type_xmlid": "mail.mail_activity_data_call"}
