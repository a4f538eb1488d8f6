from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class NurtureMerge(models.Model):
    """Taking a merge back."""

    _inherit = "nurture.merge"

    def _undo(self):
        """Give the absorbed person back what was listed; what came after stays."""
        self.ensure_one()
        absorbed = self.absorbed_id
        if self.undone_at:
            raise UserError(self.env._("This merge was undone already."))
        holders = absorbed._survivors()
        (absorbed | holders).lock_for_update()
        self.env.flush_all()
        for table, ids in (self.moved or {}).items():
            if table in self._moved_tables():  # else its addon has left
                self.env.execute_query(self._query_give_back(table, ids, absorbed, holders))
        self.env.execute_query(self._query_forget_addresses(holders))
        self.env.invalidate_all(flush=False)
        holders._give_up(self.kept, self.given or {})
        absorbed._set_separate(self.kept)
        self.write({"undone_at": fields.Datetime.now(), "undone_by_id": self.env.uid})
        (absorbed | holders)._look_again()

    def _query_give_back(self, table, ids, absorbed, holders):
        return SQL(
            "UPDATE %s SET person_id = %s WHERE id = ANY(%s) AND person_id = ANY(%s) RETURNING id",
            SQL.identifier(table),
            absorbed.id,
            ids,
            holders.ids,
        )

    def _query_forget_addresses(self, holders):
        """The addresses by which the absorbed person led to the survivor."""
        # index nurture_identity_value_uniq
        kept = self.kept or {}
        return SQL(
            """DELETE FROM nurture_identity
                WHERE person_id = ANY(%s) AND res_id IS NULL
                  AND (kind = 'email' AND value = %s OR kind = 'phone' AND value = %s)
            RETURNING id""",
            holders.ids,
            kept.get("email_normalized") or None,
            kept.get("phone_sanitized") or None,
        )
