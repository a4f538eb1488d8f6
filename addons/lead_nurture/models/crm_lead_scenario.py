from odoo import fields, models
from odoo.tools import SQL

from .moments import tell_moment

EVENTS_SHOWN = 10


class CrmLead(models.Model):
    """Where a lead stands in scenarios, and what sales should know when it is handed over."""

    _inherit = "crm.lead"

    nurture_enrolment_count = fields.Integer(
        compute="_compute_nurture_enrolment_count",
        groups="lead_nurture.group_lead_nurture_user",
    )

    def _compute_nurture_enrolment_count(self):
        rows = self.env["nurture.enrolment"]._read_group(
            [("lead_id", "in", self.ids)], ["lead_id"], ["__count"]
        )
        count = {lead.id: number for lead, number in rows}
        for lead in self:
            lead.nurture_enrolment_count = count.get(lead.id, 0)

    def mail_allowed_qweb_expressions(self):
        """Placeholders that people may use in mails without being template editors."""
        return (
            *super().mail_allowed_qweb_expressions(),
            "object.partner_name",
            "object.company_id.name",
            "object.team_id.name",
        )

    def action_view_nurture_enrolments(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_nurture.nurture_enrolment_action"
        )
        return {**action, "domain": [("lead_id", "in", self.ids)], "context": {"create": False}}

    # ------------------------------------------------------------
    # DOSSIER
    # ------------------------------------------------------------

    def _nurture_dossier(self):
        """HTML: why this lead is worth a call, what it did, which mails it got."""
        self.ensure_one()
        return self.env["ir.qweb"]._render(
            "lead_nurture.dossier", self._prepare_nurture_dossier(), minimal_qcontext=True
        )

    def _prepare_nurture_dossier(self):
        person = self.nurture_person_id
        events = self.env["nurture.event"].search(
            [("person_id", "=", person.id), ("actor", "=", "human"), ("kind", "!=", "mail_sent")],
            limit=EVENTS_SHOWN,
        )
        sends = self.env["nurture.send"].search([("person_id", "=", person.id)])
        # sudo: whoever may read the lead may read its score
        score = self.sudo()._nurture_score_records().get(self.id)
        return {
            "lead": self,
            "explanation": score._explain_now(fields.Datetime.now()) if score else {},
            "events": events,
            "kinds": dict(events._event_kinds()),
            "sends": sends,
            "when": lambda moment: tell_moment(self.env, moment, year=True),
        }

    # ------------------------------------------------------------
    # MERGE
    # ------------------------------------------------------------

    def _merge_dependences(self, opportunities):
        """Journeys and mails of the merged leads go on with the one that stays."""
        super()._merge_dependences(opportunities)
        for table in ("nurture_enrolment", "nurture_send"):
            self.env.cr.execute(self._query_move_to(table, opportunities))
        self.env["nurture.enrolment"].invalidate_model(["lead_id"])
        self.env["nurture.send"].invalidate_model(["lead_id"])
        self._end_parallel_journeys()

    def _end_parallel_journeys(self):
        """Two people who became one lead have one address: who is further on goes on alone."""
        # sudo: whoever may merge leads merges their journeys
        travelling = self.env["nurture.enrolment"].sudo().search(
            [("lead_id", "=", self.id), ("is_open", "=", True)], order="visit desc, id"
        )
        for journeys in travelling.grouped("scenario_id").values():
            journeys[1:]._set_exited("merged", fields.Datetime.now())

    def _query_move_to(self, table, opportunities):
        return SQL(
            "UPDATE %s SET lead_id = %s WHERE lead_id = ANY(%s)",
            SQL.identifier(table),
            self.id,
            (opportunities - self).ids,
        )
