import logging
import re

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, consteq, hmac
from odoo.tools.mail import append_content_to_html

from .care_survey_invitation import ASKED
from .care_survey_invitation_skip import PLANNED_WITH
from .care_survey_program_due import WINDOW_DAYS
from .conflicts import BUSY

_logger = logging.getLogger(__name__)

#: Questions of one chunk: rendered mails are what takes the time.
BATCH = 50
#: Questions planned by one programme in one run; the rest follows with the next.
PLANNED = 2000
#: A question that failed so often waits for somebody.
ATTEMPTS = 5
#: Days before the last look that are looked at again: documents are posted with an older date.
OVERLAP_DAYS = 7
#: What `_get_message_id` gives; ids of the database end at 2³¹.
MESSAGE_ID = re.compile(
    r"<care-survey-(?P<id>[0-9]{1,9})-(?P<time>[12])-[0-9a-f]{32}@customer-care>", re.ASCII)
#: Days for which is told who was not asked and why.
KEPT_DAYS = 365


class CareSurveyInvitation(models.Model):
    """How questions leave: planned with the reasons against them, then mails in core's queue."""

    _inherit = "care.survey.invitation"

    @api.model
    def _cron_ask_customers(self):
        """Plan what became due, hand it to the queue of mails, remind, and let expire."""
        cron, now = self.env["ir.cron"], fields.Datetime.now()
        programs = self.env["care.survey.program"].search([("is_on", "=", True)])
        for program in programs:
            self._plan_safely(program, now)
            cron._commit_progress()
        for company in self.env["res.company"].search([]):
            self._take_back_unsent(company, now)
            self._query_expire(company, now)
            seconds = cron._commit_progress()
            for step in (self._forget_mails, self._send_due, self._remind_due):
                while seconds and (count := step(company, now)):
                    seconds = cron._commit_progress(count)

    # ---- planning -------------------------------------------------------------------------------

    def _plan_safely(self, program, now):
        """A programme that cannot look keeps its error, and the others go on."""
        try:
            with self.env.cr.savepoint():
                self._plan(program, now)
                program.error = False
        except BUSY:
            raise
        except Exception as error:  # shown on the programme; the next run tries again
            self.env.invalidate_all(flush=False)
            _logger.warning("Survey programme %s cannot plan: %s", program.id, error)
            program.error = str(error)

    def _plan(self, program, now) -> int:
        """A row for each event that became due since the programme was switched on."""
        self.env.flush_all()
        if program.trigger == "relational" and program.planned_at and (
                program.company_id._care_today(program.planned_at)
                == program.company_id._care_today(now)):
            return 0
        since = max(filter(None, (
            program.on_since,
            fields.Datetime.subtract(now, days=WINDOW_DAYS),
            program.planned_at and fields.Datetime.subtract(
                program.planned_at, days=OVERLAP_DAYS, hours=program.delay_hours))))
        until = fields.Datetime.subtract(now, hours=program.delay_hours)
        count = self._query_plan(program, now, since, until) if since < until else 0
        if count < PLANNED:
            program.planned_at = now
        self.invalidate_model(flush=False)
        return count

    # ---- sending --------------------------------------------------------------------------------

    @api.model
    def _send_due(self, company, now) -> int:
        """One chunk of what is due: skipped with its reason, or handed over."""
        self.env.flush_all()
        due = self._claim(self._query_claim_due(company, now))
        for program, invitations in due.grouped("program_id").items():
            # Since it was planned he may have been asked at another address, or as somebody else.
            found = invitations._judge(now, but=PLANNED_WITH)
            free = found.pop(None, self.browse())
            for reason, skipped in found.items():
                skipped._set_skipped(reason)
            free.with_company(company)._deliver_safely(program, now)
        self._wake_mail_queue(company, now, due)
        return len(due)

    @api.model
    def _remind_due(self, company, now) -> int:
        """Asked once more, and never again; whoever should not be asked now is left alone."""
        self.env.flush_all()
        due = self._claim(self._query_claim_reminders(company, now))
        for program, invitations in due.grouped("program_id").items():
            found = invitations._judge(now)
            free = found.pop(None, self.browse())
            # No second mail: their first one can still be answered.
            (invitations - free).reminded_at = now
            free.with_company(company)._deliver_safely(program, now, again=True)
        self._wake_mail_queue(company, now, due)
        return len(due)

    def _claim(self, ids):
        claimed = self.browse(ids)
        claimed.invalidate_recordset(flush=False)
        return claimed

    def _deliver_safely(self, program, now, again=False):
        """All at once; when one of them cannot, the others go and it keeps the error."""
        if not self:
            return
        try:
            with self.env.cr.savepoint():
                self._deliver(program, now, again)
                self.env.flush_all()
        except BUSY:
            raise
        except Exception as error:  # a template may raise anything; it stays on the row
            self.env.invalidate_all(flush=False)
            if len(self) > 1:
                half = len(self) // 2
                self[:half]._deliver_safely(program, now, again)
                self[half:]._deliver_safely(program, now, again)
                return
            _logger.warning("Survey invitation %s cannot leave: %s", self.id, error)
            if again:
                self.write({"reminded_at": now, "error": str(error)})
            else:
                self._set_failed(str(error), now)

    def _deliver(self, program, now, again):
        """Rows of core's queue, in each customer's language; never sent from here."""
        template = program._get_template()
        company = program.company_id
        leaves = company._care_survey_moment(now)
        self._ensure_token()
        mails = template.send_mail_batch(self.ids, force_send=False, email_values={
            "scheduled_date": leaves, "author_id": company.partner_id.id, "auto_delete": False})
        for invitation, mail in zip(self, mails, strict=True):
            mail.write(invitation._prepare_mail_vals(mail, again))
            invitation.mail_id = mail
            invitation.email = invitation.partner_id.email_normalized
        self._set_reminded(leaves) if again else self._set_sent(leaves)

    def _render_for_preview(self) -> dict:
        """The mail that `_deliver` would make, without making one."""
        self.ensure_one()
        wanted = ("body_html", "email_from", "subject")
        made = self.program_id._get_template()._generate_template(self.ids, wanted)[self.id]
        mail = self.env["mail.mail"].new({name: made.get(name) for name in wanted})
        return {"subject": mail.subject, "email_from": mail.email_from,
                "body_html": self._prepare_mail_vals(mail, False)["body_html"]}

    def _prepare_mail_vals(self, mail, again):
        """Its place in the customer's story, the way out, and a Message-Id that stays."""
        told = self.with_context(lang=self.partner_id.lang or self.env.lang)
        body = mail.body_html or ""
        if told.ask_url not in body:
            body = append_content_to_html(body, told.scale_html, plaintext=False)
        if told.stop_url not in body:
            body = append_content_to_html(body, Markup(
                '<p style="font-size: 12px;"><a href="{}">{}</a></p>').format(
                    told.stop_url, told.env._("No more surveys")), plaintext=False)
        record = self.case_id or self.partner_id
        values = {
            # What colleagues read on the record holds no link: only the customer answers.
            "body": Markup("<p>{}</p>").format(self.program_id.question),
            "body_html": body, "model": record._name, "res_id": record.id,
            "message_id": self._get_message_id(again),
            "headers": repr({
                "List-Unsubscribe": f"<{self._get_stop_url('oneclick')}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }),
        }
        if again:
            values["subject"] = told.env._("Reminder: %s", mail.subject)
        # What he writes back belongs to his case, else to whom the template names, or to whoever
        # asks: a catchall tells nobody.
        if case := self.case_id:
            values["reply_to"] = case._notify_get_reply_to(default=mail.email_from).get(case.id)
        elif not self.program_id._get_template().reply_to:
            values["reply_to"] = mail.email_from
        return values

    def _get_message_id(self, again):
        """The same on every try, and known to nobody but who got the mail: it is the key by which
        the mail may come back, and bounces are easily forged."""
        time = 2 if again else 1
        # The database's secret, which nobody may read.
        key = hmac(self.env(su=True), "care-survey-message", (self.id, time))[:32]
        return f"<care-survey-{self.id}-{time}-{key}@customer-care>"

    @api.model
    def _hear_bounce(self, message_ids, now):
        """A mail that came back asked nobody: the row says so, and waits for a better address."""
        for found in filter(None, map(MESSAGE_ID.fullmatch, message_ids)):
            invitation = self.browse(int(found["id"])).exists()
            again = found["time"] == "2"
            if invitation.state in ASKED and consteq(
                    found[0], invitation._get_message_id(again)):
                invitation._set_returned(
                    self.env._("The mail to %s came back.", invitation.email), now)

    def _wake_mail_queue(self, company, now, handed_over):
        """Nothing else wakes core's queue when a mail is created."""
        cron = self.env.ref("mail.ir_cron_mail_scheduler_action", raise_if_not_found=False)
        if cron and any(invitation.state in ASKED for invitation in handed_over):
            cron._trigger(company._care_survey_moment(now))

    @api.model
    def _take_back_unsent(self, company, now):
        """What core's queue could not deliver was not asked: the same mail is made again."""
        unsent = self.search([
            ("company_id", "=", company.id), ("state", "in", ASKED), ("mail_id", "!=", False),
            ("mail_id.state", "in", ("exception", "cancel"))], limit=BATCH)
        for invitation in unsent:
            mail = invitation.mail_id
            reason = mail.failure_reason or self.env._("The mail could not be sent.")
            if invitation.state == "reminded":
                invitation.error = reason
            elif mail.state == "cancel":
                invitation._set_returned(self.env._("The mail was cancelled in the queue."), now)
            else:
                invitation._set_failed(reason, now)
        # With its line on the case: nobody got it.
        unsent.mail_id.mail_message_id.unlink()

    @api.model
    def _forget_mails(self, company, now) -> int:
        """A mail that left holds the customer's own key: it goes, its line on the case stays.

        The row keeps when it left and to whom. Here and not by the queue itself, which would write
        this row between the sending of a mail and the end of its transaction.
        """
        left = self.search([
            ("company_id", "=", company.id), ("mail_id", "!=", False),
            ("mail_id.state", "=", "sent")], limit=BATCH)
        left.mail_id.is_notification = True
        left.mail_id.unlink()
        return len(left)

    def action_retry(self):
        """Ask those now whose mail failed."""
        self.check_access("read")
        if not self.env.user.has_group("customer_care.group_customer_care_user"):
            raise UserError(self.env._("Only customer care asks customers."))
        # Invitations are written by code only.
        self.sudo().filtered(lambda i: i.state == "failed").write(
            {"attempts": 0, "retry_at": fields.Datetime.now()})
        # Agents may not write crons.
        self.env.ref("customer_care.ir_cron_ask_customers").sudo()._trigger()

    @api.autovacuum
    def _gc_skipped(self):
        """Who was not asked more than a year ago, and why, is told no more."""
        now = fields.Datetime.now()
        return self._query_forget(fields.Datetime.subtract(now, days=KEPT_DAYS)), 0

    # ---- queries --------------------------------------------------------------------------------

    def _query_plan(self, program, now, since, until) -> int:
        """The unique event decides what is new. Index care_survey_invitation_event_uniq."""
        fresh = SQL(
            """SELECT x.* FROM (%s) x WHERE NOT EXISTS (
                   SELECT 1 FROM care_survey_invitation i
                    WHERE i.program_id = %s AND i.event = x.event)
             ORDER BY x.event_at, x.event LIMIT %s""",
            program._query_due(since, until), program.id, PLANNED)
        return len(self.env.execute_query(SQL(
            """INSERT INTO care_survey_invitation
                      (program_id, company_id, metric, partner_id, email, event, event_at, send_at,
                       case_id, order_id, move_id, state, reason, attempts, create_uid, write_uid,
                       create_date, write_date)
               SELECT %(program)s, %(company)s, %(metric)s, j.partner_id, j.email, j.event,
                      j.event_at, j.send_at, j.case_id, j.order_id, j.move_id,
                      CASE WHEN j.reason IS NULL THEN 'planned' ELSE 'skipped' END, j.reason, 0,
                      %(uid)s, %(uid)s, %(now)s, %(now)s
                 FROM (%(judged)s) j
             ORDER BY j.event_at, j.event
          ON CONFLICT DO NOTHING RETURNING id""",
            program=program.id, company=program.company_id.id, metric=program.metric,
            uid=self.env.uid, now=now, judged=self._query_judged(program, now, fresh))))

    def _query_claim_due(self, company, now) -> list[int]:
        """Held against others until the commit. Index care_survey_invitation_planned_idx."""
        return [row[0] for row in self.env.execute_query(SQL(
            """SELECT i.id FROM care_survey_invitation i
                 JOIN care_survey_program p ON p.id = i.program_id
                WHERE i.company_id = %(company)s
                  AND (i.state = 'planned' AND i.send_at <= %(now)s
                       OR i.state = 'failed' AND i.attempts < %(attempts)s
                          AND i.retry_at <= %(now)s)
                  AND (p.is_on OR i.is_test OR i.event LIKE 'hand:%%')
             ORDER BY i.id LIMIT %(batch)s FOR NO KEY UPDATE OF i SKIP LOCKED""",
            company=company.id, now=now, attempts=ATTEMPTS, batch=BATCH))]

    def _query_claim_reminders(self, company, now) -> list[int]:
        """Whose first mail has left. Index care_survey_invitation_open_idx."""
        return [row[0] for row in self.env.execute_query(SQL(
            """SELECT i.id FROM care_survey_invitation i
                 JOIN care_survey_program p ON p.id = i.program_id
                WHERE i.company_id = %(company)s AND i.state = 'sent' AND p.is_on
                  AND p.reminder_days > 0 AND i.reminded_at IS NULL AND i.expires_at > %(now)s
                  AND i.mail_id IS NULL
                  AND i.sent_at <= %(now)s::timestamp - p.reminder_days * '1 day'::interval
             ORDER BY i.id LIMIT %(batch)s FOR NO KEY UPDATE OF i SKIP LOCKED""",
            company=company.id, now=now, batch=BATCH))]

    def _query_forget(self, before) -> int:
        """One pass a day; their events are long out of reach of every look."""
        return len(self.env.execute_query(SQL(
            """DELETE FROM care_survey_invitation
                WHERE state = 'skipped' AND event_at < %s RETURNING id""", before)))

    def _query_expire(self, company, now):
        """Index care_survey_invitation_open_idx."""
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            """UPDATE care_survey_invitation SET state = 'expired'
                WHERE company_id = %s AND state IN %s AND expires_at <= %s RETURNING id""",
            company.id, ASKED, now))
        self.browse([row[0] for row in rows]).invalidate_recordset(["state"], flush=False)
