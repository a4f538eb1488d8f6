from odoo import models
from odoo.tools import SQL


class CareCustomer(models.Model):
    """The lists of a care record. Most customers have nothing in most of them: a record opened
    alone asks once which of them hold something, and only these are read."""

    _inherit = "care.customer"

    def web_read(self, specification):
        if len(self) == 1:
            self = self.with_context(care_holds={self.id: self._query_holds()})
        return super().web_read(specification)

    def _may_hold(self, name) -> bool:
        """Whether a list can hold something; of several customers nobody knows."""
        held = self.env.context.get("care_holds", {})
        return len(self) != 1 or self.id not in held or name in held[self.id]

    def _search_list(self, name, domain, **how):
        """Records of a list, as far as the user may read them."""
        records = self.env[self._lists()[name][0]]
        if not (self._may_hold(name) and records.has_access("read")):
            return records
        return records.search_fetch(domain, **how)

    def _query_holds(self) -> list[str]:
        """Names of the lists with a row of this customer. Each table has an index by customer."""
        names = [
            SQL("CASE WHEN EXISTS (%s) THEN %s END", held, name)
            for name, held in self._query_held().items()]
        return self.env.execute_query(SQL(
            "SELECT array_remove(ARRAY[%s]::text[], NULL) FROM care_customer k WHERE k.id = %s",
            SQL(", ").join(names), self.id))[0][0]

    def _query_held(self) -> dict[str, SQL]:
        """{list: its rows of customer k}."""
        held = {"order_count": SQL(
            """SELECT FROM sale_order o JOIN res_partner p ON p.id = o.partner_id
                WHERE p.commercial_partner_id = k.partner_id AND o.company_id = k.company_id""")}
        for name, (model, partner) in self._lists().items():
            self.env[model].flush_model()
            held[name] = SQL(
                "SELECT FROM %s t WHERE t.%s = k.partner_id AND t.company_id = k.company_id",
                SQL.identifier(self.env[model]._table), SQL.identifier(partner))
        return held
