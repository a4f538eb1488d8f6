from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

BATCH = 5_000
REOPEN_DAYS = 365


class NurtureHandover(models.Model):
    """What became of hand-overs, pulled from what sales did with the lead: one UPDATE per question
    and batch, and only rows are written of which something new is known."""

    _inherit = "nurture.handover"

    @api.model
    def _cron_follow(self):
        cron = self.env["ir.cron"]
        for low, high in self._ranges():
            done = self._follow(low, high, fields.Datetime.now())
            if not cron._commit_progress(done, remaining=0):
                cron._commit_progress(remaining=1)
                return
        cron._commit_progress(remaining=0)

    @api.model
    def _ranges(self):
        """Ranges of ids that hold a batch of rows each of which something new may be known."""
        return self.env.execute_query(self._query_ranges())

    @api.model
    def _follow(self, low, high, now):
        """Bring the rows of this range up to `now`; how many were written."""
        self.env.flush_all()
        written = [
            row
            for query in self._follow_queries(self._query_scope(low, high), now)
            for row in self.env.execute_query(query)
        ]
        self.invalidate_model(flush=False)
        return len(written)

    @api.model
    def _follow_queries(self, scope, now):
        """In this order: who did something first has accepted, although the lead is lost now."""
        return [
            self._query_reopen(scope),
            self._query_accept(scope),
            self._query_reject(scope),
            self._query_close(scope),
            self._query_late(scope, now),
        ]

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_scope(self, low, high):
        return SQL("h.id BETWEEN %s AND %s", low, high)

    def _query_ranges(self):
        # indexes nurture_handover_undecided_idx, nurture_handover_open_idx
        return SQL(
            """SELECT MIN(id), MAX(id)
                 FROM (SELECT id, (ROW_NUMBER() OVER (ORDER BY id) - 1) / %s AS part
                         FROM (SELECT id FROM nurture_handover WHERE state IN ('waiting', 'late')
                                UNION SELECT id FROM nurture_handover WHERE outcome = 'open'
                                UNION SELECT h.id FROM %s) unfinished) parted
             GROUP BY part ORDER BY part""",
            BATCH,
            self._query_changed(),
        )

    def _query_last(self):
        """Condition: `h` is the last hand-over of its lead."""
        # index nurture_handover_lead_idx
        return SQL(
            """NOT EXISTS (SELECT 1 FROM nurture_handover later
                            WHERE later.lead_id = h.lead_id
                              AND (later.handed_at, later.id) > (h.handed_at, h.id))"""
        )

    def _query_outcome(self):
        """What the lead `l` with the lost reason `r` says now."""
        return SQL(
            """CASE WHEN l.won_status = 'won' THEN 'won'
                    WHEN l.won_status = 'pending' THEN 'open'
                    WHEN r.nurture_scenario_id IS NOT NULL THEN 'recycled' ELSE 'lost' END"""
        )

    def _query_changed(self):
        """Hand-overs `h` closed within a year whose lead has another end now, or none."""
        # indexes nurture_handover_closed_idx, crm_lead_pkey
        return SQL(
            """nurture_handover h
                 JOIN crm_lead l ON l.id = h.lead_id
            LEFT JOIN crm_lost_reason r ON r.id = l.lost_reason_id
                WHERE h.outcome <> 'open' AND h.closed_at > %s AND h.outcome <> %s AND %s""",
            fields.Datetime.now() - timedelta(days=REOPEN_DAYS),
            self._query_outcome(),
            self._query_last(),
        )

    def _query_reopen(self, scope):
        """Not the end after all: open again, and a loss that was taken back is no answer either."""
        return SQL(
            """UPDATE nurture_handover h
                  SET outcome = 'open', closed_at = NULL,
                      state = CASE WHEN undone.answer THEN 'waiting' ELSE h.state END,
                      decided_at = CASE WHEN undone.answer THEN NULL ELSE h.decided_at END,
                      was_late = h.was_late AND NOT undone.answer,
                      reason_id = CASE WHEN h.state = 'rejected' AND NOT undone.answer
                                       THEN h.reason_id END
                 FROM (SELECT h.id, h.state = 'rejected'
                              AND h.decided_at >= date_trunc('second', h.closed_at) AS answer
                         FROM %s AND %s) undone
                WHERE h.id = undone.id RETURNING h.id""",
            self._query_changed(),
            scope,
        )

    def _query_accept(self, scope):
        """The salesperson did something himself, or won it at once."""
        # indexes nurture_handover_undecided_idx, crm_lead_pkey
        return SQL(
            """UPDATE nurture_handover h
                  SET state = 'accepted', decided_at = answer.at, was_late = answer.at > h.due_at,
                      user_id = COALESCE(answer.user_id, h.user_id)
                 FROM (SELECT h.id, l.user_id,
                              date_trunc('second', LEAST(%s, CASE WHEN l.won_status = 'won'
                                   THEN GREATEST(l.date_closed, h.handed_at) END)) AS at
                         FROM nurture_handover h JOIN crm_lead l ON l.id = h.lead_id
                        WHERE h.state IN ('waiting', 'late') AND %s) answer
                WHERE h.id = answer.id AND answer.at IS NOT NULL RETURNING h.id""",
            self.env["nurture.reaction"]._query_first(SQL("h.handed_at")),
            scope,
        )

    def _query_reject(self, scope):
        """Lost, made a lead again, or taken from its team and salesperson, before anybody worked
        on it."""
        # indexes nurture_handover_undecided_idx, crm_lead_pkey
        return SQL(
            """UPDATE nurture_handover h
                  SET state = 'rejected', reason_id = l.lost_reason_id,
                      was_late = COALESCE(l.date_closed, l.write_date) > h.due_at,
                      decided_at = date_trunc('second', GREATEST(
                          CASE WHEN l.won_status = 'lost' THEN l.date_closed ELSE l.write_date END,
                          h.handed_at))
                 FROM crm_lead l
                WHERE l.id = h.lead_id AND h.state IN ('waiting', 'late') AND %s
                  AND (l.won_status = 'lost' OR l.type = 'lead'
                    OR l.user_id IS NULL AND l.team_id IS NULL
                       AND COALESCE(h.user_id, h.team_id) IS NOT NULL)
            RETURNING h.id""",
            scope,
        )

    def _query_close(self, scope):
        """The end of the lead is the end of its last hand-over."""
        # indexes nurture_handover_open_idx, nurture_handover_lead_idx
        return SQL(
            """UPDATE nurture_handover h
                  SET outcome = %s,
                      reason_id = CASE WHEN l.won_status = 'lost' THEN l.lost_reason_id END,
                      closed_at = COALESCE(l.date_closed, l.write_date)
                 FROM crm_lead l LEFT JOIN crm_lost_reason r ON r.id = l.lost_reason_id
                WHERE l.id = h.lead_id AND h.outcome = 'open' AND %s
                  AND l.won_status IN ('won', 'lost') AND %s
            RETURNING h.id""",
            self._query_outcome(),
            scope,
            self._query_last(),
        )

    def _query_late(self, scope, now):
        # index nurture_handover_undecided_idx
        return SQL(
            """UPDATE nurture_handover h SET state = 'late', was_late = TRUE
                WHERE h.state = 'waiting' AND h.due_at < %s AND %s RETURNING h.id""",
            now,
            scope,
        )
