from odoo import models

# what core's states of a text message mean for the ledger
LEFT = ("process", "pending", "sent")


class NurtureSend(models.Model):
    """What became of text messages, read from core's queue by the same job as for mails."""

    _inherit = "nurture.send"

    def _settle(self, now):
        texts = self.filtered(lambda send: send.channel == "sms")
        super(NurtureSend, self - texts)._settle(now)
        if texts and "sms.sms" in self.env:
            texts._settle_texts(now)

    def _settle_texts(self, now):
        messages = self.env["sms.sms"].search([("uuid", "in", self.mapped("message_id"))])
        by_uuid = {message.uuid: message for message in messages}
        for send in self:
            message = by_uuid.get(send.message_id)
            if not message or message.state in LEFT:  # core forgets messages that left
                send._write_rows(state="sent", sent_at=now, failure_type=False)
            elif message.state == "error":
                send._set_failed(message.failure_type, False)
            elif message.state == "canceled":
                send._write_rows(state="cancel", failure_type=message.failure_type)

    def action_resend(self):
        """Texts that failed go back into core's queue as well."""
        result = super().action_resend()
        failed = self.filtered(lambda send: send.state == "failed" and send.channel == "sms")
        if failed and "sms.sms" in self.env:
            # sudo: core's queue and the engine's rows; the reader was checked above
            texts = self.env["sms.sms"].sudo()
            texts.search([("uuid", "in", failed.mapped("message_id"))]).write(
                {"state": "outgoing", "failure_type": False, "to_delete": False}
            )
            failed.sudo()._set_queued()  # sudo: see above
            self.env["ir.cron"]._nurture_wake("sms.ir_cron_sms_scheduler_action")
        return result
