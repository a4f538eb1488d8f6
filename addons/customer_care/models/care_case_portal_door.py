from datetime import timedelta

from odoo import api, models
from odoo.addons.customer_care.engine.files import FILE_BYTES, FILES, fault
from odoo.exceptions import AccessError, UserError
from odoo.tools.mimetypes import guess_mimetype

from .care_stage import OPEN_KINDS

#: Words by our pages on one case, in so many minutes; who writes a mail is not slowed down.
MOST_WORDS, MINUTES = 10, 10
#: What a customer says of his message by RPC; all else (kind, author, readers) is told by us, and
#: files come by core's address for them.
SAID = frozenset({"body", "subject"})
#: What core's address for messages takes from a colleague, and not from a customer.
OURS = frozenset({"message_type", "subtype_xmlid", "rating_value"})


class CareCase(models.Model):
    """What every word by one of our pages keeps to, whichever page it comes from.

    A customer, or whoever holds the link to a case, writes by the message box of the portal, by a
    button or by core's own address for messages: the limits stand here, where the word arrives.
    """

    _inherit = "care.case"

    @api.model
    def _get_allowed_message_params(self):
        """What comes by a page is a word: no mail, no note and no rating, whatever it is called."""
        allowed = super()._get_allowed_message_params()
        return allowed if self.env.user._is_internal() else allowed - OURS

    def message_post(self, **kwargs):
        """A customer's word is read by all who read his case, unless code of ours says otherwise.

        What he posts by RPC is a comment in his own name: a note of his would stand in the file
        without anybody being told of it, nor he himself seeing it.
        """
        case = self
        if not self.env.user._is_internal():
            if not self.env.su:
                kwargs = {key: value for key, value in kwargs.items() if key in SAID}
                kwargs["message_type"] = "comment"
                self.check_access("read")
                case = self.sudo()  # messages of cases are made by code only
            if not kwargs.get("subtype_id"):
                kwargs.setdefault("subtype_xmlid", "mail.mt_comment")
        return super(CareCase, case).message_post(**kwargs)

    def message_notify(self, **kwargs):
        self._refuse_customers()
        return super().message_notify(**kwargs)

    def message_mail_with_source(self, *args, **kwargs):
        self._refuse_customers()
        return super().message_mail_with_source(*args, **kwargs)

    def message_post_with_source(self, *args, **kwargs):
        self._refuse_customers()
        return super().message_post_with_source(*args, **kwargs)

    def _refuse_customers(self):
        """Mails in our name, to whom they like, are not for customers."""
        if not self.env.su and not self.env.user._is_internal():
            raise AccessError(self.env._("Please write your message on the page of your case."))

    def _process_attachments_for_post(self, attachments, attachment_ids, message_values):
        """Files of a customer are few and small, and no programs, also when he edits a message."""
        if attachment_ids and not self.env.user._is_internal():
            self._check_files(attachment_ids)
        return super()._process_attachments_for_post(attachments, attachment_ids, message_values)

    def _check_files(self, attachment_ids):
        """Told by what is in a file: its type was guessed from the name alone."""
        # What he has just uploaded hangs on nothing yet.
        files = self.env["ir.attachment"].sudo().browse(attachment_ids).exists()
        if len(files) > FILES:
            raise UserError(self.env._("%s files at most with one message.", FILES))
        for file in files:
            small = file.file_size <= FILE_BYTES
            wrong = fault(
                file.name or "", file.file_size, guess_mimetype(file.raw or b"") if small else "")
            if wrong:
                raise UserError({
                    "large": self.env._("%s is larger than 5 MB.", file.name),
                    "type": self.env._(
                        "%s: only pictures, PDF and plain text, named by what they are.",
                        file.name),
                }[wrong])

    def _add_message(self, message, direction, noise=None):
        """A word that would be one too many is refused before anybody is told of it."""
        if direction == "in" and message.message_type == "comment":
            if self._is_flooded():
                raise UserError(self.env._(
                    "That were many messages in a short time: please wait a few minutes."))
            if not noise and self.stage_kind not in OPEN_KINDS and self._is_reopened_often():
                raise UserError(self.env._(
                    "This case was opened again often today: please open a new one."))
        return super()._add_message(message, direction, noise)

    def _is_flooded(self) -> bool:
        """More words by our pages than a person has in a few minutes."""
        since = self.env.cr.now() - timedelta(minutes=MINUTES)
        lately = self.sudo().contact_ids.filtered(  # a customer reads no contacts
            lambda word: word.channel == "portal" and word.direction == "in" and word.at > since)
        return len(lately) >= MOST_WORDS
