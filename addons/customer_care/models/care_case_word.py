from textwrap import shorten

from odoo import api, fields, models
from odoo.tools.mail import html_to_inner_content

from .care_case import SPOKEN
from .care_stage import OPEN_KINDS

#: Letters of the customer's last message that a list tells.
EXCERPT = 120


class CareCase(models.Model):
    """Whose turn it is, derived from the contacts."""

    _inherit = "care.case"

    last_word = fields.Selection(
        [("in", "The customer wrote last"), ("out", "We wrote last")],
        compute="_compute_last_word", store=True,
        help="Who spoke last; what needs no answer (a thank-you, an automatic answer) is passed "
        "over.")
    waiting_since = fields.Datetime(
        "Customer waits since", compute="_compute_last_word", store=True,
        help="His first word that we have not answered yet. Lists and cards show the time since "
        "then by the clock, nights and days off included. Empty: it is his turn, or the case is "
        "settled.")

    customer_words = fields.Char(
        "Customer said last", compute="_compute_last_word", store=True,
        help="The beginning of his last message; of a call, what was noted when it came in.")

    # What agents see first: who waits longest in their company.
    _waiting_idx = models.Index("(company_id, waiting_since) WHERE waiting_since IS NOT NULL")

    @api.depends("stage_kind", "contact_ids.at", "contact_ids.direction", "contact_ids.is_noise",
                 "contact_ids.channel", "contact_ids.message_id.body")
    def _compute_last_word(self):
        """One look for all: contacts from the first to the last."""
        contacts = self.env["care.case.contact"].search_fetch(
            [("case_id", "in", self.ids), ("is_noise", "=", False)],
            ["case_id", "direction", "channel", "at", "message_id"], order="at, id").grouped(
                "case_id")
        for case in self:
            word = since = False
            for contact in contacts.get(case._origin, ()):
                if contact.direction == "out" or contact.channel in SPOKEN:
                    since = False  # whoever speaks with us is answered at once
                elif not since:
                    since = contact.at
                word = contact.direction
            case.last_word = word
            case.customer_words = case._tell_customer_said(contacts.get(case._origin, ()))
            case.waiting_since = case.stage_kind in OPEN_KINDS and since

    def _tell_customer_said(self, contacts):
        """A line of plain words, without the mail that they answer.

        Of a message that was emptied or deleted nothing is told: the one before it is the last.
        """
        for contact in reversed(contacts or ()):
            if contact.direction == "out":
                continue
            words = html_to_inner_content(contact.message_id.body or "")
            if words or (contact.channel in SPOKEN and not contact.message_id):
                break
        else:
            words = ""
        words = words or html_to_inner_content(self.description or "")
        return shorten(words, EXCERPT, placeholder="…") or False
