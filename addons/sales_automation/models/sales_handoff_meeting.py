from odoo import Command, models

from .moments import tell_moment


class SalesHandoff(models.Model):
    """The meeting that was agreed with a hand-off, when the receiver does not take the deal."""

    _inherit = "sales.handoff"

    def _get_open_meeting(self, now):
        """The agreed meeting, as long as it is to come."""
        return self.meeting_id.filtered(lambda meeting: meeting.active and meeting.start > now)

    def _settle_meeting(self, owner, now, *, is_kept=True):
        """Give the meeting to whoever has the deal, or cancel it; the chatter says which."""
        meeting = self._get_open_meeting(now)
        if not meeting:
            return
        when = tell_moment(self.env, meeting.start, year=True)
        if not is_kept:
            meeting.active = False
            self.lead_id.message_post(body=self.env._(
                "The meeting of %s is cancelled: tell the customer.", when))
        elif owner and self.to_user_id and meeting.user_id == self.to_user_id != owner:
            meeting.write({"user_id": owner.id, "partner_ids": [
                Command.unlink(self.to_user_id.partner_id.id), Command.link(owner.partner_id.id)]})
            self.lead_id.message_post(body=self.env._(
                "The meeting of %(when)s is now %(owner)s's.", when=when, owner=owner.name))
