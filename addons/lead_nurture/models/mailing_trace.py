import logging

from odoo import fields, models

_logger = logging.getLogger(__name__)


class MailingTrace(models.Model):
    """Core's record of one recipient, made findable at scale, and a source of events."""

    _inherit = "mailing.trace"

    # replies and bounces look traces up by Message-Id, statistics by record, bounce counts by
    # address: core reads the whole table for each
    _nurture_message_idx = models.Index("(message_id) WHERE message_id IS NOT NULL")
    _nurture_record_idx = models.Index("(model, res_id)")
    _nurture_email_idx = models.Index("(email)")

    def set_replied(self, domain=None):
        traces = super().set_replied(domain=domain)
        traces._nurture_record("mail_reply")
        return traces

    def set_bounced(self, domain=None, bounce_message=False):
        traces = super().set_bounced(domain=domain, bounce_message=bounce_message)
        traces._nurture_record("mail_bounce")
        return traces

    def _nurture_record(self, kind):
        """Answers and bounces of mails of scenarios are events of their person, at once. A mail
        that comes in is never lost for it: what fails here is read again behind the mark."""
        try:
            with self.env.cr.savepoint():
                self._nurture_insert(kind)
        except Exception:  # also conflicts: the gateway does not repeat its work
            self.env["nurture.event"].invalidate_model(flush=False)
            _logger.info("an event of kind %s is left to the cron", kind, exc_info=True)

    def _nurture_insert(self, kind):
        # sudo: the mail gateway runs as anybody
        sends = self.env["nurture.send"].sudo().search([("trace_id", "in", self.ids)])
        now = fields.Datetime.now()
        self.env["nurture.event"].sudo()._insert_events(  # sudo: events are written by the engine
            [send._prepare_event_vals(kind, now) for send in sends if send.person_id]
        )
