from odoo import api, fields, models
from odoo.tools import SQL


class SalesReportMixin(models.AbstractModel):
    """What the figures of the Sales Desk share: one row is about one deal (`lead_id`).

    A pivot only knows how to add up and to average. The measures named here carry the aggregator
    "avg" for it and are worked out by their own formula in every grouping, totals included, so
    that a total is never a mean of means.
    """

    _name = "sales.report.mixin"
    _inherit = "sales.report.money"
    _description = "Sales Figures"

    # measure: (field, share), e.g. 0.5 for the median
    _percentile_measures = {}
    # measure: (summed field above the line, summed field below the line)
    _ratio_measures = {}
    # those of them whose sums are amounts
    _money_ratios = frozenset()
    # measure: (summed field, condition field): the sum over the deals that fulfil the condition,
    # for each of these deals
    _per_deal_measures = {}

    def action_open_lead(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "res_model": "crm.lead", "res_id": self.lead_id.id,
            "views": [(False, "form")], "target": "current",
        }

    def _read_group_select(self, aggregate_spec, query):
        name, _colon, function = aggregate_spec.partition(":")
        if function == "avg":
            if name in self._percentile_measures:
                return self._query_percentile(query, *self._percentile_measures[name])
            if name in self._ratio_measures:
                ratio = self._query_ratio(query, *self._ratio_measures[name])
                return self._query_known(ratio, query) if name in self._money_ratios else ratio
            if name in self._per_deal_measures:
                return self._query_per_deal(query, *self._per_deal_measures[name])
        return super()._read_group_select(aggregate_spec, query)

    # ---- SQL ----------------------------------------------------------------------------------

    def _query_percentile(self, query, name, share):
        return SQL("PERCENTILE_CONT(%s) WITHIN GROUP (ORDER BY %s)",
                   share, self._field_to_sql(self._table, name, query))

    def _query_ratio(self, query, above, below):
        return SQL("SUM(%s)::float / NULLIF(SUM(%s), 0)::float",
                   self._field_to_sql(self._table, above, query),
                   self._field_to_sql(self._table, below, query))

    def _query_per_deal(self, query, name, condition):
        return SQL(
            "SUM(%(value)s) FILTER (WHERE %(counts)s)::float"
            " / NULLIF(COUNT(DISTINCT %(lead)s) FILTER (WHERE %(counts)s), 0)",
            value=self._field_to_sql(self._table, name, query),
            counts=self._field_to_sql(self._table, condition, query),
            lead=self._field_to_sql(self._table, "lead_id", query))

    @api.model
    def _query_rate(self, company):
        """What an amount of a company (an expression) is worth in the company looked from.

        All at today's rate, one to one where there is none (`_query_currency`); an amount of a
        company that is not looked at is left out.
        """
        service = self.env["sales.forecast"]
        return service._query_rate(company, service._get_rates(
            self.env.companies, self.env.company.currency_id, fields.Date.context_today(self)))

    @api.model
    def _query_home(self, lead="l", user="u"):
        """The company in which a deal counts, as in the forecast; never two, never none."""
        return self.env["crm.lead"]._query_home_company(lead, user)

    @api.model
    def _query_outcome(self):
        """How lead l with lost reason r stands: as recorded, and apart what was no real deal."""
        return SQL(
            """CASE WHEN l.sales_outcome = 'lost' AND r.is_derail THEN 'derail'
                    ELSE l.sales_outcome END""")

    @api.model
    def _query_first_touch(self):
        """When the customer of lead l was first in touch."""
        return SQL("LEAST(l.first_touch_at, l.create_date)")

    @api.model
    def _query_first_order(self):
        """When the first order of lead l was confirmed; by sale.order's index on opportunity_id.

        Written as a column, not as a join: a grouping that does not show it does not pay for it.
        """
        return SQL(
            """(SELECT MIN(o.date_order) FROM sale_order o
                 WHERE o.opportunity_id = l.id AND o.state = 'sale')""")

    @api.model
    def _query_category(self):
        """The product category of the biggest line that was ordered, else offered, for lead l.

        By the indexes on sale_order.opportunity_id and sale_order_line.order_id.
        """
        return SQL(
            """(SELECT t.categ_id
                  FROM sale_order o
                  JOIN sale_order_line sol ON sol.order_id = o.id
                  JOIN product_product p ON p.id = sol.product_id
                  JOIN product_template t ON t.id = p.product_tmpl_id
                 WHERE o.opportunity_id = l.id
                 ORDER BY o.state = 'sale' DESC, sol.price_subtotal DESC, sol.id
                 LIMIT 1)""")
