from odoo import api, fields, models
from odoo.addons.customer_care.models.care_status_rule import STATUS_SELECTION
from odoo.tools import SQL

#: The best status wins: a customer of the group is active when he is active in any company.
BEST_FIRST = (
    "loyal", "active", "reactivated", "new", "at_risk", "lapsed", "churned", "prospect")


class CareGroupCustomer(models.Model):
    """A customer of the chosen companies together: one row per commercial partner.

    Money is summed in the currency of the current company, converted once, at today's rate;
    each company's own figures stay what they were at the rates of their documents. A day on which
    two companies sold to him is two purchases.
    """

    _name = "care.group.customer"
    _description = "Customer of the group"
    _auto = False
    _order = "revenue_net desc, id desc"
    _rec_name = "partner_id"
    _depends = {
        "care.customer": [
            "partner_id", "company_id", "revenue_net", "purchase_days", "first_purchase",
            "last_purchase", "status"],
    }

    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_count = fields.Integer(
        "Companies", readonly=True, aggregator="max",
        help="Companies that he has bought from; only those are counted that you have switched on.")
    revenue_net = fields.Monetary(
        "Historic LTV", readonly=True,
        help="Sum over the companies, converted at today's rate into the currency of the current "
        "company.")
    purchase_days = fields.Integer(
        "Purchases", readonly=True,
        help="Sum over the companies: a day on which two of them sold to him counts twice.")
    first_purchase = fields.Date(readonly=True)
    last_purchase = fields.Date(readonly=True)
    status = fields.Selection(
        STATUS_SELECTION, readonly=True,
        help="The best status that he has in any of the companies.")
    best_company_id = fields.Many2one(
        "res.company", "Best in", readonly=True, help="The company where he has this status.")

    @property
    def _table_query(self):
        return self._query_group(self._group_rates())

    @api.model
    def _group_rates(self) -> list[tuple[int, float]]:
        """(company, factor into the currency of the current company), of today."""
        group, today = self.env.company, fields.Date.context_today(self)
        return [
            (company.id, company.currency_id._get_conversion_rate(
                company.currency_id, group.currency_id, group, today))
            for company in self.env.companies]

    def action_open_records(self):
        """The customer's record in each company."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.partner_id.display_name,
            "res_model": "care.customer",
            "views": [(False, "list"), (False, "form")],
            "domain": [("partner_id", "=", self.partner_id.id)],
        }

    def _query_group(self, rates) -> SQL:
        """Unique index of care_customer (partner_id, company_id)."""
        return SQL(
            """SELECT k.partner_id AS id, k.partner_id, %(currency)s AS currency_id,
                      COUNT(*) FILTER (WHERE k.purchase_days > 0) AS company_count,
                      SUM(k.revenue_net * r.factor::numeric) AS revenue_net,
                      SUM(k.purchase_days) AS purchase_days,
                      MIN(k.first_purchase) AS first_purchase,
                      MAX(k.last_purchase) AS last_purchase,
                      (array_agg(k.status ORDER BY %(rank)s, k.company_id))[1] AS status,
                      (array_agg(k.company_id ORDER BY %(rank)s, k.company_id))[1]
                          AS best_company_id
                 FROM care_customer k
                 JOIN unnest(%(companies)s, %(factors)s) r (company_id, factor)
                   ON r.company_id = k.company_id
             GROUP BY k.partner_id""",
            currency=self.env.company.currency_id.id, companies=[id_ for id_, _rate in rates],
            factors=[float(rate) for _id, rate in rates],
            rank=SQL("array_position(%s, k.status::text)", list(BEST_FIRST)),
        )
