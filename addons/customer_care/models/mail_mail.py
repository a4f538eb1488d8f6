from odoo import fields, models


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _send(self, *args, **kwargs):
        """A reminder's mail is held back when its reason is gone, or a reason came up, since."""
        return super(MailMail, self - self._care_hold_back())._send(*args, **kwargs)

    def _care_hold_back(self):
        """Mails among these whose reminder is not to leave any more, cancelled."""
        # The queue runs for everybody's reminders. Index on mail_id.
        reminders = self.env["care.reminder"].sudo().search([
            ("mail_id", "in", self.ids), ("mail_id.state", "=", "outgoing"),
            ("state", "in", ("sent", "done"))])
        if not reminders:
            return self.browse()
        mails = reminders._hold_back_at_the_door(fields.Datetime.now()).mail_id
        mails.write({"state": "cancel", "failure_reason": self.env._(
            "Not sent: the reminder was held back, its reason stands on it.")})
        return mails
