from odoo import api, models
from odoo.tools import SQL


class SalesReportMoney(models.AbstractModel):
    """Amounts of a report: told in the currency of the company looked from.

    An amount of a company without a rate keeps its own currency. It is added to its like and never
    to others: where they meet, the sum is not known, and everything else of the row stands.
    """

    _name = "sales.report.money"
    _description = "Amounts of Sales Figures"

    def _read_group_select(self, aggregate_spec, query):
        select = super()._read_group_select(aggregate_spec, query)
        name, _colon, function = aggregate_spec.partition(":")
        field = self._fields.get(name)
        if field and field.type == "monetary":
            return self._query_known(select, query)
        if name == "currency_id" and function == "array_agg_distinct":
            return self._query_known(select, query, currencies=True)
        return select

    def _query_known(self, select, query, currencies=False):
        """The aggregate, unless currencies that cannot be compared would be mixed in it.

        Where the context says `home_currency`, those of any other currency are not known, and
        nothing adds up to 0. Of the currencies themselves ours is told.
        """
        if not self.env["sales.forecast"]._get_companies_without_rate():
            return select
        currency = self._field_to_sql(self._table, "currency_id", query)
        home = self.env.company.currency_id.id
        if self.env.context.get("home_currency") and not currencies:
            return SQL("CASE WHEN COUNT(*) FILTER (WHERE %s <> %s) = 0 THEN COALESCE(%s, 0) END",
                       currency, home, select)
        return SQL("CASE WHEN COUNT(DISTINCT %s) < 2 THEN %s ELSE %s END", currency, select,
                   SQL("ARRAY[%s]", home) if currencies else SQL("NULL"))

    @api.model
    def _query_currency(self, company):
        """The currency in which an amount of a company (an expression) is told."""
        home = self.env.company.currency_id.id
        without = self.env["sales.forecast"]._get_companies_without_rate()
        if not without:
            return SQL("%s", home)
        own = SQL(" ").join(
            SQL("WHEN %s THEN %s", one.id, one.currency_id.id) for one in without)
        return SQL("CASE %s %s ELSE %s END", company, own, home)
