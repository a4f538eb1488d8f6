from odoo import api, fields, models
from odoo.tools import SQL, hmac

from .care_purchases import Scope


class CareReminder(models.Model):
    """One reminder of one rule to one customer, of one product (and goods), for one due day.

    planned → sent → done (it led to a purchase); or suppressed with its reason, failed with its
    error and a retry, cancelled by hand. The unique key holds what it belongs to (the purchase or
    the date of the goods), not the due day, which is estimated anew every night.
    """

    _name = "care.reminder"
    _description = "Reminder"
    _log_access = False
    _order = "send_on, id"
    _rec_name = "product_id"

    rule_id = fields.Many2one(
        "care.reminder.rule", required=True, readonly=True, ondelete="cascade", index=True)
    kind = fields.Selection(
        lambda self: self.env["care.reminder.rule"]._fields["kind"].selection,
        required=True, readonly=True)
    channel = fields.Selection(
        lambda self: self.env["care.reminder.rule"]._fields["channel"].selection,
        required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, ondelete="cascade")
    product_id = fields.Many2one("product.product", readonly=True, ondelete="cascade")
    item_id = fields.Many2one("care.item", "Delivered goods", readonly=True, ondelete="cascade")
    agreement_id = fields.Many2one("care.agreement", readonly=True, ondelete="cascade")
    cycle_on = fields.Date(
        "Counted for", required=True, readonly=True,
        help="The purchase that runs out, or the date of the goods or the agreement: one reminder "
        "for each, however often the due day is estimated anew.")
    due_on = fields.Date("Due", required=True, readonly=True)
    send_on = fields.Date("Leaves on", required=True, readonly=True)
    state = fields.Selection(
        [("planned", "Planned"), ("sent", "Sent"), ("done", "Bought"),
         ("suppressed", "Held back"), ("failed", "Failed"), ("cancelled", "Cancelled")],
        required=True, readonly=True, default="planned", group_expand=True)
    reason = fields.Selection(
        lambda self: list(self._suppression_reasons().items()), "Why not", readonly=True,
        help="Why the reminder was held back.")
    error = fields.Text(readonly=True)
    attempts = fields.Integer(readonly=True)
    retry_on = fields.Date(readonly=True)
    sent_at = fields.Datetime("Sent at", readonly=True)
    sent_on = fields.Date(readonly=True)
    mail_id = fields.Many2one("mail.mail", readonly=True, index="btree_not_null")
    offer_id = fields.Many2one("sale.order", "Drafted quotation", readonly=True)
    bought_on = fields.Date(readonly=True)
    bought_amount = fields.Monetary(
        "Bought for", readonly=True, help="Untaxed amount of the purchase it led to.")
    reached = fields.Integer("Sent reminders", readonly=True, default=0)
    matured = fields.Integer(
        "Old enough to judge", readonly=True, default=0,
        help="Sent, and the days in which it may lead to a purchase are over. Younger ones are in "
        "neither number, also when they led to a purchase already: the share would look too good.")
    bought = fields.Integer(
        "Of these led to a purchase", readonly=True, default=0,
        help="Old enough to judge, and the customer bought within the days.")
    why = fields.Char("Remark", compute="_compute_why")
    user_id = fields.Many2one("res.users", "Salesperson", compute="_compute_user_id")
    sender = fields.Char(compute="_compute_sender")
    stop_url = fields.Char(compute="_compute_stop_url")
    quantity = fields.Float(compute="_compute_quantity", digits="Product Unit")

    # Each reminder once, whoever plans it and how often.
    _uniq = models.UniqueIndex(
        "(rule_id, partner_id, COALESCE(product_id, 0), COALESCE(item_id, 0),"
        " COALESCE(agreement_id, 0), cycle_on)",
        "This reminder is planned already.")
    _work_idx = models.Index("(company_id, id) WHERE state IN ('planned', 'failed')")
    # The limit per customer, and the reminders on a care record.
    _partner_idx = models.Index("(partner_id, company_id, sent_at)")
    _open_idx = models.Index("(company_id, sent_on) WHERE reached = 1 AND matured = 0")

    @api.depends("state", "reason", "error", "bought_on", "sent_on")
    @api.depends_context("lang")
    def _compute_why(self):
        reasons = self._suppression_reasons()
        for reminder in self:
            if reminder.state == "suppressed":
                reminder.why = reasons.get(reminder.reason) or reminder.reason
            elif reminder.state == "failed":
                reminder.why = reminder.error
            elif reminder.state == "done" and reminder.sent_on:
                reminder.why = self.env._(
                    "Bought %s days after", (reminder.bought_on - reminder.sent_on).days)
            else:
                reminder.why = False

    def _compute_user_id(self):
        for reminder in self:
            people = reminder.partner_id.user_id | reminder.rule_id.user_id
            reminder.user_id = people.filtered("active")[:1]

    def _compute_sender(self):
        for reminder in self:
            company = reminder.company_id
            person = reminder.user_id.filtered("email")
            reminder.sender = (
                company.care_reminder_from or person.email_formatted or company.email_formatted)

    def _compute_stop_url(self):
        for reminder in self:
            reminder.stop_url = reminder._get_stop_url("stop")

    def _compute_quantity(self):
        """What the customer last took of the product: mails and quotations speak of it."""
        histories = self.env["care.product.history"].search([
            ("partner_id", "in", self.partner_id.ids), ("product_id", "in", self.product_id.ids),
            ("company_id", "in", self.company_id.ids)])
        last = {
            (h.partner_id, h.product_id, h.company_id): h.last_quantity for h in histories}
        for reminder in self:
            reminder.quantity = reminder.item_id.quantity or last.get(
                (reminder.partner_id, reminder.product_id, reminder.company_id), 0)

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_cancel(self):
        """Not this one: it will not be planned again for the same purchase."""
        self._check_may_decide()
        self.filtered(lambda r: r.state in ("planned", "failed"))._set_cancelled()

    def action_plan_again(self):
        """Try what failed, was held back or cancelled once more with the next night's reminders."""
        self._check_may_decide()
        self.filtered(lambda r: r.state in ("failed", "suppressed", "cancelled"))._set_planned()
        for company in self.company_id:
            self.env["care.night"]._wake("reminders", company=company)

    def action_open_offer(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "res_model": "sale.order",
            "res_id": self.offer_id.id, "views": [(False, "form")],
        }

    def action_open_customer(self):
        self.ensure_one()
        return self.env["care.customer"]._open_record(self.partner_id, self.company_id)

    def _check_may_decide(self):
        self.env["care.customer"]._check_works_with_care()
        self.check_access("read")

    # ------------------------------------------------------------
    # States: rows are written by code only, whoever decided.
    # ------------------------------------------------------------

    def _set_planned(self):
        self.sudo().write({  # see above
            "state": "planned", "reason": False, "error": False, "attempts": 0, "retry_on": False,
            "mail_id": False, "sent_at": False, "sent_on": False, "reached": 0})
        self.sudo()._leave_mail()  # see above

    def _set_cancelled(self):
        self.sudo().write({"state": "cancelled"})  # see above

    def _set_suppressed(self, reason):
        self.write({
            "state": "suppressed", "reason": reason, "error": False,
            "sent_at": False, "sent_on": False, "reached": 0, "matured": 0, "bought": 0})
        self._leave_mail()

    def _set_postponed(self, day):
        self.write({"state": "planned", "send_on": day, "error": False, "retry_on": False})

    def _set_failed(self, error, today):
        for reminder in self:
            reminder.write({
                "state": "failed", "error": error, "attempts": reminder.attempts + 1,
                "retry_on": fields.Date.add(today, days=1),
                "sent_at": False, "sent_on": False, "reached": 0})
        self._leave_mail()

    def _set_sent(self, moment, day):
        self.write({
            "state": "sent", "error": False, "retry_on": False, "reached": 1,
            "sent_at": moment, "sent_on": day, "send_on": day})

    # ------------------------------------------------------------
    # Business
    # ------------------------------------------------------------

    @api.model
    def _plan(self, rule, now) -> int:
        """Plan what falls due by a rule in the next days; due days that moved are corrected."""
        self.env.flush_all()
        planned = self._query_plan(rule, rule.company_id._care_today(now))
        self.invalidate_model(flush=False)
        return planned

    @api.model
    def _settle_bought(self, company, now) -> None:
        """See which reminders led to a purchase, and which are old enough to say they did not."""
        self.env.flush_all()
        self._query_bought(company, company._care_today(now))
        self.invalidate_model(flush=False)

    def _stop_mails(self):
        """The customer wants no more: his address goes to the list that every mailing obeys."""
        address = self.partner_id.email_normalized
        if address:
            # Whoever holds the link may stop the mails to this address.
            self.env["mail.blacklist"].sudo()._add(
                address, message=self.env._("Stopped by the customer in a reminder."))

    def _get_token(self, purpose):
        """Proof that a link was in a mail of ours; one per purpose."""
        # The database's secret, which nobody may read.
        return hmac(self.env(su=True), f"care-reminder-{purpose}", self.id)

    def _get_stop_url(self, purpose):
        path = "/care/reminder" if purpose == "stop" else "/care/reminder/oneclick"
        return f"{self.company_id.get_base_url()}{path}/{self.id}/{self._get_token('stop')}"

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_plan(self, rule, today) -> int:
        """The unique key decides who is new; only plans follow an estimate that moved.

        What is overdue is due tomorrow on every night anew: a plan made for it stays.
        """
        return len(self.env.execute_query(SQL(
            """INSERT INTO care_reminder AS r
                      (rule_id, kind, channel, company_id, partner_id, product_id, item_id,
                       agreement_id, cycle_on, due_on, send_on, state, reason, attempts, reached,
                       matured, bought)
               SELECT %(rule)s, %(kind)s, %(channel)s, %(company)s, d.partner_id, d.product_id,
                      d.item_id, d.agreement_id, d.cycle_on, d.due_on, d.send_on,
                      CASE WHEN d.late THEN 'suppressed' ELSE 'planned' END,
                      CASE WHEN d.late THEN 'late' END, 0, 0, 0, 0
                 FROM (%(due)s) d
             ORDER BY d.due_on, d.partner_id, d.product_id, d.item_id, d.agreement_id
               ON CONFLICT (rule_id, partner_id, COALESCE(product_id, 0), COALESCE(item_id, 0),
                            COALESCE(agreement_id, 0), cycle_on)
               DO UPDATE SET due_on = EXCLUDED.due_on, send_on = EXCLUDED.send_on
                   WHERE r.state = 'planned' AND r.due_on <> EXCLUDED.due_on
                     AND greatest(r.due_on, %(today)s::date + 1) <> EXCLUDED.due_on
            RETURNING 1""",
            rule=rule.id, kind=rule.kind, channel=rule.channel, company=rule.company_id.id,
            due=self._query_undecided(rule, today), today=today,
        )))

    def _query_undecided(self, rule, today) -> SQL:
        """Due rows of the rule but those that were sent, held back or cancelled already.

        `late`: its day is over longer than the rule allows. Index care_reminder_uniq.
        """
        return SQL(
            """SELECT x.*, x.send_on + %(late_days)s < %(today)s AS late
                 FROM (%(due)s) x
                WHERE NOT EXISTS (SELECT 1 FROM care_reminder o
                                   WHERE o.rule_id = %(rule)s AND o.partner_id = x.partner_id
                                     AND COALESCE(o.product_id, 0) = COALESCE(x.product_id, 0)
                                     AND COALESCE(o.item_id, 0) = COALESCE(x.item_id, 0)
                                     AND COALESCE(o.agreement_id, 0) = COALESCE(x.agreement_id, 0)
                                     AND o.cycle_on = x.cycle_on
                                     AND o.state <> 'planned')""",
            due=self.env["care.reminder.due"]._query_due(rule, today), rule=rule.id,
            late_days=rule.late_days, today=today)

    def _query_bought(self, company, today) -> None:
        """The first purchase of the product, or of the service to offer, within the window.

        A reminder is judged when its days are over, whatever happened before: else those who buy
        early would be counted while those who do not buy are still waited for.

        Index care_reminder_open_idx; the purchases of those few customers alone are read.
        """
        window = company.care_reminder_window_days
        rows = self.env.execute_query(SQL(
            """SELECT array_agg(DISTINCT partner_id), MIN(sent_on) FROM care_reminder
                WHERE company_id = %s AND state = 'sent' AND reached = 1 AND matured = 0
                  AND %s""", company.id, self._query_left()))
        partner_ids, since = rows[0]
        if partner_ids:
            self._query_bought_by(company, partner_ids, since, window)
            self._query_renewed(company, window)
        self.env.execute_query(SQL(
            """UPDATE care_reminder SET matured = 1, bought = (state = 'done')::int
                WHERE company_id = %s AND reached = 1 AND matured = 0 AND %s
                  AND sent_on + %s::int <= %s RETURNING 1""",
            company.id, self._query_left(), window, today))

    def _query_left(self, reminder="care_reminder") -> SQL:
        """Its mail is out of the queue: what still waits there led to nothing yet."""
        return SQL(
            """NOT EXISTS (SELECT 1 FROM mail_mail m
                            WHERE m.id = %s AND m.state <> 'sent')""",
            SQL.identifier(reminder, "mail_id"))

    def _query_bought_by(self, company, partner_ids, since, window) -> None:
        scope = Scope(ids=tuple(partner_ids))
        stream = self.env["care.purchases"]._query_product_days(company, scope, since=since)
        self.env.execute_query(SQL(
            """UPDATE care_reminder r
                  SET state = 'done', bought_on = f.day, bought_amount = f.amount
                 FROM (SELECT DISTINCT ON (r.id) r.id, p.day, SUM(p.amount) AS amount
                         FROM care_reminder r
                         JOIN product_product v ON v.id = r.product_id
                         JOIN product_template t ON t.id = v.product_tmpl_id
                         JOIN (%(stream)s) p ON p.partner_id = r.partner_id
                          AND p.day >= r.sent_on AND p.day < r.sent_on + %(window)s::int
                          AND p.quantity > 0
                          AND p.product_id = CASE WHEN r.kind = 'repurchase' THEN r.product_id
                              ELSE COALESCE(t.care_service_product_id, p.product_id) END
                        WHERE r.company_id = %(company)s AND r.state = 'sent' AND r.matured = 0
                          AND r.kind <> 'renewal' AND %(left)s
                     GROUP BY r.id, p.day ORDER BY r.id, p.day) f
                WHERE f.id = r.id
            RETURNING 1""",
            stream=stream, window=window, company=company.id, left=self._query_left("r")))

    def _query_renewed(self, company, window) -> None:
        """A renewal works when the agreement has a successor that was made in time."""
        self.env.execute_query(SQL(
            """UPDATE care_reminder r
                  SET state = 'done', bought_on = greatest(n.create_date::date, r.sent_on)
                 FROM care_agreement n
                WHERE n.predecessor_id = r.agreement_id AND n.state NOT IN ('draft', 'cancelled')
                  AND r.company_id = %s AND r.state = 'sent' AND r.matured = 0 AND %s
                  AND n.create_date::date < r.sent_on + %s::int
            RETURNING 1""", company.id, self._query_left("r"), window))
