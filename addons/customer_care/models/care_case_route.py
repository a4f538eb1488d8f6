import logging
import re

from odoo import api, models
from odoo.tools import email_normalize

_logger = logging.getLogger(__name__)

#: "[C00042]" in a subject, whatever the numbers look like.
BRACKETS = re.compile(r"\[([^\[\]\s]{2,30})\]")
#: Values of Precedence of lists and groups: a person wrote, and an automatic answer is unwanted.
BULK = ("bulk", "junk", "list")
ANSWERING = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-For")
#: Words of `_tell_automatic` for mails that nobody wrote.
UNWRITTEN = ("answer", "program")


class CareCase(models.Model):
    """Where a mail belongs: which case it joins, and which mail opens none."""

    _inherit = "care.case"

    @api.model
    def _tell_automatic(self, message) -> str | None:
        """"answer" for an automatic answer, "program" for other mails that nobody wrote.

        "list" is a person's mail that came through a list or a group, or that wants no automatic
        answer; None any other of a person. RFC 3834 (Auto-Submitted), and what was used before it.
        """
        submitted = (message.get("Auto-Submitted") or "").strip().lower()
        precedence = (message.get("Precedence") or "").strip().lower()
        if submitted.startswith("auto-replied") or precedence == "auto_reply" or any(
                message.get(header) for header in ANSWERING):
            return "answer"
        if submitted and not submitted.startswith("no"):
            return "program"
        if precedence in BULK or message.get("List-Id") or message.get("X-Auto-Response-Suppress"):
            return "list"
        return None

    @api.model
    def _route_mail(self, message, message_dict, route):
        """The route with the case it belongs to, or () when it must not open one."""
        model, thread_id, values, user, alias = route
        sender = email_normalize(message_dict.get("email_from") or "")
        if sender and self._is_our_address(sender):
            _logger.info("Mail %s of our own address %s opens no case",
                         message_dict.get("message_id"), sender)
            return ()
        # The gateway may write to cases that its own user does not see.
        case = self.sudo().browse(thread_id or ()).exists() or self._find_by_number(
            message_dict, sender)
        if case:
            return (model, case._stands_for().id, values, user, alias)
        if self._tell_automatic(message) == "answer":
            _logger.info("Automatic answer %s of %s belongs to no case: dropped",
                         message_dict.get("message_id"), sender)
            return ()
        return route

    def _stands_for(self):
        """The case in which a merged one, or a duplicate, goes on."""
        case = self
        for _step in range(10):  # a chain that somebody closed to a ring ends, too
            further = case.parent_id or case.duplicate_of_id
            if not further:
                break
            case = further
        return case

    @api.model
    def _is_our_address(self, sender: str) -> bool:
        """An address that we send from or receive at: its mails are our own, come back."""
        # Aliases and their domains are for administrators.
        domains = self.env["mail.alias.domain"].sudo().search([])
        ours = {*domains.mapped("bounce_email"), *domains.mapped("catchall_email"),
                *domains.mapped("default_from_email")}
        return sender in ours or bool(self.env["mail.alias"].sudo().search_count(  # as above
            [("alias_full_name", "=", sender)], limit=1))

    @api.model
    def _find_by_number(self, message_dict, sender):
        """The case whose number stands in the subject, if the sender has to do with it."""
        numbers = BRACKETS.findall(message_dict.get("subject") or "")[:5]
        if not numbers or not sender:
            return self.browse()
        # The gateway may write to cases that its own user does not see.
        for case in self.sudo().search([("number", "in", numbers)], order="id desc", limit=20):
            if case._knows_sender(sender):
                return case
        return self.browse()

    def _knows_sender(self, sender: str) -> bool:
        """The customer, a colleague of his, somebody who reads along, or one of our agents."""
        people = self.partner_id | self.message_partner_ids | self.contact_ids.partner_id
        addresses = [self.email_from, *people.mapped("email"), *(self.email_cc or "").split(",")]
        if sender in {email_normalize(address or "") for address in addresses}:
            return True
        writers = self.env["res.partner"].sudo().search([  # contacts of every salesperson
            ("email_normalized", "=", sender)])
        agents = writers.user_ids.filtered(
            lambda user: user.has_group("customer_care.group_customer_care_user"))
        return bool(agents) or bool(
            self.commercial_partner_id and
            self.commercial_partner_id in writers.commercial_partner_id)
