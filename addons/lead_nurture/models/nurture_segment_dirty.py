from odoo import api, fields, models
from odoo.tools import SQL


class NurtureSegmentDirty(models.Model):
    """One row: there is news of a person by which he may have entered or left a segment.

    Insert-only and not unique, like nurture.dirty, from which it is fed when people are scored: so
    segments see the new score, and nobody's save waits for them.
    """

    _name = "nurture.segment.dirty"
    _description = "Person to look at for segments"
    _log_access = False

    person_id = fields.Integer(required=True)  # no foreign key: the queue must not lock persons
    silent = fields.Boolean(required=True, default=False)

    _claim_idx = models.Index("(silent, id)")

    @api.model
    def _push(self, person_ids, silent=False):
        """Look at these people soon; nothing to do while no segment is at work."""
        if not person_ids or not self.env["nurture.segment"]._any_at_work():
            return
        self.env.execute_query(self._query_push(list(person_ids), silent))
        self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_refresh_segments")

    @api.model
    def _claim(self, limit):
        """Take people off the queue: (ids to tell about, ids to look at silently)."""
        rows = self.env.execute_query(self._query_claim(limit))
        loud = {person_id for person_id, silent in rows if not silent}
        quiet = {person_id for person_id, silent in rows} - loud
        return sorted(loud), sorted(quiet)

    def _query_push(self, person_ids, silent):
        return SQL(
            """WITH pushed AS (
                   INSERT INTO nurture_segment_dirty (person_id, silent)
                   SELECT unnest(%s::int[]), %s RETURNING 1)
               SELECT COUNT(*) FROM pushed""",
            person_ids,
            silent,
        )

    def _query_claim(self, limit):
        # index nurture_segment_dirty_claim_idx
        # an array is found once, whatever the planner believes of a queue that has just filled up
        return SQL(
            """DELETE FROM nurture_segment_dirty WHERE id = ANY(ARRAY(
                   SELECT id FROM nurture_segment_dirty ORDER BY silent, id LIMIT %s
                      FOR UPDATE SKIP LOCKED))
               RETURNING person_id, silent""",
            limit,
        )
