from odoo import api, fields, models
from odoo.tools import SQL


class NurtureDirty(models.Model):
    """One row: something happened by which the score of a person may have changed.

    Insert-only and not unique, for the same reason as nurture.change. A person all of whose rows
    are silent is scored without telling anybody.
    """

    _name = "nurture.dirty"
    _description = "Person to score again"
    _log_access = False

    person_id = fields.Integer(required=True)  # no foreign key: the queue must not lock persons
    silent = fields.Boolean(required=True, default=False)

    _claim_idx = models.Index("(silent, id)")

    @api.model
    def _push(self, person_ids, silent=False):
        """Score these persons again soon."""
        ids = [person_id for person_id in set(person_ids) if person_id]
        if not ids:
            return
        self.env.execute_query(self._query_push(ids, silent))
        self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_score")

    @api.model
    def _claim(self, limit):
        """Take persons off the queue: (ids to tell about, ids to score silently)."""
        rows = self.env.execute_query(self._query_claim(limit))
        loud = {person_id for person_id, silent in rows if not silent}
        quiet = {person_id for person_id, silent in rows} - loud
        return sorted(loud), sorted(quiet)

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

    def _query_push(self, person_ids, silent):
        return SQL(
            """INSERT INTO nurture_dirty (person_id, silent)
               SELECT unnest(%s::int[]), %s RETURNING id""",
            person_ids,
            silent,
        )

    def _query_claim(self, limit):
        # index nurture_dirty_claim_idx
        # an array is found once, whatever the planner believes of a queue that has just filled up
        return SQL(
            """DELETE FROM nurture_dirty WHERE id = ANY(ARRAY(
                   SELECT id FROM nurture_dirty ORDER BY silent, id LIMIT %s
                      FOR UPDATE SKIP LOCKED))
               RETURNING person_id, silent""",
            limit,
        )
