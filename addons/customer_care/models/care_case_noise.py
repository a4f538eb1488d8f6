from lxml import etree, html
from odoo import models
from odoo.addons.customer_care.engine import gratitude
from odoo.tools import html2plaintext

from .care_case_route import UNWRITTEN

#: Files that mail programs add by themselves.
SIGNATURE_FILES = ("application/pkcs7-signature", "application/x-pkcs7-signature",
                   "application/pgp-signature", "text/vcard", "text/x-vcard")
#: The mail that is answered, as mail programs mark it.
QUOTES = ("//blockquote | //*[@data-o-mail-quote] | //*[contains(@class, 'gmail_quote')]"
          " | //*[@id='appendonsend']/following-sibling::*")


class CareCase(models.Model):
    """What of the mails is no word: a customer's mere thanks, and what a program wrote."""

    _inherit = "care.case"

    def message_post(self, **kwargs):
        """A colleague's absence is a note: no reply of ours, and nothing for the customer."""
        program = self.env.context.get("care_automatic") in UNWRITTEN
        if program and not self.env.context.get("care_opening") and self._is_colleague(
                self.env["res.partner"].browse(kwargs.get("author_id") or ())):
            kwargs |= {"subtype_id": self.env.ref("mail.mt_note").id, "partner_ids": []}
        return super().message_post(**kwargs)

    def _tell_noise(self, message):
        """"automatic", "thanks", or None: somebody wants something."""
        if self.env.context.get("care_automatic") in UNWRITTEN:
            return "automatic"
        if self.env.context.get("care_opening") or self._has_files(message):
            return None
        company = self.company_id
        thanks, matter = (
            tuple(line.strip() for line in (text or "").splitlines() if line.strip())
            for text in (company.care_thanks_words, company.care_matter_words))
        if gratitude.is_thanks(self._own_text(message.body), thanks, matter, self._names(message)):
            return "thanks"
        return None

    def _names(self, message):
        """Names that may stand beside the thanks: the writer's, and those of our people."""
        people = [message.author_id.name, self.partner_id.name, self.user_id.name,
                  self.resolver_id.name, self.team_id.name, self.company_id.name]
        return tuple(word for name in people for word in (name or "").split())

    def _has_files(self, message):
        """Files that the customer chose; pictures of a signature are not."""
        return any(
            file.mimetype not in SIGNATURE_FILES and f"/web/image/{file.id}" not in message.body
            for file in message.sudo().attachment_ids)  # files of a message just received

    def _own_text(self, body) -> str:
        """The text without the mail that it answers."""
        if not body:
            return ""
        try:
            tree = html.fragment_fromstring(body, create_parent="div")
        except (etree.ParserError, ValueError):
            return html2plaintext(body)
        for quote in tree.xpath(QUOTES):
            quote.drop_tree()
        return html2plaintext(etree.tostring(tree, encoding="unicode"), include_references=False)
