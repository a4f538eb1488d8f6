from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import cadence
from odoo.tools import SQL

BATCH = 500


class NurtureSend(models.Model):
    """What became of the queued mails: read from core, never written by a sender.

    A sender that wrote here could lose its transaction after the mail had left, and would then
    send it a second time.
    """

    _inherit = "nurture.send"

    @api.model
    def _cron_settle_sends(self):
        cron = self.env["ir.cron"]
        left = cron._commit_progress()  # the claim must be the first statement of its transaction
        last_id = 0
        while left:
            sends = self._claim_pending(last_id)
            if not sends:
                break
            sends._settle(fields.Datetime.now())
            last_id = sends[-1].id
            left = cron._commit_progress(len(sends), remaining=int(len(sends) == BATCH))
        self.env["nurture.waiter"]._wake_missed(fields.Datetime.now() - timedelta(hours=1))
        self._wake_mail_queue()

    @api.model
    def _claim_pending(self, last_id):
        rows = self.env.execute_query(self._query_claim_pending(last_id))
        return self.browse([row[0] for row in rows])

    @api.model
    def _query_claim_pending(self, last_id):
        # index nurture_send_pending_idx
        return SQL(
            """SELECT id FROM nurture_send
                WHERE state IN ('queued', 'retry') AND id > %s
             ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED""",
            last_id,
            BATCH,
        )

    def _settle(self, now):
        """Bring each row up to what its trace says."""
        traces = self.trace_id
        traces.fetch(["trace_status", "failure_type", "sent_datetime", "mail_mail_id_int"])
        by_status = self.grouped(lambda send: send.trace_id.trace_status)
        empty = self.browse()
        gone = ("sent", "open", "reply", "bounce")
        empty.union(*(by_status.get(status, empty) for status in gone))._set_sent()
        by_status.get("cancel", empty)._set_cancelled()
        for send in by_status.get("error", empty):
            send._settle_failure(now)

    def _settle_failure(self, now):
        """The server did not take it: again later, or never."""
        self.ensure_one()
        mail = self.env["mail.mail"].browse(self.mail_id).exists()
        reason = (mail.failure_reason or "")[:500]
        failure = self.trace_id.failure_type
        again = cadence.retry_at(now, self.attempts + 1, cadence.MAIL_RETRIES)
        if mail and again and cadence.mail_verdict(failure, reason) == "retry":
            mail.write({"state": "outgoing", "scheduled_date": again})
            self.trace_id.write({"trace_status": "outgoing", "failure_type": False})
            self._set_retry(failure, reason)
        else:
            self._set_failed(failure, reason)

    def action_resend(self):
        """Put failed mails back into the queue, after the cause was mended."""
        self.env["nurture.enrolment"]._check_user()
        self.check_access("read")
        failed = self.filtered(lambda s: s.state == "failed" and s.channel == "mail")
        for send in failed.sudo():  # sudo: engine's rows
            mail = self.env["mail.mail"].sudo().browse(send.mail_id).exists()  # sudo: the outbox
            mail.write({"state": "outgoing", "scheduled_date": False})
            send.trace_id.write({"trace_status": "outgoing", "failure_type": False})
            send._set_queued()
        self._wake_mail_queue()

    # ------------------------------------------------------------
    # STATE
    # ------------------------------------------------------------

    def _set_queued(self):
        """Sent once more by hand: it is as late as if it had been written now."""
        self._write_rows(state="queued", attempts=0, planned_at=fields.Datetime.now())

    def _set_sent(self):
        """They left; when, the trace of core knows."""
        for send in self:
            send._write_rows(
                state="sent",
                sent_at=send.trace_id.sent_datetime or fields.Datetime.now(),
                failure_type=False,
                failure_reason=False,
            )
        self.env["nurture.event"]._insert_events(
            [send._prepare_event_vals("mail_sent", send.sent_at) for send in self if send.person_id]
        )

    def _set_cancelled(self):
        for failure, sends in self.grouped(lambda send: send.trace_id.failure_type).items():
            sends._write_rows(state="cancel", failure_type=failure)

    def _set_retry(self, failure, reason):
        self._write_rows("attempts", state="retry", failure_type=failure, failure_reason=reason)

    def _set_failed(self, failure, reason):
        self._write_rows("attempts", state="failed", failure_type=failure, failure_reason=reason)

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _prepare_event_vals(self, kind, occurred_at, key=""):
        """An event about this message. The key makes a second report of it harmless."""
        self.ensure_one()
        return {
            "person_id": self.person_id.id,
            "kind": kind,
            "occurred_at": occurred_at,
            "dedup_key": f"{kind}:send:{self.id}{key}",
            "source": "mail",
            "topic": self.node_id.name,
            "res_model": self._name,
            "res_id": self.id,
            "company_id": self.company_id.id,
        }

    @api.model
    def _wake_mail_queue(self):
        """Core's queue runs hourly and takes one batch: call it while mails of ours are due."""
        # sudo: the outbox of all users
        due = self.env["mail.mail"].sudo().search_count(
            [
                ("nurture_send_id", "!=", False),
                ("state", "=", "outgoing"),
                "|",
                ("scheduled_date", "=", False),
                ("scheduled_date", "<=", fields.Datetime.now()),
            ],
            limit=1,
        )
        if due:
            self.env["ir.cron"]._nurture_wake("mail.ir_cron_mail_scheduler_action")
