import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

NEWS, ALL = "leave news", "leave all"
NEWS_BATCH = 10_000  # events looked at in one go
# events of transactions that were open while we read come with lower numbers: looked at again
OVERLAP = 2_000
CHUNK = 20_000  # journeys by range of ids
# between two looks at everybody: for what no event tells, such as conditions on leads
FULL_PASS = timedelta(minutes=15)
# what is heard of late still counts
LATE = timedelta(days=2)


class NurtureEnrolment(models.Model):
    """Who stands in a long wait must not wait for the lane to leave: the people of new events are
    looked at when the events come in, and everybody every quarter of an hour.

    Each batch claims its rows in its first writing statement; a row that a lane holds is left to
    it, because the lane asks the same before it does a step.
    """

    _inherit = "nurture.enrolment"

    @api.model
    def _cron_leave(self):
        cron = self.env["ir.cron"]
        left = cron._commit_progress()
        for batch in (self._leave_by_news, self._leave_in_range):
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
    def _leave_in_range(self, now):
        """One range of everybody who is inside or has left lately; from the start again when the
        last pass is a quarter of an hour old."""
        marks = self.env["nurture.watermark"]
        at, low = marks._read_mark(ALL)
        if not low and at and now - FULL_PASS < at <= now:
            return 0, False
        high, more = self.env.execute_query(self._query_range(low))[0]
        if high:
            scope = self._query_within(low, high, now)
            rules = self._sweep_rules()
            self._leave_by_hits(rules._find_hits(rules, scope, now), now)
            rows = self.env.execute_query(self._query_claim_changed(low, high))
            self.browse([row[0] for row in rows])._leave_early(now)
        marks._write_mark(ALL, now, high if more else 0)
        return max((high or 0) - low, 0), more

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

    def _query_within(self, low, high, now):
        return SQL("%s AND j.id > %s AND j.id <= %s", self._query_may_leave(now), low, high)

    def _query_may_leave(self, now):
        """Who is inside, or left so lately that a goal still counts."""
        # indexes nurture_enrolment__person_id_index, primary key
        return SQL(
            """(%s OR j.goal_at IS NULL AND j.ended_at > %s - make_interval(days =>
                   (SELECT s.goal_days FROM nurture_scenario s WHERE s.id = j.scenario_id)))""",
            self._query_open(),
            now - LATE,
        )

    def _query_range(self, low):
        # primary key
        return SQL(
            """SELECT MAX(id), COUNT(*) = %(chunk)s
                 FROM (SELECT id FROM nurture_enrolment WHERE id > %(low)s
                     ORDER BY id LIMIT %(chunk)s) part""",
            low=low,
            chunk=CHUNK,
        )

    def _query_claim_changed(self, low, high):
        """Journeys whose lead is gone, closed, archived or another company's; the lane would find
        out when their wait is over."""
        # primary keys
        return SQL(
            """SELECT j.id FROM nurture_enrolment j
                 JOIN nurture_scenario sc ON sc.id = j.scenario_id AND sc.state = 'running'
            LEFT JOIN crm_lead l ON l.id = j.lead_id
                WHERE j.id > %s AND j.id <= %s AND j.state IN ('active', 'waiting')
                  AND (l.id IS NULL OR l.company_id <> j.company_id
                       OR l.won_status = 'won' AND sc.exit_on_won
                       OR sc.trigger_kind <> 'recycle'
                          AND (l.active IS NOT TRUE OR l.won_status = 'lost'))
                  FOR NO KEY UPDATE OF j SKIP LOCKED""",
            low,
            high,
        )
