from odoo import api, fields, models
from odoo.tools import SQL


class NurtureMerge(models.Model):
    """Stays in segments follow their person. Where both were inside, the earlier stay goes on; a
    merge is no news, so the other one ends silently."""

    _inherit = "nurture.merge"

    @api.model
    def _moved_tables(self):
        return {
            **super()._moved_tables(),
            "nurture_segment_member": self.env._("stays in segments"),
        }

    @api.model
    def _end_parallel_journeys(self, persons):
        result = super()._end_parallel_journeys(persons)
        self.env.execute_query(self._query_end_parallel_stays(persons))
        return result

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
