from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from .care_stage import OPEN_KINDS


class CareCase(models.Model):
    """What a word of the customer does to a case that waits, is resolved or closed."""

    _inherit = "care.case"

    def action_resolve(self):
        """A form says which word stood on it: a later one, still unanswered, is read first.

        Also when the click is repeated because a mail overtook it.
        """
        seen = fields.Datetime.to_datetime(self.env.context.get("care_seen"))
        if seen and any(case.waiting_since and case.last_inbound_at > seen for case in self):
            raise UserError(self.env._(
                "The customer wrote in the meantime: reload the page and read it first."))
        return super().action_resolve()

    def _on_inbound(self, contact):
        """Each real word writes to the case: of two who do at once, one begins again."""
        super()._on_inbound(contact)
        if not contact.is_noise:
            self._note({"last_inbound_at": contact.at})
        if self.stage_kind == "waiting" and contact.noise_reason != "automatic":
            self._move_to("open")
        elif not contact.is_noise and self.stage_kind not in OPEN_KINDS:
            self._reopen_by(contact)

    def _reopen_by(self, contact):
        """Spam stays where it is; everything else is open again."""
        if self.close_reason == "spam":
            return
        contact.sudo().did_reopen = True  # contacts are written by code only
        self._move_to("open")
        people = (self.resolver_id | self.user_id).filtered("active").partner_id
        if people - contact.partner_id:
            self.message_notify(
                partner_ids=(people - contact.partner_id).ids,
                subject=self.env._("Open again: %s", self.display_name),
                body=self.env._("The customer wrote again: the case is open again."))

    def _take_back_reopen(self, contact):
        """The word that opened the case again needs no answer after all."""
        contact.sudo().did_reopen = False  # contacts are written by code only
        self._note({"reopen_count": self.reopen_count - 1})
        if self.stage_kind in OPEN_KINDS and not self._spoke_after(contact):
            self._settle_back()

    def _settle_back(self):
        """Resolved as it was before it was opened again."""
        resolver, resolved_at = self.resolver_id, self.last_resolved_at
        self._move_to("resolved")
        self._note({"resolver_id": resolver.id, "last_resolved_at": resolved_at})

    def _spoke_after(self, contact):
        return any(other.at >= contact.at and not other.is_noise
                   for other in self.contact_ids - contact)

    # ---- where a late word goes -----------------------------------------------------------------

    def _find_home(self, message, noise):
        """The case that a customer's message belongs to; it goes there with its files."""
        home = self._stands_for()
        if not noise and home._is_too_old():
            home = home._find_followup() or home._open_followup(message)
        if home != self:
            self._carry(message, home)
        return home

    def _is_too_old(self):
        days = self.company_id.care_reopen_days
        return (self.stage_kind == "closed" and self.close_reason != "spam" and self.closed_at
                and self.closed_at < self.env.cr.now() - timedelta(days=days))

    def _find_followup(self):
        """The latest case of the same customer in which it goes on already, or none."""
        own = self.followup_ids.filtered(
            lambda case: case.commercial_partner_id == self.commercial_partner_id)
        homes = (case._stands_for() for case in own.sorted("id", reverse=True))
        return next((home for home in homes if not home._is_too_old()), self.browse())

    def _open_followup(self, message):
        """A new case of the same matter, linked to the old one."""
        agent = self.user_id if self.user_id.active else self.user_id.browse()
        # A customer who answers in the portal opens it, too.
        case = self.sudo().with_context(care_by_mail=True).create({
            "name": self.name, "description": message.body, "previous_id": self.id,
            "partner_id": (message.author_id if message.author_id.commercial_partner_id
                           == self.commercial_partner_id else self.partner_id).id,
            "channel": "email" if message.message_type == "email" else "portal",
            "team_id": self.team_id.id, "company_id": self.company_id.id, "user_id": agent.id,
            "kind": self.kind, "severity": self.severity, "category_id": self.category_id.id,
            "product_id": self.product_id.id, "lot_name": self.lot_name,
            "order_id": self.order_id.id, "order_line_id": self.order_line_id.id,
        }).with_context(care_by_mail=False)
        self._message_log(body=self._link_note(self.env._("Goes on in %s."), case))
        case._message_log(body=self._link_note(self.env._("Follow-up of %s."), self))
        return case

    def _carry(self, messages, target):
        """These messages and their files go over to another case."""
        # They belong to the other case, whoever wrote them.
        messages = messages.sudo()
        messages.attachment_ids.filtered(lambda file: (file.res_model, file.res_id) == (
            self._name, self.id)).write({"res_id": target.id})
        messages.write({"res_id": target.id})
