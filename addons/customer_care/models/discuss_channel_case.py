from markupsafe import Markup
from odoo import models
from odoo.exceptions import AccessError
from odoo.tools import html2plaintext
from odoo.tools.mail import html_to_inner_content

COMMAND = "/case"
#: Messages of a chat that go into its case; the chat itself stays where it is.
TRANSCRIPT = 200
SUBJECT = 80


class DiscussChannel(models.Model):
    _inherit = "discuss.channel"

    def execute_command_case(self, **kwargs):
        """`/case what it is about`: the chat becomes a case of the customer in it."""
        self.ensure_one()
        self.check_access("read")
        cases = self.env["care.case"]
        if not cases.has_access("create"):
            raise AccessError(self.env._("Only users of Customer Care open cases."))
        subject = html2plaintext(kwargs.get("body") or "").strip()
        subject = subject.removeprefix(COMMAND).strip()
        if subject:
            case = cases.create(self._prepare_case_vals(subject))
            told = self.env._("The chat is a case now: %s", case._get_html_link())
        else:
            told = self.env._(
                "Write what it is about: %(code)s",
                code=Markup("<code>/case %s</code>") % self.env._("the grinder stopped"))
        self.env.user._bus_send_transient_message(self, told)

    def _prepare_case_vals(self, subject):
        customer = self._find_customer()
        guest = self.channel_member_ids.guest_id[:1]
        return {
            "name": subject[:SUBJECT], "channel": "chat", "partner_id": customer.id,
            "partner_name": False if customer else guest.name,
            "user_id": self.env.uid, "description": self._get_transcript(), "chat_id": self.id,
        }

    def _find_customer(self):
        """Whoever in the chat is none of us; nobody where visitors are unknown."""
        members = self.with_context(active_test=False).channel_member_ids.partner_id
        return members.filtered(
            lambda partner: partner.partner_share and not partner.is_public
            and not self._is_bot(partner))[:1]

    def _get_transcript(self):
        """Who said what, in the order in which it was said."""
        messages = self.env["mail.message"].search(
            [("model", "=", self._name), ("res_id", "=", self.id),
             ("message_type", "in", ("comment", "email"))], order="id desc", limit=TRANSCRIPT)
        return Markup("<br/>").join(
            Markup("<b>{}</b>: {}").format(
                message.author_id.name or message.author_guest_id.name or message.email_from or "",
                html_to_inner_content(message.body))
            for message in reversed(messages) if html_to_inner_content(message.body))
