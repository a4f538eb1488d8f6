import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

NEWS, ALL, ENDED = "leave news", "leave all", "leave ended"
NEWS_BATCH = 10_000  # events looked at in one go
# events of transactions that were open while we read come with lower numbers: looked at again
OVERLAP = 2_000
CHUNK = 20_000  # journeys looked at in one go
# between two looks at everybody: for what no event tells, such as conditions on leads
FULL_PASS = timedelta(minutes=15)
# what is heard of late still counts
LATE = timedelta(days=2)


class NurtureEnrolment(models.Model):
    """Who stands in a long wait must not wait for the lane to leave: the people of new events are
    looked at when the events come in, and everybody every quarter of an hour: who is inside, and
    who left so lately that a goal still counts. Journeys that ended long ago are never read.

    Each batch claims its rows in its first writing statement; a row that a lane holds is left to
    it, because the lane asks the same before it does a step.
    """

    _inherit = "nurture.enrolment"

    # everybody who is inside, in pieces
    _inside_idx = models.Index("(id) WHERE state IN ('active', 'waiting', 'parked')")
    # who may still reach the goal after leaving
    _goal_idx = models.Index("(ended_at, id) WHERE goal_at IS NULL AND ended_at IS NOT NULL")

    @api.model
    def _cron_leave(self):
        cron = self.env["ir.cron"]
        left = cron._commit_progress()
        for batch in (self._leave_by_news, self._leave_inside, self._leave_ended):
            while left:
                done, more = self._leave_batch_safely(batch)
                left = cron._commit_progress(done, remaining=int(more))
                if not more:
                    break

    @api.model
    def _leave_batch_safely(self, batch):
        """→ (rows looked at, is there more)"""
        try:
            return batch(fields.Datetime.now())
        except CONFLICTS as error:
            self.env.cr.rollback()
            _logger.info("Nurture goals start over: %s", error.__class__.__name__)
            return 0, False  # the mark has not moved; the next run looks again

    @api.model
    def _leave_by_news(self, now):
        """The people of the newest events, and what their events are asked for by rules."""
        marks = self.env["nurture.watermark"]
        at, low = marks._read_mark(NEWS)
        if not at:  # nothing was read yet: everybody is looked at anyhow
            marks._write_mark(NEWS, now, self.env.execute_query(self._query_newest())[0][0])
            return 0, False
        high, more = self.env.execute_query(self._query_news_window(low))[0]
        if not high:
            return 0, False
        rules = self._sweep_rules()
        told = [*rules._told_by(), "segment_enter"]
        scope = self._query_in_the_news(max(low - OVERLAP, 0), high, told, now)
        self._leave_by_hits(rules._find_hits(rules, scope, now), now)
        marks._write_mark(NEWS, now, high)
        return high - low, more

    @api.model
    def _leave_inside(self, now):
        """The next of those who are inside, by number; from the start again when the last pass is
        a quarter of an hour old."""
        marks = self.env["nurture.watermark"]
        at, low = marks._read_mark(ALL)
        if self._is_rested(at, low, now):
            return 0, False
        ids = [row[0] for row in self.env.execute_query(self._query_inside(low))]
        if ids:
            people, rules = self.browse(ids), self._sweep_rules()
            self._leave_by_hits(rules._find_hits(rules, people._query_among(), now), now)
            rows = self.env.execute_query(people._query_claim_changed())
            self.browse([row[0] for row in rows])._leave_early(now)
        more = len(ids) == CHUNK
        marks._write_mark(ALL, now, ids[-1] if more else 0)
        return len(ids), more

    @api.model
    def _leave_ended(self, now):
        """The next of those who left so lately that a goal still counts, by when they left; from
        the start again like those who are inside. In a pass the mark is where it stands, between
        two it is when the last one ended."""
        marks = self.env["nurture.watermark"]
        at, low = marks._read_mark(ENDED)
        if self._is_rested(at, low, now):
            return 0, False
        rules = self._sweep_rules().filtered(lambda rule: rule.purpose == "goal")
        days = max(rules.scenario_id.mapped("goal_days"), default=0)
        since = at if low else now - LATE - timedelta(days=days)
        found = self.env.execute_query(self._query_ended(rules.scenario_id, since, low))
        if found:
            people = self.browse([row[0] for row in found])
            self._leave_by_hits(rules._find_hits(rules, people._query_among(), now), now)
        more = len(found) == CHUNK
        marks._write_mark(ENDED, found[-1][1] if more else now, found[-1][0] if more else 0)
        return len(found), more

    @api.model
    def _is_rested(self, at, low, now):
        """Between two passes, and the last one is not old."""
        return not low and bool(at) and now - FULL_PASS < at <= now

    @api.model
    def _sweep_rules(self):
        """Rules of scenarios through which people travel, and of those that they left lately."""
        return self.env["nurture.scenario.rule"].search(
            Domain("scenario_id.state", "in", ("running", "paused", "archived"))
        )

    # ------------------------------------------------------------
    # QUERIES
    # ------------------------------------------------------------

    def _query_news_window(self, low):
        # primary key
        return SQL(
            """SELECT MAX(id), COUNT(*) = %(batch)s
                 FROM (SELECT id FROM nurture_event WHERE id > %(low)s
                     ORDER BY id LIMIT %(batch)s) news""",
            low=low,
            batch=NEWS_BATCH,
        )

    def _query_newest(self):
        return SQL("SELECT COALESCE(MAX(id), 0) FROM nurture_event")

    def _query_in_the_news(self, low, high, kinds, now):
        """Journeys of people to whom one of these things happened."""
        # primary key of nurture_event, index nurture_enrolment__person_id_index
        return SQL(
            """%s AND j.person_id IN (SELECT person_id FROM nurture_event
                                       WHERE id > %s AND id <= %s AND kind = ANY(%s))""",
            self._query_may_leave(now),
            low,
            high,
            list(kinds),
        )

    def _query_may_leave(self, now):
        """Who is inside, or left so lately that a goal still counts."""
        # indexes nurture_enrolment__person_id_index, primary key
        return SQL(
            """(%s OR j.goal_at IS NULL AND j.ended_at > %s - make_interval(days =>
                   (SELECT s.goal_days FROM nurture_scenario s WHERE s.id = j.scenario_id)))""",
            self._query_open(),
            now - LATE,
        )

    def _query_inside(self, low):
        # index nurture_enrolment_inside_idx
        return SQL(
            """SELECT id FROM nurture_enrolment
                WHERE state IN ('active', 'waiting', 'parked') AND id > %s
             ORDER BY id LIMIT %s""",
            low,
            CHUNK,
        )

    def _query_ended(self, scenarios, since, low):
        # index nurture_enrolment_goal_idx
        return SQL(
            """SELECT id, ended_at FROM nurture_enrolment
                WHERE goal_at IS NULL AND ended_at IS NOT NULL AND (ended_at, id) > (%s, %s)
                  AND scenario_id = ANY(%s)
             ORDER BY ended_at, id LIMIT %s""",
            since,
            low,
            scenarios.ids,
            CHUNK,
        )

    def _query_claim_changed(self):
        """Those of these journeys whose lead is gone, closed, archived or another company's; the
        lane would find out when their wait is over."""
        # primary keys
        return SQL(
            """SELECT j.id FROM nurture_enrolment j
                 JOIN nurture_scenario sc ON sc.id = j.scenario_id AND sc.state = 'running'
            LEFT JOIN crm_lead l ON l.id = j.lead_id
                WHERE j.id = ANY(%s) AND j.state IN ('active', 'waiting')
                  AND (l.id IS NULL OR l.company_id <> j.company_id
                       OR l.won_status = 'won' AND sc.exit_on_won
                       OR sc.trigger_kind <> 'recycle'
                          AND (l.active IS NOT TRUE OR l.won_status = 'lost'))
                  FOR NO KEY UPDATE OF j SKIP LOCKED""",
            self.ids,
        )
