from datetime import timedelta

from odoo import fields, models


class CareCase(models.Model):
    """One short mail that says: it has arrived, and this is its number."""

    _inherit = "care.case"

    confirmed_at = fields.Datetime("Arrival confirmed", readonly=True, copy=False)

    def _confirm(self, message, noise):
        """Tell the customer once that his mail has arrived; programs, lists and colleagues are not.

        The mail says that a program wrote it, so a polite program does not answer.
        """
        team, customer = self.team_id, self.partner_id
        if noise or self.env.context.get("care_automatic"):
            return
        if not team.confirm_arrival or not customer.email:
            return
        if message.author_id != customer or self._is_confirmed_lately():
            return
        self._note({"confirmed_at": fields.Datetime.now()})
        self.with_context(care_confirming=True).message_post_with_source(
            team.confirm_template_id or self.env.ref("customer_care.mail_template_case_arrived"),
            message_type="auto_comment", subtype_xmlid="mail.mt_note",
            partner_ids=customer.ids, email_layout_xmlid="mail.mail_notification_light")

    def _is_confirmed_lately(self):
        """A confirmation of any case went to this address within the team's hours."""
        since = fields.Datetime.now() - timedelta(hours=self.team_id.confirm_hours)
        return bool(self.search_count([
            ("partner_id", "=", self.partner_id.id), ("confirmed_at", ">", since)], limit=1))

    def _notify_by_email_get_headers(self, headers=None):
        headers = super()._notify_by_email_get_headers(headers=headers)
        if self.env.context.get("care_confirming"):
            headers |= {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
        return headers
