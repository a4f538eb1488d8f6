from odoo import fields, models
from odoo.exceptions import UserError


class CareCase(models.Model):
    _inherit = "care.case"

    # What was resolved lately: programmes ask about it.
    _survey_idx = models.Index("(company_id, last_resolved_at) WHERE last_resolved_at IS NOT NULL")

    survey_invitation_ids = fields.One2many(
        "care.survey.invitation", "case_id", "Surveys",
        groups="customer_care.group_customer_care_user")

    def action_ask_customer(self):
        """Ask the customer of this case now, by the company's programme for cases."""
        self.ensure_one()
        self.check_access("write")
        program = self.env["care.survey.program"].search(
            [("company_id", "=", self.company_id.id), ("trigger", "in", ("manual", "case_resolved"))
             ], order="trigger DESC, sequence, id", limit=1)
        if not program:
            raise UserError(self.env._(
                "There is no survey programme for cases yet. A manager makes one under "
                "Configuration."))
        invitation = program._ask_by_hand(self)
        return {
            "type": "ir.actions.client", "tag": "display_notification", "params": {
                "type": "success", "message": self.env._(
                    "%(name)s is asked: %(question)s", name=invitation.partner_id.name,
                    question=program.question)}}
