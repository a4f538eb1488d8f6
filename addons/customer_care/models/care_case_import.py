from odoo import models


class CareCase(models.Model):
    """Cases that only tell what was: brought over from elsewhere, they set nothing in motion."""

    _inherit = "care.case"

    def _set_opened(self):
        if not self.env.context.get("care_imported"):
            super()._set_opened()

    def _set_brought(self, message, direction):
        """A contact of old: written down, and nobody is told of it."""
        author = message.author_id
        inside = author.user_ids.filtered(lambda user: not user.share)[:1]
        noise = self._tell_noise(message) if direction == "in" else None
        # Contacts are written by code alone.
        self.env["care.case.contact"].sudo().create({
            "case_id": self.id, "direction": direction, "channel": "email", "at": message.date,
            "partner_id": author.id if direction == "in" else False,
            "user_id": inside.id if direction == "out" else False, "message_id": message.id,
            "is_noise": bool(noise), "noise_reason": noise})

    def _set_imported(self):
        """The first contact, where no message tells of it, and the first reply."""
        self.ensure_one()
        contacts = self.contact_ids.filtered(lambda contact: not contact.is_noise)
        if "in" not in contacts.mapped("direction"):
            # Contacts are written by code alone.
            self.env["care.case.contact"].sudo().create({
                "case_id": self.id, "direction": "in", "channel": self.channel,
                "at": self.opened_at, "partner_id": self.partner_id.id})
        replies = contacts.filtered(lambda contact: contact.direction == "out").mapped("at")
        self._note({"first_response_at": min(replies) if replies else False})
