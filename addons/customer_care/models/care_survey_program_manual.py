from odoo import fields, models
from odoo.exceptions import UserError


class CareSurveyProgram(models.Model):
    """Questions that somebody sends: about a case, or to himself to see what it looks like."""

    _inherit = "care.survey.program"

    def _ask_by_hand(self, case):
        """The same reasons hold somebody back as when nobody looks, but for the draw."""
        now = fields.Datetime.now()
        # Invitations are written by code only; the caller may write the case.
        invitations = self.env["care.survey.invitation"].sudo()
        if not case.partner_id:
            raise UserError(self.env._("The case has no contact who could be asked."))
        known = invitations.search([
            ("case_id", "=", case.id), ("program_id", "=", self.id),
            ("state", "in", ("planned", "sent", "reminded"))], limit=1)
        if known:
            raise UserError(self.env._("He was asked already, and his answer is awaited."))
        invitation = invitations.create(
            self._prepare_hand_vals(case.partner_id, f"hand:{case.id}:{int(now.timestamp())}", now)
            | {"case_id": case.id, "order_id": case.order_id.id})
        [reason] = invitation._judge(now, but=("sample", "tenure", "late", "reopened"))
        if reason:
            words = invitation._skip_reasons()[reason]
            raise UserError(self.env._("Not asked: %s.", words))
        self._wake_asking()
        return invitation

    def action_preview_mail(self):
        """The mail as a customer would get it; nothing is sent."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window", "res_model": "care.survey.mail.preview",
            "name": self.env._("Preview the mail"), "views": [(False, "form")], "target": "new",
            "context": {"default_program_id": self.id}}

    def action_test(self):
        """The real mail to myself; its answer counts nowhere."""
        self.ensure_one()
        self.check_access("write")
        partner, now = self.env.user.partner_id, fields.Datetime.now()
        if not partner.email_normalized:
            raise UserError(self.env._("You have no e-mail address to send it to."))
        # Invitations are written by code only.
        self.env["care.survey.invitation"].sudo().create(
            self._prepare_hand_vals(partner, False, now) | {"is_test": True}
        ).with_company(self.company_id)._deliver(self.sudo(), now, again=False)  # as above
        self._wake_asking()
        return {
            "type": "ir.actions.client", "tag": "display_notification", "params": {
                "type": "success", "message": self.env._(
                    "The mail is on its way to %s. Answer it: the answer counts nowhere.",
                    partner.email)}}

    def _get_template(self):
        """The programme's mail, else the one that comes along."""
        template = self.template_id or self.env.ref(
            "customer_care.mail_template_survey_invitation", raise_if_not_found=False)
        if not template:
            raise UserError(self.env._("The programme has no mail."))
        return template

    def _prepare_hand_vals(self, partner, event, now):
        return {
            "program_id": self.id, "company_id": self.company_id.id, "metric": self.metric,
            "partner_id": partner.id, "email": partner.email_normalized, "event": event,
            "event_at": now, "send_at": now}

    def _wake_asking(self):
        # Agents may not write crons.
        self.env.ref("customer_care.ir_cron_ask_customers").sudo()._trigger()
