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
# a rise of the score lets people in for so long, should the job have been off
BAND_MEMORY = timedelta(days=2)
STATEMENT_TIMEOUT = "60s"


class NurtureScenario(models.Model):
    """Who enters: found set by set, with the rights of the owner, and never twice.

    Each trigger is a query of candidates: person, lead and the occasion. One INSERT takes those
    who are not inside, may enter again and want mails; its unique index settles what two runs at
    once would both insert.
    """

    _inherit = "nurture.scenario"

    @api.model
    def _cron_enrol(self):
        cron = self.env["ir.cron"]
        self._pause_broken()
        left = cron._commit_progress()
        for scenario in self.search([("state", "=", "running"), ("trigger_kind", "!=", "manual")]):
            after = 0
            while left:
                entered = scenario._enrol_safely(after)
                if entered:
                    self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_advance_1")
                left = cron._commit_progress(len(entered), remaining=0)
                if len(entered) < BATCH:
                    break
                # the next batch begins behind the last person: each is looked at once a run
                after = max(entered.person_id.ids)

    def _enrol_safely(self, after=0):
        """One batch of people, in order of id from `after` on; → the new enrolments. A scenario
        whose conditions cannot be evaluated pauses with a sentence."""
        nobody = self.env["nurture.enrolment"]
        try:
            with self.env.cr.savepoint():
                self.env.cr.execute(self._query_limit_time())
                return self._enrol_batch(fields.Datetime.now(), after)
        except CONFLICTS:
            return nobody  # another transaction was faster; the next run sees its result
        except Exception as error:
            self.env.invalidate_all(flush=False)
            _logger.warning("Nurture scenario %s is paused: %s", self.id, error)
            self._set_paused(self.env._("Nobody could enter: %s", str(error)[:500]))
            return nobody

    def _enrol_batch(self, now, after=0):
        full = not self.full_pass_at or now - self.full_pass_at >= FULL_PASS
        # sudo: the newest lead of all, whoever may see it
        top = self.env["crm.lead"].sudo().with_context(active_test=False).search(
            [], order="id desc", limit=1
        ).id
        query = getattr(self, f"_query_candidates_{self.trigger_kind}")(full)
        entered = self._enrol(query, now, BATCH, after=after)
        if full and len(entered) < BATCH:
            self._mark_full_pass(top, now)
        return entered

    def _mark_full_pass(self, top, now):
        """Kept without a new write date: an admin who edits meanwhile is not disturbed."""
        self.env.cr.execute(self._query_mark_full_pass(top, now))
        self.invalidate_recordset(["seen_lead_id", "full_pass_at"], flush=False)

    def _enrol_leads(self, leads, anew=False):
        """Enrol these leads by hand; `anew` lets those in who were here before. → enrolments"""
        self.ensure_one()
        entered = self.env["nurture.enrolment"]
        if self.version_id:
            domain = Domain("id", "in", leads.ids) & Domain("won_status", "!=", "won")
            query = self._query_candidates_by_hand(domain)
            policy = "always" if anew else self.reentry_policy
            entered = self._enrol(query, fields.Datetime.now(), len(leads), policy)
            self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_advance_1")
        return entered

    def _enrol(self, candidates, now, limit, policy=None, after=0):
        """Let the candidates behind person `after` in; → the new enrolments."""
        self.ensure_one()
        self.env["nurture.enrolment"].flush_model()
        rows = self.env.execute_query(
            self._query_enrol(candidates, now, limit, policy or self.reentry_policy, after)
        )
        entered = self.env["nurture.enrolment"].browse([row[0] for row in rows])
        self.invalidate_recordset(["enrolment_ids"], flush=False)
        if self.trigger_kind == "recycle" and entered:
            entered._record_recycled()
        return entered

    # ------------------------------------------------------------
    # QUERIES
    # ------------------------------------------------------------

    def _query_limit_time(self):
        return SQL("SELECT set_config('statement_timeout', %s, TRUE)", STATEMENT_TIMEOUT)

    def _query_mark_full_pass(self, top, now):
        return SQL(
            "UPDATE nurture_scenario SET seen_lead_id = %s, full_pass_at = %s WHERE id = %s",
            top or 0,
            now,
            self.id,
        )

    def _query_enrol(self, candidates, now, limit, policy, after):
        # indexes nurture_enrolment_history_idx for the anti-join, and for a batch of people in
        # order of id nurture_identity__person_id_index
        return SQL(
            """INSERT INTO nurture_enrolment
                      (scenario_id, version_id, company_id, person_id, lead_id, node_id, visit,
                       state, run_at, enrolled_at, attempts, create_uid, create_date, write_uid,
                       write_date)
               SELECT DISTINCT ON (c.person_id)
                      %(scenario)s, %(version)s, %(company)s, c.person_id, c.lead_id, %(node)s, 1,
                      'active', %(now)s, %(now)s, 0, %(uid)s, %(now)s, %(uid)s, %(now)s
                 FROM (%(candidates)s) c
                 JOIN nurture_person p ON p.id = c.person_id
                WHERE c.person_id > %(after)s AND NOT %(refused)s
                  AND NOT EXISTS (SELECT 1 FROM nurture_enrolment e
                                   WHERE e.scenario_id = %(scenario)s
                                     AND e.person_id = c.person_id AND %(again)s)
             ORDER BY c.person_id, c.lead_id DESC
                LIMIT %(limit)s
          ON CONFLICT DO NOTHING
            RETURNING id""",
            scenario=self.id,
            version=self.version_id.id,
            company=self.company_id.id,
            node=self.version_id._start_node().id,
            now=now,
            uid=self.env.uid,
            candidates=candidates,
            refused=self.env["nurture.send"]._query_is_refused(SQL("p.email_normalized")),
            again=self._query_bars_entry(policy),
            limit=limit,
            after=after,
        )

    def _query_bars_entry(self, policy):
        """Condition on an earlier enrolment `e` that keeps the candidate `c` out."""
        same_occasion = SQL("(e.ended_at IS NULL OR e.enrolled_at >= c.occasion)")
        if policy == "always":
            return same_occasion
        if policy == "days":
            return SQL(
                "(%s OR e.ended_at > now() at time zone 'UTC' - make_interval(days => %s))",
                same_occasion,
                self.reentry_days,
            )
        return SQL("TRUE")

    def _query_candidates(self, domain, occasion=None, joins=None, where=None):
        """Leads that may enter, each with its person and the moment that called for it. The
        domain runs with the owner's rights; `joins` and `where` see the lead as `crm_lead`."""
        owner = self._as_owner()
        leads = owner.env["crm.lead"]
        query = leads._search(
            owner._parse_lead_domain(self.trigger_domain)
            & Domain("company_id", "in", [False, self.company_id.id])
            & domain
        )
        # index nurture_identity_record_uniq
        return SQL(
            """SELECT i.person_id, crm_lead.id AS lead_id, %s AS occasion
                 FROM %s
                 JOIN nurture_identity i ON i.kind = 'lead' AND i.res_id = crm_lead.id
                 %s
                WHERE %s AND %s""",
            occasion or SQL("crm_lead.create_date"),
            query.from_clause,
            joins or SQL(""),
            query.where_clause or SQL("TRUE"),
            where or SQL("TRUE"),
        )

    def _query_candidates_by_hand(self, domain):
        """Each time that somebody asks is a new occasion."""
        return self._query_candidates(domain, occasion=SQL("'infinity'::timestamp"))

    def _query_candidates_lead(self, full):
        """Open leads created since the start; between two full passes only the newest."""
        domain = (
            Domain("active", "=", True)
            & Domain("won_status", "=", "pending")
            & Domain("create_date", ">=", self.enrol_since)
        )
        if not full:
            domain &= Domain("id", ">", self.seen_lead_id)
        return self._query_candidates(domain)

    def _query_candidates_recycle(self, full):
        """Leads lost since the start for a reason that names this scenario."""
        return self._query_candidates(
            Domain("won_status", "=", "lost")
            & Domain("lost_reason_id.nurture_scenario_id", "=", self.id)
            & Domain("date_closed", ">=", self.enrol_since),
            occasion=SQL("crm_lead.date_closed"),
        )

    def _query_candidates_band(self, full):
        """Open leads of people whose score has just risen and still is where it must be."""
        since = max(self.enrol_since, fields.Datetime.now() - BAND_MEMORY)
        return self._query_candidates(
            Domain("active", "=", True) & Domain("won_status", "=", "pending"),
            occasion=SQL("rise.occurred_at"),
            # index nurture_event_person_idx
            joins=SQL(
                """JOIN nurture_event rise
                     ON rise.person_id = i.person_id AND rise.kind = 'band_up'
                    AND rise.occurred_at >= %s
                   JOIN (%s) score(res_id, score_id, total, band, grade, person_id)
                     ON score.person_id = i.person_id""",
                since,
                self.env["nurture.person"]._query_nurture_scores(),
            ),
            where=SQL(
                "score.band = ANY(%s)", ["hot"] if self.trigger_band == "hot" else ["warm", "hot"]
            ),
        )
