from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from .care_stage import OPEN_KINDS

#: What a customer may read of his case; all other fields are ours.
PORTAL_FIELDS = frozenset({
    "id", "display_name", "number", "name", "kind", "category_id", "product_id",
    "lot_name", "order_id", "order_line_id", "partner_id", "company_id", "stage_kind",
    "opened_at", "last_resolved_at", "closed_at", "active", "create_date", "write_date",
    "access_url", "access_token", "access_warning", "message_ids", "message_partner_ids",
    "message_attachment_count", "website_message_ids", "rating_ids",
})
#: How often customers open one case again within 24 hours: each time people get a mail.
MOST_REOPENED = 5
#: Here the description is what the customer wrote; elsewhere it is what a colleague noted.
WRITTEN = ("email", "web", "portal")


class CareCase(models.Model):
    """What a customer sees of his case, and what he may do: settle it, open it again."""

    _inherit = "care.case"

    def _has_field_access(self, field, operation):
        """Of a case its customer reads what his page shows, and writes nothing but messages."""
        if not super()._has_field_access(field, operation):
            return False
        if self.env.su or self.env.user._is_internal():
            return True
        return operation == "read" and field.name in PORTAL_FIELDS

    def _search(self, domain, offset=0, limit=None, order=None, **options):
        """The agents' order rests on what a customer may not read: his newest case comes first."""
        if order == self._order and not self.env.su and not self.env.user._is_internal():
            order = "opened_at DESC, id DESC"
        return super()._search(domain, offset=offset, limit=limit, order=order, **options)

    def _tell_customer_state(self) -> str:
        """Where the case stands, in the customer's words."""
        self.ensure_one()
        _ = self.env._
        if self._stands_for() != self:
            return _("Goes on elsewhere")
        return {
            "new": _("Received"), "open": _("In work"), "waiting": _("Waiting for you"),
            "resolved": _("Resolved"), "closed": _("Closed"),
        }[self.stage_kind]

    def _tell_customer_words(self):
        """What the customer wrote at the beginning, where no message below says it."""
        self.ensure_one()
        told = self.channel in WRITTEN and not self.contact_ids.message_id
        return self.description if told else False

    def _find_customer_home(self):
        """The case of the same customer in which this one goes on, or none."""
        self.ensure_one()
        home = self._stands_for()
        return home if home != self and home.partner_id == self.partner_id else self.browse()

    def _may_settle(self) -> bool:
        self.ensure_one()
        return self.stage_kind in OPEN_KINDS and self._stands_for() == self

    def _may_reopen(self) -> bool:
        """Resolved or closed not too long ago, and not opened again all day long."""
        self.ensure_one()
        if self.stage_kind == "closed":
            latest = self.closed_at + timedelta(days=self.company_id.care_reopen_days)
            if self.close_reason == "spam" or fields.Datetime.now() >= latest:
                return False
        return (self.stage_kind not in OPEN_KINDS and self._stands_for() == self
                and not self._is_reopened_often())

    def _is_reopened_often(self) -> bool:
        """Opened again so often lately that it helps nobody; an agent still may."""
        self.ensure_one()
        since = fields.Datetime.now() - timedelta(days=1)
        lately = self.contact_ids.filtered(lambda word: word.did_reopen and word.at > since)
        return len(lately) >= MOST_REOPENED

    def _reopen_by_customer(self, partner, reason: str):
        """The customer says that it is not settled, and why: the word that opens it again."""
        self.ensure_one()
        if not self._may_reopen():
            raise UserError(self.env._(
                "This case cannot be opened again now: please open a new one."))
        self.with_context(care_reopening=True).message_post(
            body=plaintext2html(reason), author_id=partner.id, message_type="comment",
            subtype_xmlid="mail.mt_comment")

    def _tell_noise(self, message):
        """Who opens his case again wants something, whatever his words are."""
        return None if self.env.context.get("care_reopening") else super()._tell_noise(message)

    def _settle_by_customer(self, partner):
        """The customer says himself that it is settled; said twice it is settled once."""
        self.ensure_one()
        if not self._may_settle():
            return
        self._set_settled()
        self.message_post(
            body=self.env._("The customer says that this is settled."), author_id=partner.id,
            subtype_xmlid="mail.mt_note")

    def _set_settled(self):
        self.with_context(care_settled=True).action_resolve()

    def _tell_resolver(self):
        """When the customer says that it is settled, it was settled by whose case it is."""
        return self.user_id if self.env.context.get("care_settled") else super()._tell_resolver()
