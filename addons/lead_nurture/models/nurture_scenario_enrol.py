import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

BATCH = 2_000
# between two passes over all leads only new ones are looked at
FULL_PASS = timedelta(minutes=15)
STATEMENT_TIMEOUT = "60s"


class NurtureScenario(models.Model):
    """The pass: finds who enters, set by set and with the rights of the owner, stops before the
    first one if they are too many, and lets them in some thousands at a time.

    The trigger's query runs once a pass. Who is not inside, may enter again and wants mails gets a
    place; one INSERT a batch takes the places in order. Its unique index settles what two runs at
    once would both insert.
    """

    _inherit = "nurture.scenario"

    @api.model
    def _cron_enrol(self):
        cron = self.env["ir.cron"]
        self._pause_broken()
        cron._commit_progress()
        running = Domain("state", "=", "running") & Domain("trigger_kind", "!=", "manual")
        # who had to stop in the middle of a big pass does not hold up the others again
        for scenario in self.search(running, order="interrupted_at NULLS FIRST, priority, id"):
            for entered in scenario._enrol_in_pieces():
                if not cron._commit_progress(entered, remaining=1):
                    scenario._mark_interrupted()
                    return
        cron._commit_progress(remaining=0)

    def _enrol_in_pieces(self):
        """A pass; tells after each piece of it, which may be committed, how many entered. A
        scenario whose conditions cannot be evaluated pauses with a sentence."""
        now = fields.Datetime.now()
        full = not self.full_pass_at or now - self.full_pass_at >= self._full_pass_every()
        marks = self._read_marks() if full else {}
        # somebody may have paused it while the pass of another was running
        found = self._attempt(self._gather, full, now) if self.state == "running" else None
        if found:
            yield 0
        for start in range(0, found or 0, BATCH):
            people = self.env["nurture.entering"]._query_people(self, 0, start, start + BATCH)
            entered = self._attempt(self._let_in_while_running, people, now)
            if entered is None:
                return
            self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_advance_1")
            yield len(entered)
        if found is not None and (full or found):
            self._end_pass(marks, now)
            yield 0

    def _attempt(self, work, *args):
        """A piece of a pass, all or nothing, bounded in time; None when it did not work."""
        try:
            with self.env.cr.savepoint():
                self.env.cr.execute(self._query_limit_time())
                return work(*args)
        except CONFLICTS:
            return None  # another transaction was faster; the next run sees its result
        except Exception as error:
            self.env.invalidate_all(flush=False)
            _logger.warning("Nurture scenario %s is paused: %s", self.id, error)
            self._set_paused(self.env._("Nobody could enter: %s", str(error)[:500]))
            return None

    def _gather(self, full, now):
        """Find who enters and keep their places; → how many, None when they are too many."""
        if full:
            self._look_before(now)
        room = self._entry_room()
        candidates = self._candidates_now(full, now)
        self.env["nurture.enrolment"].flush_model()
        found = self.env["nurture.entering"]._fill(
            self,
            0,
            self._query_may_enter(candidates, self.reentry_policy, now, room and room + 1),
        )
        if room and found > room:
            self.env["nurture.entering"]._clear(self, 0)
            self._ask_to_let_in(candidates, now)
            return None
        return found

    def _look_before(self, now):
        look = getattr(self, f"_look_trigger_{self.trigger_kind}", None)
        if look:
            look(now)

    def _candidates_now(self, full, now):
        return getattr(self, f"_query_candidates_{self.trigger_kind}")(full, now)

    def _let_in_while_running(self, people, now):
        """Let the next ones of a pass in; None when somebody has paused or closed the scenario
        since it began. Whoever does so now waits for these to be inside, and sees them."""
        self.flush_recordset(["state"])
        if not self.env.execute_query(self._query_hold_running()):
            return None
        return self._let_in(people, now)

    def _let_in(self, people, now):
        """Let the people of a query (person_id, lead_id) in; → the new enrolments."""
        rows = self.env.execute_query(self._query_let_in(people, now))
        entered = self.env["nurture.enrolment"].browse([row[0] for row in rows])
        self.invalidate_recordset(["enrolment_ids"], flush=False)
        if self.trigger_kind == "recycle" and entered:
            entered._record_recycled()
        return entered

    def _enrol_leads(self, leads, anew=False):
        """Enrol these leads by hand; `anew` lets those in who were here before. → enrolments"""
        self.ensure_one()
        entered = self.env["nurture.enrolment"]
        if self.version_id:
            now = fields.Datetime.now()
            candidates = self._query_candidates_by_hand(Domain("id", "in", leads.ids))
            policy = "always" if anew else self.reentry_policy
            entered.flush_model()
            entered = self._let_in(self._query_may_enter(candidates, policy, now), now)
            self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_advance_1")
        return entered

    # ------------------------------------------------------------
    # MARKS
    # ------------------------------------------------------------

    def _full_pass_every(self):
        return FULL_PASS

    def _read_marks(self):
        """{field: how far the sources reach now}; kept at the end of a full pass, so that the next
        small one begins there."""
        # sudo: the newest lead of all, whoever may see it
        newest = self.env["crm.lead"].sudo().with_context(active_test=False).search(
            [], order="id desc", limit=1
        )
        return {"seen_lead_id": newest.id}

    def _end_pass(self, marks, now):
        """Kept without a new write date: an admin who edits meanwhile is not disturbed."""
        self.env["nurture.entering"]._clear(self, 0)
        if marks:
            marks = {**marks, "full_pass_at": now}
        if self.interrupted_at:
            marks["interrupted_at"] = None
        if self.entry_allowed:
            marks["entry_allowed"] = 0
        self._write_marks(marks)

    def _mark_interrupted(self):
        self._write_marks({"interrupted_at": fields.Datetime.now()})
        self.env["ir.cron"]._commit_progress(remaining=1)

    def _write_marks(self, marks):
        if marks:
            self.env.cr.execute(self._query_write_marks(marks))
            self.invalidate_recordset([*marks], flush=False)

    # ------------------------------------------------------------
    # QUERIES
    # ------------------------------------------------------------

    def _query_limit_time(self, limit=STATEMENT_TIMEOUT):
        return SQL("SELECT set_config('statement_timeout', %s, TRUE)", limit)

    def _query_hold_running(self):
        return SQL(
            "SELECT 1 FROM nurture_scenario WHERE id = %s AND state = 'running' FOR SHARE", self.id
        )

    def _query_write_marks(self, marks):
        return SQL(
            "UPDATE nurture_scenario SET %s WHERE id = %s",
            SQL(", ").join(
                SQL("%s = %s", SQL.identifier(name), value or None)
                for name, value in marks.items()
            ),
            self.id,
        )

    def _query_let_in(self, people, now):
        # index nurture_enrolment_history_idx. Leads and people that went since they were found,
        # and who came in in another way, are left out.
        return SQL(
            """INSERT INTO nurture_enrolment
                      (scenario_id, version_id, company_id, person_id, lead_id, node_id, visit,
                       state, run_at, enrolled_at, attempts, create_uid, create_date, write_uid,
                       write_date)
               SELECT %(scenario)s, %(version)s, %(company)s, c.person_id, c.lead_id, %(node)s, 1,
                      'active', %(now)s, %(now)s, 0, %(uid)s, %(now)s, %(uid)s, %(now)s
                 FROM (%(people)s) c
                 JOIN nurture_person p ON p.id = c.person_id
                 JOIN crm_lead l ON l.id = c.lead_id
                WHERE NOT EXISTS (SELECT 1 FROM nurture_enrolment e
                                   WHERE e.scenario_id = %(scenario)s
                                     AND e.person_id = c.person_id
                                     AND (e.ended_at IS NULL OR e.enrolled_at > %(now)s))
             ORDER BY c.person_id
          ON CONFLICT DO NOTHING
            RETURNING id""",
            scenario=self.id,
            version=self.version_id.id,
            company=self.company_id.id,
            node=self.version_id._start_node().id,
            now=now,
            uid=self.env.uid,
            people=people,
        )
