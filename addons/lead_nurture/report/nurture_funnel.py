from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

SMALL = 50_000  # so many stays are counted in a moment: in every run of the job
AGE = timedelta(hours=1)


class NurtureFunnel(models.Model):
    """One row: one lifecycle status in one company, with how many leads stand there now, how many
    ever came, how many of those went further on the path, and how long they stayed.

    Figures are counted by the job that moves leads, and say as of when: to count the history of a
    million leads takes longer than somebody waits for a list.
    """

    _name = "nurture.funnel"
    _description = "Funnel"
    _log_access = False
    _order = "sequence, company_id, id"
    _rec_name = "status_id"

    status_id = fields.Many2one(
        "nurture.status", "Status", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", "Company", required=True, readonly=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(readonly=True, aggregator=None)
    off_path = fields.Boolean("Beside the path", readonly=True)
    now_count = fields.Integer(
        "Now", readonly=True, help="Leads that stood here when it was counted."
    )
    entered_count = fields.Integer("Entered", readonly=True, help="Leads that ever came here.")
    further_count = fields.Integer(
        "Went further", readonly=True,
        help="Those of them that later came to a status further on the path.",
    )  # fmt: skip
    # a rate of rates and a median of medians say nothing: both are shown row by row only
    conversion = fields.Float(
        "Conversion", readonly=True, aggregator=None, digits=(16, 1),
        help="Percentage of those who entered that went further.",
    )  # fmt: skip
    left_count = fields.Integer("Left", readonly=True, help="How often a lead left the status.")
    median_days = fields.Float(
        "Median days", readonly=True, aggregator=None, digits=(16, 1),
        help="Half of those who have left stayed shorter than that.",
    )  # fmt: skip
    counted_at = fields.Datetime("As of", required=True, readonly=True)

    _status_uniq = models.UniqueIndex("(status_id, company_id)")

    @api.model
    def _refresh(self):
        """Count again; of a long history once an hour."""
        now = fields.Datetime.now()
        fresh = self.search([], order="counted_at desc", limit=1)
        if fresh.counted_at and now - AGE < fresh.counted_at <= now and self._is_long():
            return
        self.env.flush_all()
        counted = [row[0] for row in self.env.execute_query(self._query_count(now))]
        self.env.execute_query(self._query_drop_others(counted))
        self.invalidate_model(flush=False)

    @api.model
    def _is_long(self):
        return self.env.execute_query(self._query_size())[0][0] > SMALL

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_size(self):
        return SQL("SELECT COUNT(*) FROM (SELECT 1 FROM nurture_stay LIMIT %s) first", SMALL + 1)

    def _query_stays(self):
        """All stays; each knows how far its lead came afterwards."""
        return SQL(
            """SELECT s.id, s.lead_id, s.status_id, s.entered_at, s.left_at,
                      COALESCE(l.company_id, %s) AS company_id,
                      MAX(CASE WHEN NOT COALESCE(t.off_path, FALSE) THEN t.sequence END) OVER (
                          PARTITION BY s.lead_id ORDER BY s.entered_at, s.id
                          ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS furthest
                 FROM nurture_stay s
                 JOIN nurture_status t ON t.id = s.status_id
                 JOIN crm_lead l ON l.id = s.lead_id""",
            self.env["nurture.person"]._home_company_id(),
        )

    def _query_count(self, now):
        """All figures, written over those that were there."""
        # index nurture_funnel_status_uniq
        return SQL(
            """WITH stays AS (%(stays)s),
               counted AS (
                   SELECT t.id AS status_id, s.company_id, t.sequence,
                          COALESCE(t.off_path, FALSE) AS off_path,
                          COUNT(*) FILTER (WHERE s.left_at IS NULL) AS now_count,
                          COUNT(DISTINCT s.lead_id) AS entered_count,
                          COUNT(DISTINCT s.lead_id) FILTER (
                              WHERE s.furthest > t.sequence OR t.off_path AND s.furthest > 0)
                              AS further_count,
                          COUNT(s.left_at) AS left_count,
                          percentile_cont(0.5) WITHIN GROUP (
                              ORDER BY EXTRACT(EPOCH FROM s.left_at - s.entered_at) / 86400.0)
                              FILTER (WHERE s.left_at IS NOT NULL) AS median_days
                     FROM stays s JOIN nurture_status t ON t.id = s.status_id
                 GROUP BY t.id, s.company_id)
               INSERT INTO nurture_funnel (status_id, company_id, sequence, off_path, now_count,
                                           entered_count, further_count, left_count, median_days,
                                           conversion, counted_at)
               SELECT counted.*, 100.0 * further_count / entered_count, %(now)s FROM counted
          ON CONFLICT (status_id, company_id) DO UPDATE
                  SET (sequence, off_path, now_count, entered_count, further_count, left_count,
                       median_days, conversion, counted_at)
                    = (EXCLUDED.sequence, EXCLUDED.off_path, EXCLUDED.now_count,
                       EXCLUDED.entered_count, EXCLUDED.further_count, EXCLUDED.left_count,
                       EXCLUDED.median_days, EXCLUDED.conversion, EXCLUDED.counted_at)
            RETURNING id""",
            stays=self._query_stays(),
            now=now,
        )

    def _query_drop_others(self, kept_ids):
        return SQL("DELETE FROM nurture_funnel WHERE id <> ALL(%s) RETURNING id", kept_ids)

    def action_open_leads(self):
        """The leads that stand here now."""
        return self.status_id.action_open_leads()
