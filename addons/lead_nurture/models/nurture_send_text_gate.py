from odoo import api, fields, models
from odoo.addons.lead_nurture.engine.gate import Verdict
from odoo.tools import SQL

from .nurture_send_gate import BUSY


class NurtureSend(models.Model):
    """The gate at the door for text messages. Core's queue of them knows no later moment: what is
    held is taken out of it, and put back by the settling cron when its time has come."""

    _inherit = "nurture.send"

    held_until = fields.Datetime(readonly=True)

    _text_idx = models.Index("(message_id) WHERE channel = 'sms'")

    def _register_hook(self):
        """Ask the gate in core's one method that hands text messages over. Its module may be
        missing, so the class cannot be extended the usual way."""
        super()._register_hook()
        texts = self.env.registry.get("sms.sms")
        if texts is None or hasattr(texts._send, "nurture_origin"):
            return

        def _send(self, *args, **options):
            # sudo: the ledger is not the sender's to read
            going = self.env["nurture.send"].sudo()._filter_texts(self)
            return _send.nurture_origin(going, *args, **options) if going else None

        _send.nurture_origin = texts._send
        texts._send = _send

    @api.model
    def _filter_texts(self, texts):
        """Of these text messages, those that may leave now. All is written before anything
        leaves: a transaction that is lost here has sent nothing."""
        now = fields.Datetime.now()
        sends = self.search(
            [("channel", "=", "sms"), ("message_id", "in", texts.mapped("uuid"))], order="id"
        )
        by_uuid = {text.uuid: text for text in texts}
        stopped, served = texts.browse(), self.person_id
        for send in sends:
            verdict = send._leaves(now, send.held_until)
            if verdict.until == now and send.person_id in served and send._cap_allows_one():
                verdict = Verdict(now + BUSY, "busy")
            if verdict.until is not None and verdict.until <= now:
                served |= send.person_id
                continue
            send._hold_text(verdict)
            stopped |= by_uuid[send.message_id]
        stopped.sudo().write({"state": "canceled"})  # sudo: core's own queue
        return texts - stopped

    def _cap_allows_one(self):
        """Whether two texts of one batch must not go to one person before they are counted."""
        return self.category == "marketing" and self.company_id._nurture_policy().cap > 0

    def _hold_text(self, verdict):
        if verdict.until is None:
            self._write_rows(state="cancel", failure_type=verdict.reason, held_until=False)
        else:
            self._write_rows(state="retry", held_until=verdict.until)

    def _settle_texts(self, now):
        held = self.filtered(lambda send: send.state == "retry" and send.held_until)
        super(NurtureSend, self - held)._settle_texts(now)
        due = held.filtered(lambda send: send.held_until <= now)
        if due:
            texts = self.env["sms.sms"].search([("uuid", "in", due.mapped("message_id"))])
            texts.write({"state": "outgoing"})
            due._write_rows(state="queued")
            self.env["ir.cron"]._nurture_wake("sms.ir_cron_sms_scheduler_action")

    def _refusals_of_text(self):
        """Who opted out by phone, or of mails since: a text message is no way round that."""
        number, address = self.address, self.lead_id.email_normalized
        # sudo: who opted out is looked up for the decision only
        refused = self.env["phone.blacklist"].sudo().search_count(
            [("number", "=", number)], limit=1
        )
        return "sms_blacklist" if refused else self._refusals([address]).get(address)

    def _refusal(self):
        if self.channel == "sms":
            return self._refusals_of_text() or self._reason_left()
        return super()._refusal()

    def _query_text_left(self):
        if "sms.sms" not in self.env:
            return super()._query_text_left()
        self.env["sms.sms"].flush_model(["uuid", "state"])
        # unique key of sms_sms(uuid)
        return SQL(
            """(SELECT m.write_date FROM sms_sms m WHERE m.uuid = s.message_id
                   AND m.state IN ('process', 'pending', 'sent'))"""
        )
