from odoo import models


class NurtureEnrolment(models.Model):
    """Leads that sales gave back."""

    _inherit = "nurture.enrolment"

    def _record_recycled(self):
        """The loss becomes an event of the person, so that scores and timelines know it. The lead
        stays lost, with its whole history, until somebody is handed it again."""
        self.env["nurture.event"]._insert_events(
            [
                {
                    "person_id": enrolment.person_id.id,
                    "kind": "recycled",
                    "occurred_at": enrolment.enrolled_at,
                    "dedup_key": f"recycled:enrolment:{enrolment.id}",
                    "source": "sales",
                    "topic": enrolment.lead_id.lost_reason_id.name,
                    "res_model": "crm.lead",
                    "res_id": enrolment.lead_id.id,
                    "company_id": enrolment.company_id.id,
                }
                for enrolment in self
            ]
        )
