from odoo import models

from .care_case_complaint import COMPLAINT_KINDS


class CareCase(models.Model):
    """What the file of a complaint learns when the customer says himself that it is settled."""

    _inherit = "care.case"

    def _may_settle(self) -> bool:
        """Not again while his word only waits for our file."""
        case = self.sudo()  # his word on our answer is kept for colleagues
        waits = case.acceptance == "accepted" and case._get_missing()
        return super()._may_settle() and not waits

    def _set_settled(self):
        """He accepted our answer; where the company wants a whole file, that comes first."""
        if self.kind in COMPLAINT_KINDS:
            self.write({"acceptance": "accepted", "acceptance_on": self.company_id._care_today()})
        if self._get_missing():
            self._ask_for_file()
        else:
            super()._set_settled()

    def _ask_for_file(self):
        """Whoever has the case fills in what is missing, and resolves it."""
        team = self.team_id
        user = (self.user_id | team.leader_id | team.member_ids).filtered("active")[:1]
        if not user:
            return  # his word stands on the case, and nobody has it
        case = self.with_context(lang=user.lang)
        case.activity_schedule(
            "mail.mail_activity_data_todo", user_id=user.id,
            summary=case.env._("The customer says that it is settled"),
            note=case.complaint_missing)

    def _reopen_by_customer(self, partner, reason: str):
        """Who says that it is not settled does not accept our answer any more."""
        super()._reopen_by_customer(partner, reason)
        if self.acceptance == "accepted":
            self.acceptance = "open"
