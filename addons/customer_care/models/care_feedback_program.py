from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import email_normalize


class CareFeedback(models.Model):
    """An answer to a programme: it knows what was asked about, and who calls back."""

    _inherit = "care.feedback"

    program_id = fields.Many2one(
        "care.survey.program", "Programme", readonly=True, ondelete="set null",
        index="btree_not_null", help="Empty: a rating or a survey of no programme.")
    invitation_id = fields.Many2one(
        "care.survey.invitation", "Asked by", readonly=True, ondelete="set null",
        index="btree_not_null")

    def _prepare_answer_vals(self, vals):
        """The invitation knows the person, the case and who had resolved it when it was sent."""
        invitation = self._find_invitation(vals)
        program = invitation.program_id or self._find_program(vals)
        known = {
            "invitation_id": invitation.id, "program_id": program.id,
            "partner_id": invitation.partner_id.id, "email": invitation.email,
            "company_id": program.company_id.id, "case_id": invitation.case_id.id,
            "order_id": invitation.order_id.id, "user_id": invitation.resolver_id.id}
        # an answer that was forwarded is still the invitation's one answer
        return super()._prepare_answer_vals(
            vals | {name: value for name, value in known.items() if value})

    def _find_invitation(self, vals):
        invitations = self.env["care.survey.invitation"]
        for name in ("user_input_id", "rating_id"):
            if not vals.get("invitation_id") and vals.get(name):
                return invitations.search([(name, "=", vals[name])], limit=1)
        return invitations.browse(vals.get("invitation_id"))

    def _find_program(self, vals):
        """The programme whose survey was answered without an invitation."""
        entry = self.env["survey.user_input"].browse(vals.get("user_input_id"))
        programs = self.env["care.survey.program"].with_context(active_test=False)
        return programs.search([("survey_id", "=", entry.survey_id.id)]) if entry else programs

    def _tell_exclusion(self, vals):
        invitation = self.env["care.survey.invitation"].browse(vals.get("invitation_id"))
        if invitation.is_test:
            return "test"
        return super()._tell_exclusion(vals) or (
            "duplicate" if not invitation and self._is_second(vals) else False)

    def _is_second(self, vals):
        """Whether the person, who was asked and answered, answers on the survey's page again."""
        who = Domain("partner_id", "=", vals["partner_id"]) if vals.get("partner_id") else (
            Domain("email", "=", email_normalize(vals.get("email")) or False))
        return bool(
            vals.get("program_id") and (vals.get("partner_id") or vals.get("email"))
            and self.env["care.survey.invitation"].search_count(who & Domain([
                ("program_id", "=", vals["program_id"]), ("state", "=", "answered"),
                ("expires_at", ">", vals.get("responded_at") or fields.Datetime.now()),
            ]), limit=1))

    def _on_recorded(self):
        """By his link he answers for good: what he typed without it, since he was asked, was the
        same answer. Index care_feedback_address_idx."""
        super()._on_recorded()
        asked = self.filtered(lambda answer: answer.invitation_id.sent_at and answer.email)
        for answer in asked.filtered(lambda answer: not answer.excluded_reason):
            self.search([
                ("program_id", "=", answer.program_id.id), ("email", "=", answer.email),
                ("partner_id", "=", False), ("excluded_reason", "=", False),
                ("responded_at", ">=", answer.invitation_id.sent_at),
            ])._set_excluded("duplicate")

    # ---- the call-back, as the programme wants it ------------------------------------------------

    def _is_bad(self):
        return self.value <= self.program_id.followup_below if self.program_id \
            else super()._is_bad()

    def _follow_days(self):
        return self.program_id.followup_days if self.program_id else super()._follow_days()

    def _same_question_domain(self):
        return [("program_id", "=", self.program_id.id)] if self.program_id \
            else [*super()._same_question_domain(), ("program_id", "=", False)]

    def _follow_candidates(self):
        program, customer = self.program_id, self.commercial_partner_id
        if not program:
            return super()._follow_candidates()
        choice = {
            "leader": self.team_id.leader_id,
            "salesperson": self.order_id.user_id or self.partner_id.user_id or customer.user_id,
            "owner": program.user_id}
        rest = [choice["owner"], choice["leader"]]
        return [choice[program.followup_owner], *rest, *super()._follow_candidates()]

    def _choose_follow_boss(self):
        owner = self.program_id.user_id
        return super()._choose_follow_boss() or (
            owner if owner.active and owner != self.follow_user_id else None)
