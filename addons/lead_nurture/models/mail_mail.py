import smtplib

from odoo import fields, models
from odoo.tools import SQL
from psycopg2 import errors


class MailMail(models.Model):
    """The outbox. For mails of scenarios the sender takes each row for itself and asks once more
    whether it may be sent, right before the mail leaves."""

    _inherit = "mail.mail"

    nurture_send_id = fields.Many2one(
        "nurture.send", "Message of a scenario", index="btree_not_null", ondelete="set null",
        readonly=True,
    )

    # our own mails that still have to leave
    _nurture_due_idx = models.Index(
        "(scheduled_date) WHERE nurture_send_id IS NOT NULL AND state = 'outgoing'"
    )

    def _get_tracking_url(self):
        # sudo: the sender may be any user who sends by hand
        send = self.sudo().nurture_send_id
        return send._pixel_url(self.get_base_url()) if send else super()._get_tracking_url()

    def _send(self, auto_commit=False, raise_exception=False, smtp_session=None,
              alias_domain_id=False, mail_server=False, post_send_callback=None):
        ours = self.filtered(lambda mail: mail.sudo().nurture_send_id)  # sudo: see above
        options = {
            "auto_commit": auto_commit,
            "raise_exception": raise_exception,
            "smtp_session": smtp_session,
            "alias_domain_id": alias_domain_id,
            "mail_server": mail_server,
            "post_send_callback": post_send_callback,
        }
        if not ours:
            return super()._send(**options)
        if self - ours:
            super(MailMail, self - ours)._send(**options)
        for mail in ours:
            leaves = mail._nurture_take() and mail._nurture_may_leave()
            if leaves:
                try:
                    super(MailMail, mail)._send(**options)
                except smtplib.SMTPServerDisconnected as error:
                    # whether the server has the mail is unknown, and the session is of no more
                    # use: keep what we know, leave the rest in the queue
                    mail._nurture_set_cut(error)
                    mail._nurture_commit(auto_commit)
                    raise
            # once a run core's queue hears that it gets on: it never says so itself, and a queue
            # that was killed three times in a row would be taken for stuck
            if not leaves or mail == ours[0]:
                mail._nurture_commit(auto_commit)
        self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_settle_sends")
        return True

    def _nurture_take(self):
        """Lock the row if it is still to be sent. Whoever else sends it, or has sent it since our
        transaction began, keeps it: so two senders never send one mail."""
        self.flush_recordset(["state"])
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(self._query_nurture_take(), log_exceptions=False)
                return bool(self.env.cr.fetchall())
        except errors.SerializationFailure:
            return False

    def _query_nurture_take(self):
        return SQL(
            """SELECT 1 FROM mail_mail WHERE id = %s AND state = 'outgoing'
                  FOR NO KEY UPDATE SKIP LOCKED""",
            self.id,
        )

    def _nurture_may_leave(self):
        """The gate, asked once more: the queue may have stood still since the mail was written."""
        now = fields.Datetime.now()
        send = self.sudo().nurture_send_id  # sudo: the ledger is not the sender's to read
        verdict = send._leaves(now, self.scheduled_date)
        if verdict.until is None:
            self._nurture_set_refused(verdict.reason)
        elif verdict.until > now:
            self.write({"scheduled_date": verdict.until})
        return verdict.until is not None and verdict.until <= now

    def _nurture_set_refused(self, failure):
        """Its recipient has opted out, or left, or has been waiting for it too long."""
        self.write({"state": "cancel", "failure_type": failure})
        self.mailing_trace_ids.write({"trace_status": "cancel", "failure_type": failure})

    def _nurture_set_cut(self, error):
        self.write(
            {
                "state": "exception",
                "failure_type": "unknown",
                "failure_reason": self.env._("The connection broke while sending: %s", error),
            }
        )
        self.mailing_trace_ids.set_failed(failure_type="unknown")

    def _nurture_commit(self, auto_commit):
        """As core's own loop: each mail that is settled stays settled."""
        if auto_commit:
            self.env["ir.cron"]._commit_progress(1)
