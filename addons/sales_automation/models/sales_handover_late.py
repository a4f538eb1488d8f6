from odoo import api, models
from odoo.tools import SQL

from .poison import work_through


class SalesHandover(models.Model):
    """What reaches somebody after he has left: an import, or another program, gave it to him."""

    _inherit = "sales.handover"

    @api.model
    def _hand_over_late(self):
        """Give it on as when the person was archived; of people whose work was handed over only,
        so that a database's old deals stay where they were."""
        rows = self.env.execute_query(self._query_late())
        people = self.env["res.users"].browse([user_id for (user_id,) in rows])
        if people:
            work_through(
                people, lambda part: [self._hand_over_at_once(user) for user in part],
                self._note_late)

    @api.model
    def _note_late(self, user, error):
        self.search([
            ("from_user_id", "=", user.id), ("kind", "=", "leave"), ("state", "=", "done"),
        ], limit=1).failure = str(error)

    @api.model
    def _query_late(self):
        """Archived people with a handover and open deals again: deals by crm_lead's index on
        user_id, handovers by theirs on from_user_id, lines by sales_handover_line_object_idx.
        What nobody may have is not tried twice."""
        return SQL(
            """
            SELECT u.id FROM res_users u
             WHERE u.active IS NOT TRUE
               AND EXISTS (SELECT FROM sales_handover h
                            WHERE h.from_user_id = u.id AND h.kind = 'leave'
                              AND h.state = 'done')
               AND EXISTS (
                    SELECT FROM crm_lead l
                     WHERE l.user_id = u.id AND COALESCE(l.sales_outcome, 'open') = 'open'
                       AND l.active
                       AND NOT EXISTS (
                            SELECT FROM sales_handover_line n
                              JOIN sales_handover h ON h.id = n.handover_id
                             WHERE h.from_user_id = u.id AND n.res_model = 'crm.lead'
                               AND n.res_id = l.id
                               AND n.state IN ('failed', 'kept', 'skipped')))
             ORDER BY u.id
            """)
