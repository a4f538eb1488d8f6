from odoo import models

# What lists sort and group by, the way the framework writes it: who joins it.
JOINED = {
    "nurture_score": "_query_joined_score",
    "nurture_band": "_query_joined_score",
    "nurture_status_id": "_query_joined_status",
    "nurture_status_id.id": "_query_joined_status",
    "nurture_status_since": "_query_joined_status",
}


class NurtureJoinedMixin(models.AbstractModel):
    """A record that shows fields of other tables, joined when a list sorts or groups by them.

    One question for all of them: it is asked for each column of each record that is read.
    """

    _name = "nurture.joined.mixin"
    _description = "Record with joined fields"

    def _field_to_sql(self, alias, field_expr, query=None):
        join = JOINED.get(field_expr)
        if join is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr.partition(".")[0]], "read")
        return getattr(self, join)(alias, field_expr, query)
