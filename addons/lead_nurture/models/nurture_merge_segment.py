from odoo import api, fields, models
from odoo.tools import SQL


class NurtureMerge(models.Model):
    """Stays in segments follow their person. Where both were inside, the earlier stay goes on and
    the other one ends until the merge is undone. Neither is news."""

    _inherit = "nurture.merge"

    ended_stay_ids = fields.Json("Ended stays", readonly=True)

    @api.model
    def _moved_tables(self):
        return {
            **super()._moved_tables(),
            "nurture_segment_member": self.env._("stays in segments"),
        }

    @api.model
    def _end_parallel_journeys(self, persons):
        values = super()._end_parallel_journeys(persons)
        rows = self.env.execute_query(self._query_end_parallel_stays(persons))
        return {**values, "ended_stay_ids": [row[0] for row in rows]}

    def _undo(self):
        holders = self.absorbed_id._survivors()
        super()._undo()
        self._reopen_stays(self.absorbed_id | holders)

    def _reopen_stays(self, persons):
        """Begin again what merges of these people ended. What waits for somebody to be separated
        further stays listed, also at a merge that was undone before."""
        merges = self.search(
            ["|", ("person_id", "in", persons.ids), ("absorbed_id", "in", persons.ids)]
        ).filtered("ended_stay_ids")
        ended = [stay_id for merge in merges for stay_id in merge.ended_stay_ids]
        self.env.execute_query(self._query_reopen_stays(ended, persons))
        self.env["nurture.segment.member"].invalidate_model(flush=False)
        waiting = {row[0] for row in self.env.execute_query(self._query_waiting_stays(ended))}
        for merge in merges:
            merge.ended_stay_ids = [i for i in merge.ended_stay_ids if i in waiting]

    def _query_end_parallel_stays(self, persons):
        # index nurture_segment_member__person_id_index
        return SQL(
            """UPDATE nurture_segment_member k SET left_at = %(now)s, silent_exit = TRUE
                 FROM nurture_segment_member first
                WHERE k.person_id = ANY(%(persons)s) AND k.left_at IS NULL
                  AND first.person_id = ANY(%(persons)s) AND first.left_at IS NULL
                  AND first.segment_id = k.segment_id
                  AND (first.entered_at, first.id) < (k.entered_at, k.id)
            RETURNING k.id""",
            persons=persons.ids,
            now=fields.Datetime.now(),
        )

    def _query_reopen_stays(self, stay_ids, persons):
        """Of the stays that merges ended, the first of each person who is outside now, where
        another of these people is still inside: whoever left since then left as both. What people
        heard of was not the end by a merge."""
        # indexes nurture_segment_member_pkey, nurture_segment_member_open_uniq
        return SQL(
            """UPDATE nurture_segment_member k SET left_at = NULL, silent_exit = FALSE
                 FROM (SELECT DISTINCT ON (m.segment_id, m.person_id) m.id
                         FROM nurture_segment_member m
                        WHERE m.id = ANY(%(ids)s) AND m.left_at IS NOT NULL AND m.silent_exit
                          AND NOT EXISTS (SELECT 1 FROM nurture_segment_member own
                                           WHERE own.segment_id = m.segment_id
                                             AND own.person_id = m.person_id
                                             AND own.left_at IS NULL)
                          AND EXISTS (SELECT 1 FROM nurture_segment_member other
                                       WHERE other.segment_id = m.segment_id
                                         AND other.person_id = ANY(%(persons)s)
                                         AND other.left_at IS NULL)
                     ORDER BY m.segment_id, m.person_id, m.entered_at, m.id) again
                WHERE k.id = again.id
            RETURNING k.id""",
            ids=stay_ids,
            persons=persons.ids,
        )

    def _query_waiting_stays(self, stay_ids):
        """Of these stays the ended ones whose holder is inside by another one."""
        # indexes nurture_segment_member_pkey, nurture_segment_member_open_uniq
        return SQL(
            """SELECT m.id FROM nurture_segment_member m
                WHERE m.id = ANY(%s) AND m.left_at IS NOT NULL AND m.silent_exit
                  AND EXISTS (SELECT 1 FROM nurture_segment_member own
                               WHERE own.segment_id = m.segment_id
                                 AND own.person_id = m.person_id
                                 AND own.left_at IS NULL)""",
            stay_ids,
        )
