from odoo import api, fields, models
from odoo.tools import SQL

TRIGGERS = ("segment_enter", "segment_leave")


class NurtureScenario(models.Model):
    """Lets people in when they enter or leave a segment. Silent moves are no occasion: nobody is
    mailed because somebody edited the conditions of a segment."""

    _inherit = "nurture.scenario"

    trigger_segment_id = fields.Many2one(
        "nurture.segment", "Segment", ondelete="restrict", index="btree_not_null",
        domain="[('company_id', 'in', [False, company_id]), ('state', '!=', 'draft')]",
    )  # fmt: skip

    @api.model
    def _trigger_kinds(self):
        return {
            **super()._trigger_kinds(),
            "segment_enter": self.env._("A person enters a segment"),
            "segment_leave": self.env._("A person leaves a segment"),
        }

    def _reason_not_to_run(self):
        segment = self.trigger_segment_id.sudo()  # sudo: what the scenario asks for, not a reader
        if self.trigger_kind in TRIGGERS:
            if not segment:
                return self.env._("It does not say which segment people enter or leave.")
            if segment.company_id and segment.company_id != self.company_id:
                return self.env._("The segment “%s” is of another company.", segment.name)
        return super()._reason_not_to_run()

    def _entry_text_segment_enter(self):
        segment = self.trigger_segment_id.sudo()  # sudo: its name, for readers of the scenario
        return segment and self.env._("A person enters “%s”", segment.name)

    def _entry_text_segment_leave(self):
        segment = self.trigger_segment_id.sudo()  # sudo: its name, for readers of the scenario
        return segment and self.env._("A person leaves “%s”", segment.name)

    # ------------------------------------------------------------
    # QUERIES
    # ------------------------------------------------------------

    def _query_candidates_segment_enter(self, full, now):
        """Open leads of people who came in lately and still are inside."""
        return self._query_candidates_segment(
            now,
            # index nurture_segment_member_entered_idx
            SQL("move.entered_at"),
            SQL("NOT move.silent_entry AND move.left_at IS NULL"),
        )

    def _query_candidates_segment_leave(self, full, now):
        """Open leads of people who went lately and have not come back."""
        return self._query_candidates_segment(
            now,
            # index nurture_segment_member_left_idx
            SQL("move.left_at"),
            SQL(
                """NOT move.silent_exit
               AND NOT EXISTS (SELECT 1 FROM nurture_segment_member back
                                WHERE back.segment_id = move.segment_id
                                  AND back.person_id = move.person_id AND back.left_at IS NULL)"""
            ),
        )

    def _query_candidates_segment(self, now, moment, where):
        return self._query_candidates(
            self._domain_at_work(),
            occasion=moment,
            joins=SQL(
                """JOIN nurture_segment_member move
                     ON move.person_id = i.person_id AND move.segment_id = %s AND %s >= %s""",
                self.trigger_segment_id.id,
                moment,
                self._memory_since(now),
            ),
            where=where,
        )
