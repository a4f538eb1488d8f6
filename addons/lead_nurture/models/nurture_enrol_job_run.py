import logging

from odoo import api, fields, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.fields import Domain
from odoo.tools import SQL, formatLang
from psycopg2 import errors

from .nurture_enrol_job import OPEN_STATES
from .nurture_scenario_enrol import BATCH

_logger = logging.getLogger(__name__)


class NurtureEnrolJob(models.Model):
    """The work of a job: find the people once, sort out who may not enter and why, and let the
    others in batch by batch."""

    _inherit = "nurture.enrol.job"

    @api.model
    def _cron_run_jobs(self):
        cron = self.env["ir.cron"]
        cron._commit_progress()
        for job in self.search([("state", "in", OPEN_STATES)], order="id"):
            for _piece in job._work():
                if not cron._commit_progress(1, remaining=1):
                    return
        cron._commit_progress(remaining=0)

    def _work(self):
        """All pieces of the work; after each it may be committed."""
        self.ensure_one()
        found = self._attempt(self._gather)
        yield
        for start in range(0, found or 0, BATCH):
            self.invalidate_recordset()  # somebody may have cancelled it meanwhile
            if self.state != "running" or self._attempt(self._take, start, start + BATCH) is None:
                return
            self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_advance_1")
            yield
        if found is not None and self._attempt(self._finish):
            yield

    def _attempt(self, work, *args):
        """A piece of the work, all or nothing; None when it did not work, and the row says why."""
        try:
            with self.env.cr.savepoint():
                self.env.cr.execute(self.scenario_id._query_limit_time())
                result = work(*args)
                self.env.flush_all()
                return result
        except CONFLICTS:
            self.env.invalidate_all(flush=False)
            return None  # another transaction was faster; the next run goes on
        except errors.QueryCanceled:
            message = self.env._("Looking for the people took too long.")
        except Exception as error:
            _logger.warning("Nurture enrolment by hand %s failed: %s", self.id, error)
            message = str(error)
        self.env.invalidate_all(flush=False)
        self._set_failed(message)
        return None

    def _gather(self):
        """Find the people behind the cursor, and what keeps them out; → how many"""
        scenario = self.scenario_id
        if scenario.state != "running" or not scenario.version_id:
            self._refuse_at_rest()
        if self.source == "leads":
            self.env["nurture.change"]._ensure_identified(
                self.env["crm.lead"].browse(self.record_ids).exists()
            )
        self.env["nurture.enrolment"].flush_model()
        candidates = self._query_candidates()
        policy = "always" if self.anew else scenario.reentry_policy
        found = self.env["nurture.entering"]._fill(
            scenario,
            self.id,
            scenario._query_sorted_out(candidates, policy, fields.Datetime.now()),
        )
        self._check_limit(found)
        if self.state == "waiting" and not self.cursor:
            self._set_running(*self._count_asked(candidates, found))
        elif self.state == "waiting":
            self.state = "running"
        return found

    def _refuse_at_rest(self):
        raise ValueError(self.env._("“%s” is not running.", self.scenario_id.name))

    def _check_limit(self, people):
        """Nobody but an administrator lets more people in at once than the limit allows."""
        limit = self.scenario_id.entry_limit
        if limit and people > limit and not self.approved:
            raise ValueError(
                self.env._(
                    "%(count)s people would enter at once, the limit is %(limit)s. Nobody has "
                    "entered. An administrator of Nurture can let this go on.",
                    count=formatLang(self.env, people, digits=0),
                    limit=formatLang(self.env, limit, digits=0),
                )
            )

    def _count_asked(self, candidates, people):
        """(how many were asked for, {why: how many} of those who are no candidates)"""
        if self.source in ("people", "segment"):
            asked = len(self.record_ids or ()) or self._count_members()
            return asked, {"unfit": max(asked - people, 0)}
        [(leads,)] = self.env.execute_query(self._query_count_leads(candidates))
        asked = len(self.record_ids) if self.source == "leads" else leads
        return asked, {"unfit": asked - leads, "double": leads - people}

    def _count_members(self):
        return self.env["nurture.segment.member"].search_count(
            [("segment_id", "=", self.segment_id.id), ("left_at", "=", False)]
        )

    def _take(self, start, stop):
        """Let those with the places after `start` up to `stop` in, and count the others."""
        places = self.env["nurture.entering"]
        rows = self.env.execute_query(places._query_tally(self.scenario_id, self.id, start, stop))
        people = places._query_people(self.scenario_id, self.id, start, stop)
        entered = self.scenario_id._let_in_while_running(people, fields.Datetime.now())
        if entered is None:
            self._refuse_at_rest()
        refused = dict(self.refused or {})
        for bar, number, _last in rows:
            # who was free to enter and did not has come in another way meanwhile
            late = number - len(entered) if bar is None else number
            refused[bar or "inside"] = refused.get(bar or "inside", 0) + late
        self.write(
            {
                "done": self.done + sum(number for _bar, number, _last in rows),
                "entered": self.entered + len(entered),
                "refused": refused,
                "cursor": max((last for _bar, _number, last in rows), default=self.cursor),
            }
        )
        return True

    def _finish(self):
        self.env["nurture.entering"]._clear(self.scenario_id, self.id)
        self._set_done(fields.Datetime.now())
        return True

    # ------------------------------------------------------------
    # QUERIES
    # ------------------------------------------------------------

    def _query_candidates(self):
        """Leads of the people behind the cursor; the owner of the scenario must see them."""
        if self.source == "leads":
            domain = Domain("id", "in", self.record_ids)
        else:
            domain = self.scenario_id._domain_for_all()
        candidates = self.scenario_id._query_candidates_by_hand(domain)
        return SQL(
            "SELECT * FROM (%s) asked WHERE asked.person_id > %s AND %s",
            candidates,
            self.cursor,
            self._query_is_asked(),
        )

    def _query_is_asked(self):
        """Condition on a candidate `asked`."""
        if self.source == "people":
            return SQL("asked.person_id = ANY(%s)", self.record_ids)
        if self.source == "segment":
            # index nurture_segment_member_open_uniq
            return SQL(
                """EXISTS (SELECT 1 FROM nurture_segment_member m
                            WHERE m.segment_id = %s AND m.left_at IS NULL
                              AND m.person_id = asked.person_id)""",
                self.segment_id.id,
            )
        return SQL("TRUE")

    def _query_count_leads(self, candidates):
        return SQL("SELECT COUNT(DISTINCT lead_id) FROM (%s) c", candidates)
