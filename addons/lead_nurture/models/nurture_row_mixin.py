from odoo import models
from odoo.tools import SQL


class NurtureRowMixin(models.AbstractModel):
    """Rows that only the engine writes, hundreds at a time: one UPDATE for all of them, without
    tracking, recomputation or a write date."""

    _name = "nurture.row.mixin"
    _description = "Row of the engine"

    def _write_rows(self, bump=None, **values):
        """Give all rows these values, and count the field `bump` up by one."""
        if self:
            self.flush_recordset()
            self.env.cr.execute(self._query_write_rows(values, bump))
            self.invalidate_recordset(flush=False)

    def _query_write_rows(self, values, bump):
        sets = [
            # False is how the ORM says NULL for all but booleans, and the rows have none
            SQL("%s = %s", SQL.identifier(name), None if value is False else value)
            for name, value in values.items()
        ]
        if bump:
            sets.append(
                SQL("%(name)s = COALESCE(%(name)s, 0) + 1", name=SQL.identifier(bump))
            )
        return SQL(
            "UPDATE %s SET %s WHERE id = ANY(%s)",
            SQL.identifier(self._table),
            SQL(", ").join(sets),
            self.ids,
        )
