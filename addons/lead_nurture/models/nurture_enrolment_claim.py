from odoo import api, models
from odoo.tools import SQL

# People between two commits: a killed lane loses at most so many steps of work and does them again,
# and core never counts it as timed out; a larger batch would hardly save statements.
BATCH = 200


class NurtureEnrolment(models.Model):
    """Whom a lane takes next: fairly, so that a blast starves nobody.

    Each running scenario has two queues: people woken by what they just did, and people whose
    time has come. A batch is divided among all queues in which somebody is due; what a short
    queue leaves over goes to the long ones, lowest priority number first. So whoever comes behind
    a blast of 50,000 is served in one of the next batches, and a lone blast fills whole batches.
    """

    _inherit = "nurture.enrolment"

    @api.model
    def _query_claim(self, now):
        # A lock without an UPDATE: the work writes the row anyway, and a claim that wrote it too
        # would double the dead rows. indexes nurture_enrolment_woken_idx and
        # nurture_enrolment_due_idx, once per queue
        return SQL(
            """SELECT taken.id
                 FROM (%(quota)s) q
           CROSS JOIN LATERAL (
                      SELECT id, run_at FROM (
                      SELECT e.id, e.run_at FROM nurture_enrolment e
                       WHERE q.woken AND e.scenario_id = q.id AND %(woken)s
                    ORDER BY e.run_at LIMIT q.share FOR NO KEY UPDATE SKIP LOCKED) woken
                   UNION ALL
                      SELECT id, run_at FROM (
                      SELECT e.id, e.run_at FROM nurture_enrolment e
                       WHERE NOT q.woken AND e.scenario_id = q.id AND %(due)s
                    ORDER BY e.run_at LIMIT q.share FOR NO KEY UPDATE SKIP LOCKED) due) taken
             ORDER BY q.priority, q.woken DESC, q.id, taken.run_at, taken.id""",
            quota=self._query_quota(now),
            woken=self._query_is_woken(now),
            due=self._query_is_due(now),
        )

    @api.model
    def _query_quota(self, now):
        """Queues in which somebody is due, each with its share of a batch."""
        return SQL(
            """SELECT id, woken, priority,
                      base + LEAST(number - base, GREATEST(0, %(batch)s - SUM(base) OVER ()
                           - COALESCE(SUM(number - base) OVER (
                                      ORDER BY priority, woken DESC, id
                                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)))
                      AS share
                 FROM (SELECT *, LEAST(number, GREATEST(%(batch)s / COUNT(*) OVER (), 1)) AS base
                         FROM (%(queues)s) queues) fair
             ORDER BY priority, woken DESC, id""",
            batch=BATCH,
            queues=self._query_queues(now),
        )

    @api.model
    def _query_queues(self, now):
        """Nobody counts further than a batch. More queues than a batch has places take turns,
        by a shuffle that the clock decides."""
        # indexes nurture_enrolment_woken_idx and nurture_enrolment_due_idx, once per scenario
        return SQL(
            """SELECT s.id, s.priority, queue.woken, queue.number
                 FROM nurture_scenario s
           CROSS JOIN LATERAL (
                      SELECT TRUE AS woken, COUNT(*) AS number
                        FROM (SELECT 1 FROM nurture_enrolment e
                               WHERE e.scenario_id = s.id AND %(woken)s LIMIT %(batch)s) found
                   UNION ALL
                      SELECT FALSE, COUNT(*)
                        FROM (SELECT 1 FROM nurture_enrolment e
                               WHERE e.scenario_id = s.id AND %(due)s LIMIT %(batch)s) found) queue
                WHERE s.state = 'running' AND queue.number > 0
             ORDER BY s.priority, queue.woken DESC, md5(s.id::text || %(now)s::text)
                LIMIT %(batch)s""",
            woken=self._query_is_woken(now),
            due=self._query_is_due(now),
            batch=BATCH,
            now=now,
        )

    @api.model
    def _query_is_woken(self, now):
        return SQL("e.run_at <= %s AND e.state = 'active' AND e.release_label IS NOT NULL", now)

    @api.model
    def _query_is_due(self, now):
        return SQL(
            "e.run_at <= %s AND e.state IN ('active', 'waiting') AND e.release_label IS NULL", now
        )
