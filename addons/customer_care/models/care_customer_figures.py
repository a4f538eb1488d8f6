from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .optional import OptionalMonetary

#: Orders of the till older than this are looked at by night alone.
RECENT_TILL_DAYS = 7
#: A transaction may commit so long after the moment that it writes on its rows.
OVERLAP = timedelta(minutes=10)


class CareCustomer(models.Model):
    """What a customer earned us, and the sources that cannot tell when they change."""

    _inherit = "care.customer"

    revenue_net = fields.Monetary(
        help="Posted invoices minus credit notes, untaxed, in company currency at the rate of "
        "each document. Where the company counts orders: confirmed orders minus what was credited "
        "of them. Paid orders of the till are in it unless they were invoiced.")
    invoiced = fields.Monetary(
        help="What was sold before anything was credited, untaxed: posted invoices or, where the "
        "company counts those, confirmed orders.")
    purchase_days = fields.Integer(
        help="Days with an invoice (or order, where the company counts those) that was not wholly "
        "credited. Several of one day are one purchase; a down payment and its final invoice are "
        "one. One of 0.00 counts as well: the customer came for something.")
    margin_net = OptionalMonetary(
        "Margin", readonly=True,
        help="What was earned: the margin of the order lines in the part that was invoiced, in "
        "company currency. Empty unless the company's value of a customer includes margin.")
    margin_revenue = OptionalMonetary(
        "Revenue with a known cost", readonly=True,
        help="The part of the historic LTV whose cost is known; the margin rests on it alone.")
    margin_story = fields.Char("What the margin rests on", compute="_compute_margin_story")
    value_basis = fields.Selection(related="company_id.care_value_basis")

    @api.depends("margin_net", "margin_revenue", "revenue_net")
    @api.depends_context("lang")
    def _compute_margin_story(self):
        _ = self.env._
        known = self.env["care.purchases"]._knows_margin()
        for customer in self:
            amount = customer.currency_id.format
            if customer.value_basis != "margin":
                customer.margin_story = False
            elif not known:
                customer.margin_story = _(
                    "Margin is not available: no cost is kept on order lines. Install Margins in "
                    "Sales Orders.")
            elif not customer.margin_revenue:
                customer.margin_story = _("No cost is known of anything that he bought.")
            else:
                customer.margin_story = _(
                    "The cost is known of %(known)s of %(all)s; the margin on that is "
                    "%(margin)s (%(rate)s).",
                    known=amount(customer.margin_revenue), all=amount(customer.revenue_net),
                    margin=amount(customer.margin_net),
                    rate=f"{customer.margin_net / customer.margin_revenue:.0%}")

    def _tell_story(self, case, company):
        if self.purchase_days or company.care_revenue_source != "orders":
            return super()._tell_story(case, company)
        if self.invoiced:
            return self.env._("Everything ordered was credited: no purchase stands.")
        return self.env._("No confirmed order yet: nothing to judge by.")

    @api.model
    def _meet_new_customers(self):
        self._meet_till(fields.Datetime.now())
        super()._meet_new_customers()

    @api.model
    def _meet_till(self, now, days=RECENT_TILL_DAYS):
        """Mark the customers of orders that the tills wrote since the last look.

        The till writes no marks: its module may be absent, so nothing of ours can stand on it.
        """
        if not self.env["care.purchases"]._has_pos():
            return
        self.env["pos.order"].flush_model()
        for company in self.env["res.company"].search([("care_pos", "=", True)]):
            seen = company.care_pos_seen or now - timedelta(days=days)
            partners = self._query_till(company, seen - OVERLAP, now - timedelta(days=days))
            if partners:  # counted in the same run: nobody has to be woken
                self.env["care.dirty"]._query_mark(partners, [company.id] * len(partners), None)
            company.care_pos_seen = now

    def _query_till(self, company, since, oldest) -> list[int]:
        """Customers of orders written since a moment. Index pos_order (date_order)."""
        return [row[0] for row in self.env.execute_query(SQL(
            """SELECT DISTINCT p.commercial_partner_id
                 FROM pos_order o JOIN res_partner p ON p.id = o.partner_id
                WHERE o.date_order >= %s AND o.write_date >= %s AND o.company_id = %s
                  AND o.state IN ('paid', 'done', 'cancel')""",
            oldest, since, company.id,
        ))]
