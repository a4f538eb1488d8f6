from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.sales_automation.engine import forecast
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import split_every

from .poison import work_through

# What a person enters in the deal's currency; core's amounts follow.
GIVEN = frozenset({"sales_currency_id", "sales_amount", "sales_recurring_amount", "company_id"})
# Core's amounts, in the company's currency; written alone, the deal's currency follows them.
CONVERTED = frozenset({"expected_revenue", "recurring_revenue"})
RATE_BATCH = 200


class CrmLead(models.Model):
    """A deal in another currency than its company's.

    Its expected revenue stays in the company's currency, so that every sum adds up; what was
    agreed with the customer stands beside it, with the rate and the day of the rate. An open deal
    is re-rated as the company decided, a won one keeps the rate of the day on which it was won.
    """

    _inherit = "crm.lead"

    sales_currency_id = fields.Many2one(
        "res.currency", "Deal Currency", index="btree_not_null",
        help="The currency in which the customer buys. Empty: the company's own.",
        groups="base.group_user", prefetch=True)
    sales_amount = fields.Monetary(
        "Amount in Deal Currency", currency_field="sales_currency_id",
        help="What the customer is to pay. The expected revenue is this amount in the company's "
        "currency.", groups="base.group_user", prefetch="sales_automation")
    sales_recurring_amount = fields.Monetary(
        "Recurring Amount in Deal Currency", currency_field="sales_currency_id",
        help="What the customer is to pay each time. The recurring revenue is this amount in the "
        "company's currency.", groups="base.group_user", prefetch="sales_automation")
    sales_rate = fields.Float(
        "Rate", readonly=True, copy=False, aggregator=None,
        help="What one unit of the deal's currency is worth in the company's.",
        groups="base.group_user", prefetch="sales_automation")
    sales_rate_date = fields.Date(
        "Rate Of", readonly=True, copy=False, help="The day of the rate.", groups="base.group_user",
        prefetch="sales_automation")

    # ---- CRUD ---------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        if any(vals.get("sales_currency_id") for vals in vals_list):
            leads.filtered("sales_currency_id")._convert_amounts()
        return leads

    def write(self, vals):
        result = super().write(vals)
        if not GIVEN.isdisjoint(vals):
            self._convert_amounts()
        elif not CONVERTED.isdisjoint(vals):
            self._follow_core_amounts(vals)
        return result

    @api.onchange("sales_currency_id", "sales_amount", "sales_recurring_amount")
    def _onchange_sales_amount(self):
        """Show the converted amounts before the deal is saved."""
        company = self._get_rate_company()
        if not self.sales_currency_id or self.sales_currency_id == company.currency_id:
            return None
        if not self._has_rate(self.sales_currency_id, company):
            return {"warning": {
                "title": self.env._("No Rate"),
                "message": self._explain_missing_rate(self.sales_currency_id, company)}}
        rate = self._find_rate(company, self._get_rate_day(company))
        if self.sales_amount:
            self.expected_revenue = company.currency_id.round(self.sales_amount * rate)
        if self.sales_recurring_amount:
            self.recurring_revenue = company.currency_id.round(self.sales_recurring_amount * rate)
        return None

    def action_update_rate(self):
        """Convert the open deals at today's rate."""
        self.check_access("write")
        for lead in self.filtered(lambda one: one.sales_outcome == "open"):
            company = lead._get_rate_company()
            lead._convert_amounts(self.env["sales.forecast"]._get_today(company))

    def action_take_quote_amount(self, order_id):
        """Take amount and currency of a quotation of the deal."""
        self.ensure_one()
        self.check_access("write")
        order = self.order_ids.filtered(lambda one: one.id == order_id)
        if not order:
            raise UserError(self.env._("The quotation does not belong to this deal any more."))
        if order.currency_id == self._get_rate_company().currency_id:
            self.write({"sales_currency_id": False, "expected_revenue": order.amount_untaxed})
        else:
            self.write({
                "sales_currency_id": order.currency_id.id, "sales_amount": order.amount_untaxed})

    @api.model
    def _get_system_fields(self):
        return super()._get_system_fields() | {"sales_rate", "sales_rate_date"}

    # ---- conversion ---------------------------------------------------------------------------

    def _convert_amounts(self, day=None):
        """Bring core's amounts in line with what was agreed in the deal's currency.

        :param day: the day of the rate; else as the company decided
        """
        for lead in self.sudo():  # rate and day are the system's
            company = lead._get_rate_company()
            if not lead.sales_currency_id or lead.sales_currency_id == company.currency_id:
                lead._forget_currency()
                continue
            lead._check_rate(lead.sales_currency_id, company)
            rate_day = day or lead._get_rate_day(company)
            vals = lead._prepare_converted_vals(company, lead._find_rate(company, rate_day))
            super(CrmLead, lead).write({**vals, "sales_rate_date": rate_day})

    def _prepare_converted_vals(self, company, rate):
        """The pair of amounts at this rate; an amount that was not given yet follows core's."""
        vals = {"sales_rate": rate}
        for given, core in (("sales_amount", "expected_revenue"),
                            ("sales_recurring_amount", "recurring_revenue")):
            if self[given] or self.sales_rate:
                vals[core] = company.currency_id.round(self[given] * rate)
            elif self[core]:
                vals[given] = self.sales_currency_id.round(self[core] / rate)
        return vals

    def _forget_currency(self):
        """The deal is in the company's currency: nothing stands beside its amounts."""
        vals = {"sales_rate": False, "sales_rate_date": False}
        if self.sales_currency_id and self.sales_amount:
            vals["expected_revenue"] = self.sales_amount
        if self.sales_currency_id or self.sales_amount or self.sales_rate:
            super().write({
                **vals, "sales_currency_id": False, "sales_amount": False,
                "sales_recurring_amount": False})

    def _follow_core_amounts(self, vals):
        """Somebody wrote core's amount (a list, an order, an import): what was agreed follows at
        the rate that the deal has."""
        for lead in self.filtered(lambda one: one.sales_currency_id and one.sales_rate):
            follow = {}
            if "expected_revenue" in vals:
                follow["sales_amount"] = lead.sales_currency_id.round(
                    lead.expected_revenue / lead.sales_rate)
            if "recurring_revenue" in vals:
                follow["sales_recurring_amount"] = lead.sales_currency_id.round(
                    lead.recurring_revenue / lead.sales_rate)
            super(CrmLead, lead).write(follow)

    def _get_rate_company(self):
        return self.company_id or self.user_id.company_id or self.env.company

    def _get_rate_day(self, company):
        """The day of the rate: of a won deal the day it was won, else as the company decided."""
        service = self.env["sales.forecast"]
        day = service._get_day(self.won_at, company) if self.won_at else service._get_today(company)
        if company.sales_rate_policy == "month":
            return forecast.Period.of("month", day).start
        return day

    def _find_rate(self, company, day):
        return self.sales_currency_id._get_conversion_rate(
            self.sales_currency_id, company.currency_id, company, day)

    @api.model
    def _has_rate(self, currency, company):
        """Without a rate core converts one to one, without a word."""
        return bool(self.env["res.currency.rate"].sudo().search_count(  # rates are no secret
            [("currency_id", "=", currency.id),
             ("company_id", "in", (False, company.root_id.id))], limit=1))

    @api.model
    def _check_rate(self, currency, company):
        if not self._has_rate(currency, company):
            raise UserError(self._explain_missing_rate(currency, company))

    @api.model
    def _explain_missing_rate(self, currency, company):
        return self.env._(
            "Deal Currency: %(company)s has no rate for %(currency)s, so the deal cannot be added "
            "up with the others. Ask your administrator for a rate (Settings, Currencies), or "
            "choose another currency.", company=company.name, currency=currency.name)

    def _after_outcome(self, old, new, now):
        super()._after_outcome(old, new, now)
        if new == "won":
            for lead in self.filtered("sales_currency_id"):
                if lead._has_rate(lead.sales_currency_id, lead._get_rate_company()):
                    lead._convert_amounts()

    def _update_revenues_from_so(self, order):
        """As core does for its own currency: a larger order raises the deal."""
        super()._update_revenues_from_so(order)
        for lead in self:
            if lead.sales_currency_id == order.currency_id and (
                    lead.sales_amount < order.amount_untaxed):
                lead.sales_amount = order.amount_untaxed

    # ---- the nightly job ----------------------------------------------------------------------

    @api.model
    def _cron_update_rates(self):
        """Re-rate open deals of companies that want the day's or the month's rate; won ones are
        never touched, and a deal whose rate is the same already is not written."""
        cron = self.env["ir.cron"]
        companies = self.env["res.company"].search([("sales_rate_policy", "!=", "change")])
        due = [(day, self._find_unrated(company, day)) for company in companies
               for day in [self.browse()._get_rate_day(company)]]
        time_left = cron._commit_progress(remaining=sum(len(deals) for _day, deals in due))
        for day, deals in due:
            for part in split_every(RATE_BATCH, deals.ids, self.browse):
                if not time_left:
                    return
                work_through(
                    part.with_context(tracking_disable=True),
                    lambda leads, day=day: leads._convert_amounts(day),
                    lambda lead, error, day=day: lead._postpone_rate(day))
                time_left = cron._commit_progress(len(part))

    @api.model
    def _find_unrated(self, company, day):
        """Open deals with an older rate, the oldest first; none whose currency has no rate."""
        domain = Domain([
            ("sales_currency_id", "!=", False), ("sales_outcome", "=", "open"),
            ("sales_rate_date", "<", day),
            "|", ("company_id", "=", company.id),
            "&", ("company_id", "=", False), ("user_id.company_id", "=", company.id)])
        rated = [
            currency.id for (currency,) in self._read_group(domain, ["sales_currency_id"])
            if self._has_rate(currency, company)]
        return self.search(
            domain & Domain("sales_currency_id", "in", rated), order="sales_rate_date, id")

    def _postpone_rate(self, day):
        """A deal that cannot be re-rated keeps its rate, and is tried again tomorrow."""
        super().write({"sales_rate_date": day - timedelta(days=1)})
