from odoo import models
from odoo.tools import SQL


class NurtureAverageMixin(models.AbstractModel):
    """Reports whose averages rest on enough rows: the average of a handful says nothing and stays
    empty."""

    _name = "nurture.average.mixin"
    _description = "Averages of enough rows"

    _averaged_from = 5

    def _read_group_select(self, aggregate_spec, query):
        average = super()._read_group_select(aggregate_spec, query)
        name, _colon, function = aggregate_spec.partition(":")
        if function != "avg":
            return average
        return self._query_enough(self._field_to_sql(self._table, name, query), average)

    def _query_enough(self, column, average):
        return SQL("CASE WHEN COUNT(%s) >= %s THEN %s END", column, self._averaged_from, average)
