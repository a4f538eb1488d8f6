from odoo import api, fields, models


class CrmLead(models.Model):
    """Giving a lead to sales, by the verbs that any salesperson uses."""

    _inherit = "crm.lead"

    nurture_handover_ids = fields.One2many(
        "nurture.handover", "lead_id", "Hand-overs", readonly=True,
        groups="sales_team.group_sale_salesman",
    )  # fmt: skip

    @api.private
    def nurture_hand_over(self, team, user, **how):
        """Make this lead an opportunity of `team` and `user` with a dossier and an activity, and
        write it down. `how`: priority, note, enrolment, summary, activity (vals of its type), and
        fallback, who gets the activity when nobody has the lead. → the hand-over"""
        self.ensure_one()
        if self.won_status == "lost":
            self.action_restore()
        if self.type == "lead":
            self._handle_partner_assignment(create_missing=True)
            self.convert_opportunity(self.partner_id, user_ids=user.ids, team_id=team.id)
        elif user and not self.user_id:
            self._handle_salesmen_assignment(user.ids, team.id)
        if (how.get("priority") or "0") > (self.priority or "0"):
            self.priority = how["priority"]
        self.message_post(body=self._nurture_dossier(), subtype_xmlid="mail.mt_note")
        # who has it now; the fallback is only bothered when nobody has
        caller = self.user_id or self.team_id.user_id or how.get("fallback") or self.env.user
        self.activity_schedule(
            **(how.get("activity") or {"act_type_xmlid": "mail.mail_activity_data_call"}),
            summary=how.get("summary") or self.env._("Ready to talk: contact this lead"),
            note=how.get("note") or False,
            user_id=caller.id,
        )
        # sudo: hand-overs are written by the engine alone
        handovers = self.env["nurture.handover"].sudo()
        return handovers._record(self, how.get("note"), how.get("enrolment"))

    def _merge_dependences(self, opportunities):
        """What the merged leads were given for stays on record."""
        super()._merge_dependences(opportunities)
        self.env["nurture.handover"].flush_model()
        self.env.cr.execute(self._query_move_to("nurture_handover", opportunities))
        self.env["nurture.handover"].invalidate_model(["lead_id"])
