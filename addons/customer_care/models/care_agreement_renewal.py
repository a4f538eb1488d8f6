import logging

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.fields import Domain

from .care_agreement import LIVE
from .conflicts import BUSY
from .moments import tell_day

_logger = logging.getLogger(__name__)

RENEWAL_ACTIVITY = "customer_care.mail_activity_type_renewal"


class CareAgreement(models.Model):
    """Towards its end: when it is to be renewed, who is told, and what the night does about it."""

    _inherit = "care.agreement"

    waiting_quotation_id = fields.Many2one("sale.order", compute="_compute_waiting_quotation_id")

    @api.depends("state", "product_id", "date_end", "renewal", "notice_days")
    @api.depends_context("uid")
    def _compute_waiting_quotation_id(self):
        """The newest open quotation of the same product since the renewal is due; one look for a
        whole list."""
        due = {
            agreement: since for agreement in self
            if agreement.state in LIVE and agreement.product_id
            and (since := agreement._renewal_day())}
        orders = self.env["sale.order"]
        if due and orders.has_access("read"):
            orders = orders.search_fetch([
                ("partner_id.commercial_partner_id", "in",
                 [agreement.commercial_partner_id.id for agreement in due]),
                ("company_id", "in", self.company_id.ids), ("state", "in", ("draft", "sent")),
                ("create_date", ">=", min(due.values())),
                ("order_line.product_id", "in", self.product_id.ids),
            ], order="id desc")
        for agreement in self:
            agreement.waiting_quotation_id = orders.filtered(
                lambda order, agreement=agreement: agreement in due
                and order.partner_id.commercial_partner_id == agreement.commercial_partner_id
                and order.company_id == agreement.company_id
                and order.create_date.date() >= due[agreement]
                and agreement.product_id in order.order_line.product_id)[:1]

    def _renewal_day(self):
        """The day from which it is to be renewed; False when it never is."""
        self.ensure_one()
        if not self.date_end or self.renewal == "none":
            return False
        lead = max(self.company_id.care_renewal_days, self.notice_days)
        return self.date_end - relativedelta(days=lead)

    def _is_due_for_renewal(self, today=None) -> bool:
        day = self._renewal_day()
        return bool(day) and day <= (today or self.company_id._care_today())

    def _lost_after(self):
        """Past this day an agreement that was not renewed is lost."""
        self.ensure_one()
        last = self._last_day()
        grace = 0 if self.renewal == "none" else self.company_id.care_grace_days
        return last and last + relativedelta(days=grace)

    # ------------------------------------------------------------
    # The night
    # ------------------------------------------------------------

    def _due_domain(self, company, today):
        """What the night may have to look at: ends nearer than the longest lead or notice."""
        longest = self._query_longest_notice(company)
        horizon = today + relativedelta(days=max(company.care_renewal_days, longest))
        return Domain([
            ("company_id", "=", company.id), ("state", "in", LIVE), ("date_end", "<=", horizon)])

    def _pass_night(self, today):
        """Renew by itself, remind or end; one that cannot keeps its reason and no other back."""
        for agreement in self:
            try:
                with self.env.cr.savepoint():
                    agreement._pass_day(today)
                    self.env.flush_all()
            except BUSY:
                raise
            except Exception as error:  # rates, texts and other addons may raise anything
                self.env.invalidate_all(flush=False)
                _logger.warning("Agreement %s waits: %s", agreement.id, error)
                agreement.night_error = str(error)
            else:
                if agreement.night_error:
                    agreement.night_error = False

    def _pass_day(self, today):
        self.ensure_one()
        over = self.date_end < today
        if over and self.renewal == "auto":
            self._renew_by_itself(today)
        elif over and self._lost_after() < today:
            self._set_ended()
        elif self._is_due_for_renewal(today):
            if self.state == "running":
                self._set_to_renew()
            self._plan_renewal(today)

    def _renew_by_itself(self, today):
        """The next agreement, or several when the night was off for long."""
        agreement = self
        while agreement and agreement.date_end and agreement.date_end < today:
            successor = agreement.renewed_by_id or self.create(agreement._prepare_successor_vals())
            if successor.state == "draft":
                successor._set_running()
            agreement = successor if successor.state in LIVE else self.browse()

    def _plan_renewal(self, today):
        """One activity for each end; nobody is reminded of the same end twice."""
        self.ensure_one()
        if self.reminded_for == self.date_end:
            return
        user = self._renewal_user()
        if user:
            notice = self.date_end - relativedelta(days=self.notice_days)
            self.activity_schedule(
                RENEWAL_ACTIVITY, date_deadline=max(notice, today), user_id=user.id,
                summary=self.env._("Renew agreement %s", self.name),
                note=" ".join(filter(None, (self._tell_situation(), self._tell_begun()))))
        else:
            self._message_log(body=self.env._(
                "Nobody to remind of the renewal: the responsible is no longer active."))
        self.reminded_for = self.date_end

    def _renewal_user(self):
        partner = self.partner_id
        users = self.user_id | partner.user_id | partner.commercial_partner_id.user_id
        return users.filtered("active")[:1]

    @api.model
    def _renew_instead_of(self, users):
        """Live agreements of people who have left go to the customer's salesperson, if he has one,
        and the renewal with them; the night plans anew what nobody is left to see to."""
        left = self.search([("state", "in", LIVE), ("user_id", "in", users.ids)])
        planned = left.activity_search([RENEWAL_ACTIVITY], only_automated=False)
        for heir, agreements in left.grouped(lambda agreement: agreement._renewal_user()).items():
            if heir:  # he is told of the agreements, not of each activity as well
                agreements.user_id = heir
                planned.filtered_domain([("res_id", "in", agreements.ids)]).with_context(
                    mail_activity_quick_update=True).user_id = heir
        seen_to = planned.filtered("user_id.active")
        (planned - seen_to).unlink()
        unseen = set(left.ids) - set(seen_to.mapped("res_id"))
        left.browse(unseen).reminded_for = False

    def _close_renewal(self, feedback):
        """What was to be done about the renewal is settled."""
        planned = self.filtered("activity_ids")
        if planned:
            planned.activity_feedback([RENEWAL_ACTIVITY], feedback=feedback)

    # ------------------------------------------------------------
    # In words
    # ------------------------------------------------------------

    def _tell_situation(self) -> str:
        """What will happen with it, in a sentence."""
        self.ensure_one()
        _ = self.env._
        end = tell_day(self.env, self._last_day() or None)
        texts = {
            "draft": _("Counts from the day you start it."),
            "renewed": _("Renewed by %s.", self.renewed_by_id.name),
            "ended": _("Ended on %s and was not renewed in time.", end),
            "cancelled": _("Withdrawn: it never counted."),
        }
        return texts.get(self.state) or self._tell_end(end)

    def _tell_begun(self):
        """What waits for somebody to finish it: neither a draft nor a quotation renews anything."""
        self.ensure_one()
        if self.renewed_by_id.state == "draft":
            return self.env._("The draft %s waits to be started.", self.renewed_by_id.name)
        quotation = self.waiting_quotation_id
        return quotation and self.env._("Quotation %s waits.", quotation.name)

    def _tell_end(self, end) -> str:
        _ = self.env._
        today = self.company_id._care_today()
        if self.date_start > today:
            return _("Agreed: it begins on %s.", tell_day(self.env, self.date_start))
        if not self.date_end:
            return _("Open: it runs until somebody ends it.")
        if self.date_end < today:
            return _(
                "Ended on %(end)s. Renewed by %(grace)s it goes on without a gap, else it is lost.",
                end=end, grace=tell_day(self.env, self._lost_after()))
        if self.renewal == "none":
            return _("Ends on %s for good.", end)
        notice = self.date_end - relativedelta(days=self.notice_days)
        if self.renewal == "auto":
            by = _("Renews by itself after %s", end)
            return _("%(renews)s; notice is possible until %(notice)s.",
                     renews=by, notice=tell_day(self.env, notice)) if self.notice_days else (
                         _("%s.", by))
        return _("Ends on %s unless you renew it.", end)
