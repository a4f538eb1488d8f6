from odoo import api, fields, models
from odoo.tools import SQL


class NurtureScoredMixin(models.AbstractModel):
    """A record also shows the segments of its person: read in one query per page, and searched by
    one, so that lists, mailings and filters can ask for a segment."""

    _inherit = "nurture.scored.mixin"

    nurture_segment_ids = fields.Many2many(
        "nurture.segment",
        string="Segments",
        compute="_compute_nurture_segment_ids",
        search="_search_nurture_segment_ids",
        groups="lead_nurture.group_lead_nurture_user",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_nurture_segment_ids(self):
        rows = dict(self.env.execute_query(self._query_nurture_segments_of(self._origin.ids)))
        for record in self:
            record.nurture_segment_ids = rows.get(record._origin.id, [])

    def _search_nurture_segment_ids(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        segments = self.env["nurture.segment"]
        if operator == "any":
            found = segments._search(value)
        else:
            ids = [segment_id for segment_id in value if segment_id]
            if len(ids) < len(list(value)):  # False among them: also those in no segment
                return NotImplemented if ids else [
                    ("id", "not in", self._query_in_segments(segments._search([])))
                ]
            found = segments._search([("id", "in", ids)])
        return [("id", "in", self._query_in_segments(found))]

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_in_segments(self, segments):
        # index nurture_segment_member_open_uniq
        return SQL(
            """(SELECT link.res_id FROM (%s) link
                  JOIN nurture_segment_member m ON m.person_id = link.person_id
                   AND m.left_at IS NULL
                 WHERE m.segment_id IN %s)""",
            self._query_nurture_links(),
            segments.subselect(),
        )

    def _query_nurture_segments_of(self, ids):
        """Rows (res_id, ids of segments) that the reader's companies may see."""
        # index nurture_segment_member__person_id_index
        return SQL(
            """SELECT link.res_id, array_agg(s.id ORDER BY s.id)
                 FROM (%s) link
                 JOIN nurture_segment_member m ON m.person_id = link.person_id
                  AND m.left_at IS NULL
                 JOIN nurture_segment s ON s.id = m.segment_id AND s.active
                WHERE link.res_id = ANY(%s)
                  AND (s.company_id IS NULL OR s.company_id = ANY(%s))
             GROUP BY link.res_id""",
            self._query_nurture_links(),
            list(ids),
            self.env.companies.ids,
        )
