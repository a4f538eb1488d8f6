from odoo import models


class CrmLead(models.Model):
    """All journeys of the person behind a lead, whichever lead they began with."""

    _inherit = "crm.lead"

    def _compute_nurture_enrolment_count(self):
        rows = self.env["nurture.enrolment"]._read_group(
            [("person_id", "in", self.nurture_person_id.ids)], ["person_id"], ["__count"]
        )
        count = {person.id: number for person, number in rows}
        for lead in self:
            lead.nurture_enrolment_count = count.get(lead.nurture_person_id.id, 0)

    def action_view_nurture_enrolments(self):
        """Where the person stands, in which scenario, and what is waited for."""
        action = super().action_view_nurture_enrolments()
        return {
            **action,
            "name": self.env._("Scenarios"),
            "domain": [("person_id", "in", self.nurture_person_id.ids)],
        }
