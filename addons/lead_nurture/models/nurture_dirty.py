from odoo import api, models
from odoo.tools import SQL


class NurtureDirty(models.Model):
    """One row: something happened by which the score of a person may have changed."""

    _name = "nurture.dirty"
    _inherit = ["nurture.people.queue"]
    _description = "Person to score again"
    _log_access = False

    @api.model
    def _push(self, person_ids, silent=False):
        """Score these persons again soon."""
        ids = [person_id for person_id in set(person_ids) if person_id]
        if not ids:
            return
        self.env.execute_query(self._query_push(ids, silent))
        self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_score")

    @api.model
    def _waiting_among(self, person_ids):
        """Which of these persons are still to be scored."""
        return [row[0] for row in self.env.execute_query(self._query_waiting(person_ids))]

    def _query_waiting(self, person_ids):
        # the queue is short: it is emptied within seconds
        return SQL(
            "SELECT DISTINCT person_id FROM nurture_dirty WHERE person_id = ANY(%s)",
            list(person_ids),
        )
