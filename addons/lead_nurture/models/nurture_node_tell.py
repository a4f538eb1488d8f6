from odoo import fields, models
from odoo.addons.lead_nurture.engine.outcome import Outcome


class NurtureNode(models.Model):
    """Steps by which colleagues are told: an activity to do, or a notification to read."""

    _inherit = "nurture.node"

    activity_type_id = fields.Many2one(
        "mail.activity.type",
        "Activity",
        domain="['|', ('res_model', '=', False), ('res_model', '=', 'crm.lead')]",
    )
    summary = fields.Char(translate=True)
    user_id = fields.Many2one(
        "res.users",
        "Person in charge",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Empty: the salesperson of the lead, else the leader of its team, "
        "else the owner of the scenario.",
    )

    def _node_kinds(self):
        return {
            **super()._node_kinds(),
            "activity": {
                "label": self.env._("Plan an activity"),
                "help": self.env._(
                    "A call, a meeting or a to-do for whoever is in charge."
                ),
                "icon": "fa-phone",
                "group": "action",
                "exits": ("next",),
            },
            "alert": {
                "label": self.env._("Alert somebody"),
                "help": self.env._(
                    "A message to a colleague about this lead."
                ),
                "icon": "fa-bell-o",
                "group": "action",
                "exits": ("next",),
            },
        }

    def _run_node_activity(self, enrolments, now):
        for lead in enrolments._leads_as_owner():
            lead.activity_schedule(
                activity_type_id=self.activity_type_id.id,
                summary=self.summary or self.activity_type_id.summary or self.name,
                user_id=self._person_in_charge(lead).id,
            )
        return dict.fromkeys(enrolments, Outcome.go())

    def _summary_node_activity(self):
        return self.summary or self.activity_type_id.name or ""

    def _problem_node_activity(self):
        if not self.activity_type_id:
            return self.env._("“%s” does not say which activity to plan.", self.name)
        return False

    def _run_node_alert(self, enrolments, now):
        for lead in enrolments._leads_as_owner():
            lead.message_notify(
                partner_ids=self._person_in_charge(lead).partner_id.ids,
                subject=self.env._("%(step)s: %(lead)s", step=self.name, lead=lead.display_name),
                body=lead._nurture_dossier(),
                email_layout_xmlid="mail.mail_notification_layout",
                force_send=False,
            )
        return dict.fromkeys(enrolments, Outcome.go())

    def _summary_node_alert(self):
        return self.summary or ""

    def _person_in_charge(self, lead):
        return (
            self.user_id
            or lead.user_id
            or lead.team_id.user_id
            or self.scenario_id.user_id
        )
