from odoo import models
from odoo.tools import SQL

#: What CasePlan tells of a case.
TOLD = (
    "sla_id", "reply_sla_id", "reply_deadline", "reply_warn_at", "reply_hours", "reply_result",
    "deadline_at", "warn_at", "resolution_hours", "resolution_result", "allowed_hours", "due_at",
    "paused_at", "paused_hours", "escalate_at")


class CareCase(models.Model):
    """How deadlines are written: of one case with whatever else is written there, of many by one
    statement. A changed service level of a busy desk writes them all.
    """

    _inherit = "care.case"

    def _tell_value(self, name):
        """What stands in a field, of a record its id."""
        value = self[name]
        return value.id if isinstance(value, models.BaseModel) else value

    def _write_told(self, changes):
        """:param changes: {case: {field: value}}, fields of TOLD"""
        if len(changes) == 1:
            [(case, vals)] = changes.items()
            case.write(vals)
        elif changes:
            cases = self.browse([case.id for case in changes])
            cases.flush_recordset(TOLD)
            cases._query_write_told(changes)
            cases.invalidate_recordset(TOLD, flush=False)
            cases.modified(TOLD)

    def _query_write_told(self, changes):
        """One row of values for each case: what changes, and what it says already."""
        columns = [self._fields[name] for name in TOLD]
        rows = zip(*(
            [field.convert_to_column(vals.get(field.name, case._tell_value(field.name)), case)
             for field in columns]
            for case, vals in changes.items()), strict=True)
        self.env.execute_query(SQL(
            """UPDATE care_case c SET %(taken)s
                 FROM unnest(%(ids)s, %(values)s) AS n (id, %(names)s)
                WHERE c.id = n.id RETURNING c.id""",
            taken=SQL(", ").join(
                SQL("%s = %s", SQL.identifier(name), SQL.identifier("n", name)) for name in TOLD),
            ids=self.ids, names=SQL(", ").join(SQL.identifier(name) for name in TOLD),
            values=SQL(", ").join(
                SQL("%s::%s[]", list(values), SQL(field.column_type[1]))
                for field, values in zip(columns, rows, strict=True))))
