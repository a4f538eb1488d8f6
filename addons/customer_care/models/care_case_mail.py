import re

from odoo import api, models
from odoo.tools import email_normalize, html2plaintext, parse_contact_from_email

#: Letters of a mail that become the description; the message itself is kept whole.
DESCRIBED = 50_000
#: Letters of a subject.
TITLE = 250
FORWARDED = re.compile(r"^\s*(fwd?|wg|tr|rv|i|doorst|vs|轉寄|转发|ส่งต่อ)\s*[:：]", re.IGNORECASE)
#: The sender in a forwarded mail's head.
FROM_LINE = re.compile(
    r"^[ \t>*]*(?:from|von|de|từ|จาก|寄件者|发件人|差出人)[ \t*]*[:：]"
    r"[^\n]*?([\w.+-]+@[\w-]+\.[\w.-]+)",
    re.IGNORECASE | re.MULTILINE)


class CareCase(models.Model):
    """A mail opens a case or joins it; every word between customer and us is a contact."""

    _inherit = "care.case"

    # ---- opening --------------------------------------------------------------------------------

    def message_new(self, msg_dict, custom_values=None):
        """A mail to a team's address opens a case; its author becomes the contact."""
        values = dict(custom_values or {})
        team = self.env["care.team"].browse(values.pop("team_id", None) or ())._still_working()
        company = team.company_id or self.env["res.company"].browse(
            values.get("company_id") or self.env.company.id)
        sender, channel = self._tell_sender(msg_dict)
        contact = self._find_contact(sender, company)
        if contact and channel == "email" and self._is_foreign(msg_dict, contact):
            msg_dict["author_id"] = contact.id
        values = self._prepare_mail_vals(msg_dict, team, company) | {
            "partner_id": contact.id, "channel": channel} | values
        by_mail = self.with_company(company).with_context(care_by_mail=True)
        case = super(CareCase, by_mail).message_new(msg_dict, values)
        case.email_from = email_normalize(sender) or sender
        return case.with_context(care_by_mail=False, care_opening=True)

    def _prepare_mail_vals(self, msg_dict, team, company):
        body = msg_dict.get("body") or ""
        if len(body) > DESCRIBED:
            body = html2plaintext(body[:DESCRIBED])
        title = " ".join((msg_dict.get("subject") or "").split())[:TITLE]
        return {
            "name": title or self.env._("No subject"), "description": body, "user_id": False,
            "company_id": company.id,
            "team_id": (team or self.env["care.team"]._default_team(company)).id}

    @api.model
    def _tell_sender(self, msg_dict):
        """Whose matter it is: the sender's, or his whose mail a colleague forwards."""
        sender = msg_dict.get("email_from") or ""
        author = self.env["res.partner"].browse(msg_dict.get("author_id") or ())
        if not author.user_ids.filtered(lambda user: not user.share):
            return sender, "email"
        if FORWARDED.match(msg_dict.get("subject") or ""):
            found = FROM_LINE.search(html2plaintext(msg_dict.get("body") or ""))
            if found:
                return found[1], "email"
        return sender, "internal"

    @api.model
    def _find_contact(self, address, company):
        """The contact with this address: known, archived and brought back, or new."""
        name, normalized = parse_contact_from_email(address or "")
        normalized = email_normalize(normalized or "")
        partners = self.env["res.partner"].with_context(active_test=False)
        if not normalized:
            return partners
        contact = partners.search([
            ("email_normalized", "=", normalized), ("company_id", "in", (False, company.id))],
            order="active desc, id", limit=1)
        if not contact:
            return partners.create({"name": name or normalized, "email": normalized})
        if not contact.active:
            contact.active = True
            contact._message_log(body=self.env._("Brought back: wrote to us again."))
        return contact

    @api.model
    def _is_foreign(self, msg_dict, contact):
        """The gateway found nobody, or somebody whom the team's company does not know."""
        author = self.env["res.partner"].browse(msg_dict.get("author_id") or ())
        return not author or bool(
            author.company_id and author.company_id != contact.company_id)

    # ---- contacts -------------------------------------------------------------------------------

    def _message_post_after_hook(self, message, msg_values):
        """Every word between customer and us is a contact."""
        result = super()._message_post_after_hook(message, msg_values)
        direction = self._tell_direction(message)
        if direction == "in":
            noise = self._tell_noise(message)
            case = self._find_home(message, noise)
            case._add_message(message, "in", noise)
            if self.env.context.get("care_opening"):
                case._confirm(message, noise)
        elif direction:
            self._add_message(message, "out")
        return result

    def _add_message(self, message, direction, noise=None):
        """The contact of a message; mails of wrong clocks fall between opening and now."""
        opening = self.env.context.get("care_opening")
        inside = message.author_id.user_ids.filtered(lambda user: not user.share)[:1]
        channel = "email" if direction == "out" or message.message_type == "email" else "portal"
        self._add_contact(
            direction, self.channel if opening else channel,
            max(min(message.date, self.env.cr.now().replace(microsecond=0)), self.opened_at),
            partner=(self.partner_id if opening else message.author_id)
            if direction == "in" else None,
            user=inside if direction == "out" else None, message=message, noise=noise)

    def _tell_direction(self, message):
        """"in", "out", or None for what is internal or automatic."""
        if message.message_type not in ("email", "comment") or message.is_internal:
            return None
        if message.subtype_id != self.env.ref("mail.mt_comment"):
            return None
        if self.env.context.get("care_opening"):
            return "in"
        return "out" if self._is_colleague(message.author_id) else "in"

    def _is_colleague(self, author):
        """One of us who speaks for us, not one whose own matter this is."""
        inside = author.user_ids.filtered(lambda user: not user.share)
        return bool(inside) and author != self.partner_id

    # ---- what leaves ----------------------------------------------------------------------------

    def _notify_get_reply_to_batch(self, defaults=None, author_ids=None):
        """Answers come to the team's address."""
        found = super()._notify_get_reply_to_batch(defaults=defaults, author_ids=author_ids)
        for case in self:
            alias = case.team_id.sudo().alias_id  # aliases are for administrators
            if alias.alias_name and alias.alias_domain_id:
                found[case.id] = self._notify_get_reply_to_formatted_email(
                    alias.alias_full_name, author_id=(author_ids or {}).get(case.id))
        return found

    def _notify_by_email_get_base_mail_values(self, message, recipients_data,
                                              additional_values=None):
        """The number stands in every subject: a mail whose references are lost still joins."""
        values = super()._notify_by_email_get_base_mail_values(
            message, recipients_data, additional_values=additional_values)
        subject = values.get("subject") or message.subject or ""
        if self and self.number and f"[{self.number}]" not in subject:
            values["subject"] = f"[{self.number}] {subject}".strip()
        return values
