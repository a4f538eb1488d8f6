from odoo import api, fields, models
from odoo.tools import SQL


class NurturePeopleQueue(models.AbstractModel):
    """A queue of people to look at: insert-only and not unique, for the same reason as
    nurture.change. A person all of whose rows are silent is looked at without telling anybody."""

    _name = "nurture.people.queue"
    _description = "Queue of people"
    _log_access = False

    person_id = fields.Integer(required=True)  # no foreign key: the queue must not lock persons
    silent = fields.Boolean(required=True, default=False)

    _claim_idx = models.Index("(silent, id)")

    @api.model
    def _claim(self, limit):
        """Take persons off the queue: (ids to tell about, ids to look at silently)."""
        rows = self.env.execute_query(self._query_claim(limit))
        loud = {person_id for person_id, silent in rows if not silent}
        quiet = {person_id for person_id, silent in rows} - loud
        return sorted(loud), sorted(quiet)

    def _query_push(self, person_ids, silent):
        return SQL(
            """WITH pushed AS (
                   INSERT INTO %s (person_id, silent)
                   SELECT unnest(%s::int[]), %s RETURNING 1)
               SELECT COUNT(*) FROM pushed""",
            SQL.identifier(self._table),
            person_ids,
            silent,
        )

    def _query_claim(self, limit):
        # index <table>_claim_idx
        # an array is found once, whatever the planner believes of a queue that has just filled up
        return SQL(
            """DELETE FROM %(queue)s WHERE id = ANY(ARRAY(
                   SELECT id FROM %(queue)s ORDER BY silent, id LIMIT %(limit)s
                      FOR UPDATE SKIP LOCKED))
               RETURNING person_id, silent""",
            queue=SQL.identifier(self._table),
            limit=limit,
        )
