import logging

from odoo import api, fields, models
from odoo.addons.customer_care.engine import lifecycle, rhythm
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_amount

from .care_figures import Scope
from .care_status_rule import STATUS_SELECTION
from .conflicts import BUSY
from .figures import tell_figure
from .moments import tell_day
from .optional import OptionalFloat

_logger = logging.getLogger(__name__)

#: Orders confirmed longer ago than this are met by the full build, not by the minute's look.
RECENT_ORDER_DAYS = 7
#: Customers that "Count again" counts at once; more of them wait for the cron.
AT_ONCE = 500


class CareCustomer(models.Model):
    """A commercial partner as a customer of one company: what he bought, and where he stands.

    Every column is derived from documents by care.figures and may be thrown away; nobody edits
    it. What people add (activities, notes) hangs on the record, which therefore stays when a
    customer's last document is taken back.
    """

    _name = "care.customer"
    _description = "Care record"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _log_access = False
    _order = "revenue_net desc, id desc"
    _rec_name = "partner_id"
    _mail_post_access = "read"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")

    revenue_net = fields.Monetary(
        "Historic LTV", readonly=True,
        help="Posted invoices minus credit notes, untaxed, in company currency at the rate of "
        "each document.")
    invoiced = fields.Monetary(readonly=True, help="Posted customer invoices, untaxed.")
    credited = fields.Monetary(readonly=True, help="Posted credit notes, untaxed.")
    purchase_days = fields.Integer(
        "Purchases", readonly=True,
        help="Days with an invoice that was not wholly credited. Several invoices of one day are "
        "one purchase; a down payment and its final invoice are one. One of 0.00 counts as well: "
        "the customer came for something.")
    first_purchase = fields.Date(readonly=True)
    previous_purchase = fields.Date("Purchase before the last", readonly=True)
    last_purchase = fields.Date(readonly=True)
    gap_days = OptionalFloat(
        "Own mean gap", readonly=True, aggregator="avg", digits=(16, 1),
        help="Mean days between two purchases; empty until there are two.")
    status = fields.Selection(
        STATUS_SELECTION, required=True, readonly=True, default="prospect", group_expand=True)
    status_since = fields.Date("In this status since", readonly=True)
    computed_at = fields.Datetime("Figures changed at", readonly=True)

    silence_days = fields.Integer(
        "Days silent", compute="_compute_story", help="Days since the last purchase.")
    expected_gap = fields.Float(
        "Usual gap", compute="_compute_story", digits=(16, 1),
        help="Days between purchases that silence is measured against: the customer's own, mixed "
        "with the typical customer's while history is short.")
    story = fields.Char("Why", compute="_compute_story")
    advice = fields.Char("Next advised action", compute="_compute_story")
    change_ids = fields.One2many("care.status.change", compute="_compute_change_ids")
    document_count = fields.Integer("Invoices and credit notes", compute="_compute_document_count")
    order_count = fields.Integer("Orders", compute="_compute_order_count")

    # One row per customer and company. A constraint and not an index: core's merge of partners
    # knows only constraints (see base_partner_merge.py).
    _partner_company_uniq = models.Constraint(
        "UNIQUE(partner_id, company_id)", "This customer already has a care record.")
    # The list by value, and the columns of the kanban.
    _value_idx = models.Index("(company_id, revenue_net DESC, id DESC)")
    _status_idx = models.Index("(company_id, status, revenue_net DESC)")

    def init(self):
        self._query_keep_room()

    @api.depends("status", "purchase_days", "revenue_net", "first_purchase", "previous_purchase",
                 "last_purchase")
    @api.depends_context("lang")
    def _compute_story(self):
        now = fields.Datetime.now()
        for company, customers in self.grouped("company_id").items():
            rules = self.env["care.status.rule"]._rules_of(company)
            pace, today = company._care_pace(rules._to_engine()), company._care_today(now)
            for customer in customers:
                case = lifecycle.case_of(customer._to_engine(), pace, today)
                customer.silence_days = case.silence
                customer.expected_gap = case.gap
                customer.story = customer._tell_story(case, company)
                customer.advice = customer._choose_advice(rules)

    @api.model
    def _lists(self) -> dict[str, tuple[str, str]]:
        """Registry: list → (model, its field with the customer). The model has a company_id."""
        return {"change_ids": ("care.status.change", "partner_id")}

    def _compute_change_ids(self):
        changes = self._search_list("change_ids", [
            ("partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id.ids)])
        by_key = changes.grouped(lambda change: (change.partner_id, change.company_id))
        for customer in self:
            customer.change_ids = by_key.get((customer.partner_id, customer.company_id), False)

    def _compute_document_count(self):
        moves = self.env["account.move"]
        readable = moves.has_access("read")
        for customer in self:
            customer.document_count = (
                moves.search_count(customer._document_domain()) if readable else 0)

    def _compute_order_count(self):
        orders = self.env["sale.order"]
        readable = orders.has_access("read")
        for customer in self:
            customer.order_count = (
                orders.search_count(customer._order_domain())
                if readable and customer._may_hold("order_count") else 0)

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_open_documents(self):
        self.ensure_one()
        return self._get_action("account.action_move_out_invoice_type") | {
            "domain": self._document_domain(), "context": {"create": False}}

    def action_open_orders(self):
        self.ensure_one()
        return self._get_action("sale.action_orders") | {
            "domain": self._order_domain(), "context": {"create": False}}

    def action_open_partner(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
        }

    def action_refresh(self):
        """Count these customers now instead of waiting for the cron; many are left to it."""
        self._check_works_with_care()
        if len(self) > AT_ONCE:
            self.env["care.dirty"].sudo()._mark(  # marks are written by whoever changes figures
                {(customer.partner_id.id, customer.company_id.id) for customer in self})
            return
        if not self._query_lock():
            raise UserError(self.env._("Customers are being counted right now. Try in a moment."))
        for company, customers in self.grouped("company_id").items():
            self._refresh_wholly(company, customers.partner_id.ids)

    def action_win_back(self):
        """Mark these customers for win-back, and open a lead where leads exist."""
        self._check_works_with_care()
        return self.env["care.loop"]._win_back(self)

    def _check_works_with_care(self):
        """Others read care records too; hiding a button from them is not enough."""
        self.check_access("read")
        if not (self.env.su or self.env.user.has_group("customer_care.group_customer_care_user")):
            raise AccessError(self.env._("Only users of Customer Care may do this."))

    @api.model
    def action_build_now(self):
        """Count all customers; what takes longer than a moment goes on in the background."""
        return self.env["care.build"].action_build_now()

    # ------------------------------------------------------------
    # Crons
    # ------------------------------------------------------------

    @api.model
    def _cron_refresh_customers(self, batch=5000):
        """Count the customers whose documents changed, and meet the buyers without a record."""
        cron, dirty = self.env["ir.cron"], self.env["care.dirty"]
        company_id, partner_ids = None, []
        try:
            if not self._query_lock():
                return
            self._meet_new_customers()
            seconds = cron._commit_progress(remaining=dirty._query_waiting())
            while seconds and self._query_lock() and (claimed := dirty._query_claim(batch)):
                for company_id, weary, partner_ids in claimed:
                    company = self.env["res.company"].browse(company_id).exists()
                    if company:
                        self._refresh_safely(company, partner_ids, () if weary else BUSY)
                seconds = cron._commit_progress(sum(len(row[-1]) for row in claimed),
                                                remaining=dirty._query_waiting())
        except BUSY:
            self.env.cr.rollback()
            dirty._query_wait(company_id, partner_ids)
            self._come_back("customer_care.ir_cron_refresh_customers")
            _logger.info("Customers are being counted elsewhere; the marks wait for the next run")

    @api.model
    def _come_back(self, cron_xmlid):
        """The figures are being written elsewhere: end this run, begin another in a minute.

        A run that says something remains is repeated at once, and again until the lock is free.
        """
        self.env["ir.cron"]._commit_progress(remaining=0)
        self.env.ref(cron_xmlid).sudo()._trigger(  # only the system may see crons
            fields.Datetime.add(fields.Datetime.now(), minutes=1))

    # ------------------------------------------------------------
    # Business
    # ------------------------------------------------------------

    def _refresh_safely(self, company, partner_ids, busy=BUSY):
        """Count a batch; a customer that cannot be counted is set aside and keeps no other back.

        What is `busy` is tried again as a whole.
        """
        try:
            with self.env.cr.savepoint():
                self._refresh_wholly(company, partner_ids)
        except busy:
            raise
        except Exception as error:  # core would repeat a job that fails at once, and for ever
            self.env.invalidate_all(flush=False)
            if len(partner_ids) == 1:
                _logger.warning("Customer %s cannot be counted: %s", partner_ids[0], error)
                self.env["care.dirty"]._query_settle(company, partner_ids, str(error))
                return
            half = len(partner_ids) // 2
            self._refresh_safely(company, partner_ids[:half], busy)
            self._refresh_safely(company, partner_ids[half:], busy)
        else:
            self.env["care.dirty"]._query_settle(company, partner_ids)

    @api.model
    def _refresh_wholly(self, company, partner_ids):
        """The figures of these customers, and everything that a night derives from them."""
        scope, now = Scope(ids=tuple(partner_ids)), fields.Datetime.now()
        self.env["care.figures"]._refresh(company, scope, now)
        self.env["care.night"]._look_at_fresh(company, scope, now)

    @api.model
    def _meet_new_customers(self):
        """A record for every recent buyer with a confirmed order who has none, and his welcome."""
        self.env.flush_all()
        since = fields.Datetime.subtract(fields.Datetime.now(), days=RECENT_ORDER_DAYS)
        customers = self.browse(self._query_meet_buyers(since))
        for company, met in customers.grouped("company_id").items():
            # He may be an old customer whose record was never built.
            self._refresh_safely(company, met.partner_id.ids)
        # The cron acts for the salesperson, who is written on the activity.
        customers.sudo()._schedule_onboarding()

    def _absorb(self, others):
        """Take over what people added to other records, and let them go; figures are recounted."""
        self.ensure_one()
        for other in others:
            other.with_context(active_test=False).activity_ids.write({"res_id": self.id})
            other.message_change_thread(self)
        others.unlink()

    def _schedule_onboarding(self):
        """Plan the onboarding of those who really are new, where the company wants it."""
        new = self.filtered(lambda c: c.status in ("prospect", "new"))
        for customer in new.filtered("company_id.care_onboarding"):
            domain = [*customer._order_domain(), ("state", "=", "sale")]
            order = self.env["sale.order"].search(domain, order="date_order, id", limit=1)
            try:
                with self.env.cr.savepoint():
                    customer._plan_welcome(order)
            except UserError as error:
                customer._message_log(body=self.env._("No onboarding planned: %s", error))

    def _plan_welcome(self, order):
        company = self.company_id
        user = self._get_host(order)
        if not user:
            raise UserError(self.env._("nobody sells to this customer, and no team answers him."))
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=fields.Date.add(company._care_today(), days=company.care_onboarding_days),
            summary=self.env._("Welcome the new customer"),
            note=self.env._(
                "First order: %s. Ask whether everything arrived and works.", order.name),
            user_id=user.id,
        )

    def _get_host(self, order):
        """Who welcomes him: whoever sold it; an order from a shop has nobody."""
        partner = self.partner_id
        team = self.env["care.team"]._default_team(self.company_id)
        people = order.user_id | partner.user_id | team.leader_id | team.member_ids
        return people.filtered("active")[:1]

    def _to_engine(self) -> lifecycle.Figures:
        return lifecycle.Figures(
            self.purchase_days, self.revenue_net, self.first_purchase or None,
            self.previous_purchase or None, self.last_purchase or None)

    def _tell_story(self, case: lifecycle.Case, company) -> str:
        """Why the customer has this status, in a sentence; too little history says so."""
        _ = self.env._
        if not self.purchase_days:
            if self.invoiced:
                return _("Everything invoiced was credited: no purchase stands.")
            if self.credited:
                return _(
                    "Only credit notes so far, of %s: they lower what he is worth, and there is no "
                    "purchase to judge by.",
                    format_amount(self.env, self.credited, self.currency_id))
            return _("No posted invoice yet: nothing to judge by.")
        last = tell_day(self.env, self.last_purchase)
        limit = company._care_silence_limit(
            self.first_purchase, self.last_purchase, self.purchase_days)
        if company.care_lapse_mode == "fixed":
            return _(
                "%(count)s purchases. The last was on %(last)s, %(silence)s days ago; the company "
                "takes everybody for lost after %(limit)s days.",
                count=self.purchase_days, last=last, silence=case.silence, limit=limit)
        if self.purchase_days < rhythm.MIN_PURCHASES:
            return _(
                "Too little history for a rhythm: %(count)s of %(needed)s purchases. The last was "
                "on %(last)s, %(silence)s days ago; until then the company's limit of %(limit)s "
                "days decides.",
                count=self.purchase_days, needed=rhythm.MIN_PURCHASES, last=last,
                silence=case.silence, limit=limit)
        return _(
            "%(count)s purchases since %(first)s, usually one every %(gap)s days. The last was on "
            "%(last)s, %(silence)s days ago: %(times)s times the usual gap.",
            count=self.purchase_days, first=tell_day(self.env, self.first_purchase),
            gap=round(case.gap), last=last, silence=case.silence,
            times=tell_figure(self.env, case.silence / case.gap, 1))

    def _choose_advice(self, rules):
        """The next advised action: the first of all candidates."""
        candidates = self._advice_candidates(rules)
        return min(candidates)[1] if candidates else False

    def _advice_candidates(self, rules) -> list[tuple[int, str]]:
        """(sequence, words) of everything that could be done next with this customer.

        What is urgent (a reminder that failed, a promise) stands below 50, what his status
        suggests at 50, what could also be sold above it.
        """
        of_status = rules.filtered(lambda rule: rule.status == self.status)[:1].advice
        return [(50, of_status)] if of_status else []

    def _get_action(self, xmlid):
        return self.env["ir.actions.act_window"]._for_xml_id(xmlid)

    def _document_domain(self):
        self.ensure_one()
        return [
            ("company_id", "=", self.company_id.id),
            ("commercial_partner_id", "=", self.partner_id.id),
            ("state", "=", "posted"),
            ("move_type", "in", ("out_invoice", "out_refund", "out_receipt")),
        ]

    def _order_domain(self):
        self.ensure_one()
        return [
            ("company_id", "=", self.company_id.id),
            ("partner_id.commercial_partner_id", "=", self.partner_id.id),
            ("state", "in", ("sale", "sent", "draft")),
        ]

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_keep_room(self) -> None:
        """A count writes a row several times: figures, forecast, scores, health. With room left on
        its page only the first of them touches the indexes."""
        self.env.cr.execute(SQL("ALTER TABLE care_customer SET (fillfactor = 80)"))

    def _query_lock(self) -> bool:
        """Only one process writes figures at a time; True when it is this one, until commit."""
        return self.env.execute_query(SQL(
            "SELECT pg_try_advisory_xact_lock(hashtext('care_customer'))"))[0][0]

    def _query_meet_buyers(self, since) -> list[int]:
        """New records, without figures, for confirmed orders since a moment.

        Index sale_order_date_order_id_idx.
        """
        companies = self.env["res.company"].sudo().search([])  # every company's partner and day
        own = companies.partner_id.ids
        days = [company._care_today() for company in companies]
        rows = self.env.execute_query(SQL(
            """INSERT INTO care_customer
                      (partner_id, company_id, revenue_net, invoiced, credited, purchase_days,
                       status, status_since, computed_at)
               SELECT DISTINCT p.commercial_partner_id, o.company_id, 0, 0, 0, 0,
                      'prospect', c.today, %(now)s::timestamp
                 FROM sale_order o JOIN res_partner p ON p.id = o.partner_id
                 JOIN unnest(%(companies)s, %(days)s::date[]) c (id, today) ON c.id = o.company_id
                WHERE o.state = 'sale' AND o.date_order >= %(since)s
                  AND p.commercial_partner_id <> ALL(%(own)s)
                  AND NOT EXISTS (SELECT 1 FROM care_customer k
                                   WHERE k.partner_id = p.commercial_partner_id
                                     AND k.company_id = o.company_id)
               ON CONFLICT DO NOTHING RETURNING id""",
            companies=companies.ids, days=days, now=fields.Datetime.now(), since=since, own=own,
        ))
        return [row[0] for row in rows]
