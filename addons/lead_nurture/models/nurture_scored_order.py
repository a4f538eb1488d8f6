from odoo import api, models
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd
from odoo.tools import SQL

TOP = "nurture_top_bands"  # context: only records that have points, of these bands


class NurtureScoredMixin(models.AbstractModel):
    """Sorting and grouping by score.

    Records without points come last and are cold, so a join leaves them out. The first page of a
    list by score is read from the top of an index instead of sorting a million records; when there
    are too few records with points for the page, the whole is sorted after all.
    """

    _inherit = "nurture.scored.mixin"

    @api.model
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        if limit and order and self._is_best_first(order):
            best = super(
                NurtureScoredMixin, self.with_context(**{TOP: self._bands_in_domain(domain)})
            ).search_fetch(domain, field_names, offset, limit, order)
            if len(best) == limit:
                return best.with_env(self.env)
        return super().search_fetch(domain, field_names, offset, limit, order)

    @api.model
    def _is_best_first(self, order):
        first = order.split(",")[0].split()
        return [word.lower() for word in first[:2]] == ["nurture_score", "desc"]

    @api.model
    def _bands_in_domain(self, domain):
        """The bands that the domain asks for in so many words; all of them where it does not."""
        domain = Domain(domain).optimize(self)
        for part in domain.children if isinstance(domain, DomainAnd) else [domain]:
            if getattr(part, "field_expr", "") == "nurture_band" and part.operator == "in":
                return sorted(part.value)
        return []

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Among equals the newest person first: so the index gives the order to the end, and a
        page does not need all who have the highest score."""
        order = super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        if field_name != "nurture_score":
            return order
        person = SQL.identifier(query.make_alias(alias, "nurture_score"), "person_id")
        query._order_groupby.append(person)
        first = SQL(" NULLS LAST") if self.env.context.get(TOP) is None else SQL()
        return SQL("%s, %s %s%s", order, person, direction, first)

    def _query_joined_score(self, alias, field_expr, query):
        bands = self.env.context.get(TOP)
        if field_expr == "nurture_band":
            kind, known = "LEFT JOIN", self._query_nurture_bands()
        elif bands is None:
            kind, known = "LEFT JOIN", self._query_nurture_points([])
        else:
            kind, known = "JOIN", self._query_nurture_points(bands)
        # each field has a join of its own: a list may group by one and add up the other
        joined = query.make_alias(alias, field_expr)
        query.add_join(
            kind,
            joined,
            SQL("(%s)", known),
            SQL("%s = %s", SQL.identifier(joined, "res_id"), SQL.identifier(alias, "id")),
        )
        if field_expr == "nurture_band":
            return SQL("COALESCE(%s, 'cold')", SQL.identifier(joined, "band"))
        points = SQL.identifier(joined, "total")
        return SQL("COALESCE(%s, 0)", points) if bands is None else points

    def _query_nurture_bands(self):
        """Scores of those who are not cold."""
        # index nurture_score_hot_idx
        return SQL("%s AND s.band IN ('hot', 'warm')", self._query_nurture_scores())

    def _query_nurture_points(self, bands):
        """Scores that are not what a record without one has anyway; of `bands` if there are any."""
        # indexes nurture_score_hot_idx, nurture_score_top_idx
        found = SQL("%s AND s.total > 0", self._query_nurture_scores())
        if not bands:
            return found
        if len(bands) == 1:
            return SQL("%s AND s.band = %s", found, bands[0])
        return SQL("%s AND s.band = ANY(%s)", found, bands)
