from odoo import api, models


class NurtureEnrolment(models.Model):
    """Leads that sales gave back, and those that it took back meanwhile."""

    _inherit = "nurture.enrolment"

    @api.model
    def _exit_reasons(self):
        return {**super()._exit_reasons(), "taken_back": self.env._("Sales took the lead back")}

    def _exit_reasons_now(self):
        """Who was lost when he entered, and is open again without a hand-over of ours, is worked
        on by sales: two must not talk to him."""
        reasons = super()._exit_reasons_now()
        open_again = self.filtered(
            lambda e: e not in reasons
            and e.scenario_id.trigger_kind == "recycle"
            and e.lead_id.won_status == "pending"
        )
        if open_again:
            keys = [enrolment._recycled_key() for enrolment in open_again]
            given_back = dict(
                self.env.execute_query(self.env["nurture.event"]._query_ids_of_keys(keys))
            )
            ours = self.env["nurture.handover"].search([("enrolment_id", "in", open_again.ids)])
            for enrolment in open_again - ours.enrolment_id:
                if enrolment._recycled_key() in given_back:
                    reasons[enrolment] = "taken_back"
        return reasons

    def _recycled_key(self):
        return f"recycled:enrolment:{self.id}"

    def _record_recycled(self):
        """The loss becomes an event of the person, so that scores and timelines know it. The lead
        stays lost, with its whole history, until somebody is handed it again. Open leads may be
        enrolled by hand: they were not given back."""
        self.env["nurture.event"]._insert_events(
            [
                {
                    "person_id": enrolment.person_id.id,
                    "kind": "recycled",
                    "occurred_at": enrolment.enrolled_at,
                    "dedup_key": enrolment._recycled_key(),
                    "source": "sales",
                    "topic": enrolment.lead_id.lost_reason_id.name,
                    "res_model": "crm.lead",
                    "res_id": enrolment.lead_id.id,
                    "company_id": enrolment.company_id.id,
                }
                for enrolment in self
                if enrolment.lead_id.won_status == "lost"
            ]
        )
