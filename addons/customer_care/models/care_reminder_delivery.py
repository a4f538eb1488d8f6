import logging

from markupsafe import Markup
from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.mail import append_content_to_html

from .care_reminder_suppression import DECIDED
from .conflicts import BUSY
from .moments import tell_day

_logger = logging.getLogger(__name__)

#: Reminders of one chunk: rendered mails are what takes the time.
BATCH = 100
#: A reminder that failed so often waits for somebody.
ATTEMPTS = 5


class CareReminder(models.Model):
    """How reminders leave: a mail in core's queue, or an activity on the care record."""

    _inherit = "care.reminder"

    @api.model
    def _send_due(self, company, now, position) -> int | None:
        """One chunk of what is due: held back with its reason, or handed over; the next place."""
        self.env.flush_all()
        today = company._care_today(now)
        due = self.browse(self._query_claim(company, today, position))
        if not due:
            return None
        due.invalidate_recordset(flush=False)
        found = due._judge(now)
        free, limited = found.pop(None, self.browse()), found.pop("limit", self.browse())
        for reason, reminders in found.items():
            reminders._set_suppressed(reason)
        leaving = free._take_along(company, today, now)
        for rule, reminders in leaving.grouped("rule_id").items():
            reminders.with_company(company)._deliver_safely(rule, now)
        self._wake_mail_queue(company, now, leaving)
        limited._postpone(company)
        return max(due.ids)

    def _postpone(self, company):
        """They leave when the customer may get another mail; by then they are judged again."""
        latest = dict(self._read_group(
            [("company_id", "=", company.id), ("channel", "=", "mail"),
             ("partner_id", "in", self.partner_id.ids), ("sent_on", "!=", False)],
            ["partner_id"], ["sent_on:max"]))
        for reminder in self.filtered(lambda r: r.partner_id in latest):
            reminder._set_postponed(fields.Date.add(
                latest[reminder.partner_id], days=company.care_reminder_limit_days))

    def _deliver_safely(self, rule, now):
        """All at once; when one of them cannot, the others go and it keeps the error."""
        try:
            with self.env.cr.savepoint():
                getattr(self, f"_deliver_{rule.channel}")(rule, now)
                self.env.flush_all()
        except BUSY:
            raise
        except Exception as error:  # a template may raise anything; it stays on the row
            self.env.invalidate_all(flush=False)
            if len(self) == 1:
                _logger.warning("Reminder %s cannot leave: %s", self.id, error)
                self._set_failed(str(error), self.company_id._care_today(now))
                return
            half = len(self) // 2
            self[:half]._deliver_safely(rule, now)
            self[half:]._deliver_safely(rule, now)

    # ------------------------------------------------------------
    # Mail
    # ------------------------------------------------------------

    def _deliver_mail(self, rule, now):
        """Rows of core's queue, in each customer's language; never sent from here."""
        template = rule._get_template()
        if not template:
            raise UserError(self.env._("The rule has no mail."))
        company = rule.company_id
        leaves = company._care_reminder_moment(now)
        values = {
            "scheduled_date": leaves, "author_id": company.partner_id.id, "auto_delete": False}
        if company.care_reminder_from:
            values["email_from"] = company.care_reminder_from
        mails = template.send_mail_batch(self.ids, force_send=False, email_values=values)
        for reminder, mail in zip(self, mails, strict=True):
            mail.write({
                "headers": repr({
                    "List-Unsubscribe": f"<{reminder._get_stop_url('oneclick')}>",
                    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                }),
                # The customer's own story shows it.
                "model": "res.partner", "res_id": reminder.partner_id.id,
                # He is asked to answer: a catchall address would note it and tell nobody.
                **({} if template.reply_to else {"reply_to": mail.email_from}),
            })
            named = reminder | reminder.joined_ids
            named.mail_id = mail
            reminder._ensure_all_named()
            reminder._ensure_way_out()
            for each in named:
                each._draft_offer()
        (self | self.joined_ids)._set_sent(leaves, company._care_today(leaves))

    def _ensure_way_out(self):
        """Whatever a rule's own mail says: its reader can stop the reminders."""
        self.ensure_one()
        if self.stop_url not in (self.mail_id.body_html or ""):
            told = self.with_context(lang=self.partner_id.lang or self.env.lang).env
            self.mail_id.body_html = append_content_to_html(
                self.mail_id.body_html, Markup(
                    '<p style="font-size: 12px;">{} <a href="{}">{}</a></p>').format(
                        told._("You get this because you are our customer."), self.stop_url,
                        told._("No more reminders")),
                plaintext=False)

    def _wake_mail_queue(self, company, now, handed_over):
        """Nothing else wakes core's queue when a mail is created."""
        cron = self.env.ref("mail.ir_cron_mail_scheduler_action", raise_if_not_found=False)
        if cron and any(r.channel == "mail" and r.state == "sent" for r in handed_over):
            cron._trigger(company._care_reminder_moment(now))

    @api.model
    def _take_back_unsent(self, company, now):
        """What core's queue could not deliver was not sent: it fails here, and is tried again."""
        unsent = self.search([
            ("company_id", "=", company.id), ("state", "=", "sent"), ("matured", "=", 0),
            ("mail_id.state", "=", "exception")])
        for reminder in unsent:
            reason = reminder.mail_id.failure_reason or self.env._("The mail could not be sent.")
            reminder._set_failed(reason, company._care_today(now))
        # Another mail is made with the next try; this one must not leave beside it.
        unsent.mail_id.state = "cancel"

    def _hold_back_at_the_door(self, now):
        """Asked again when the mail really leaves: hours may lie in between. Returns those held."""
        bought = self.filtered(lambda r: r.state == "done")
        found = (self - bought)._judge(now, but=DECIDED)
        found.pop(None, None)
        found["bought"] = found.get("bought", self.browse()) | bought
        held = self.browse().union(*found.values())
        # What else stood in these mails leaves with another one.
        (self.filtered(lambda r: r.mail_id in held.mail_id) - held)._set_planned()
        for reason, reminders in found.items():
            reminders._set_suppressed(reason)
        return held

    # ------------------------------------------------------------
    # Activity and quotation
    # ------------------------------------------------------------

    def _deliver_activity(self, rule, now):
        """On the care record of the customer, for his salesperson or the rule's responsible."""
        customers = {
            customer.partner_id: customer for customer in self.env["care.customer"].search([
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "=", rule.company_id.id)])}
        kind = rule.activity_type_id or self.env.ref("mail.mail_activity_data_todo")
        for reminder in self:
            record = customers.get(reminder.partner_id) or reminder.partner_id
            if not reminder.user_id:
                raise UserError(self.env._(
                    "%s has no salesperson and the rule has no responsible.",
                    reminder.partner_id.display_name))
            reminder._draft_offer()
            record.activity_schedule(
                activity_type_id=kind.id, date_deadline=reminder.due_on,
                user_id=reminder.user_id.id, summary=rule.name,
                note=reminder._tell_activity())
        self._set_sent(now, rule.company_id._care_today(now))

    def _tell_activity(self):
        self.ensure_one()
        name = (self.item_id or self.product_id or self.agreement_id).display_name
        words = {
            "repurchase": self.env._("%(name)s, last bought on %(cycle)s, lasts until about "
                                     "%(due)s."),
            "maintenance": self.env._("Service of %(name)s is due on %(due)s."),
            "warranty": self.env._("The warranty of %(name)s ends on %(due)s."),
            "renewal": self.env._("The agreement %(name)s ends on %(due)s."),
        }[self.kind]
        return words % {
            "name": name, "cycle": tell_day(self.env, self.cycle_on, year=True),
            "due": tell_day(self.env, self.due_on, year=True)}

    def _draft_offer(self):
        """A quotation of what the customer needs, for the salesperson to look at and send."""
        self.ensure_one()
        product = self.product_id
        if self.kind != "repurchase":
            product = self.product_id.care_service_product_id
        if not self.rule_id.make_offer or not product or self.offer_id:
            return
        self.offer_id = self.env["sale.order"].create({
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "user_id": self.user_id.id,
            "origin": self.rule_id.name,
            "order_line": [Command.create({
                "product_id": product.id, "product_uom_qty": self.quantity or 1})],
        })

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_claim(self, company, today, position) -> list[int]:
        """What is due, planned or to be tried again, held against others until the commit.

        Index care_reminder_work_idx.
        """
        rows = self.env.execute_query(SQL(
            """SELECT d.id FROM care_reminder d JOIN care_reminder_rule r ON r.id = d.rule_id
                WHERE d.company_id = %(company)s AND d.id > %(position)s AND r.is_on
                  AND (d.state = 'planned' AND d.send_on <= %(today)s
                       OR d.state = 'failed' AND d.attempts < %(attempts)s
                          AND d.retry_on <= %(today)s)
             ORDER BY d.id LIMIT %(batch)s FOR UPDATE OF d SKIP LOCKED""",
            company=company.id, position=position, today=today, attempts=ATTEMPTS, batch=BATCH))
        return [row[0] for row in rows]
