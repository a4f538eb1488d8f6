from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# a rise of the score, or a move, lets people in for so long, should the job have been off
MEMORY = timedelta(days=2)


class NurtureScenario(models.Model):
    """Candidates: for each trigger the leads that have an occasion to enter, each with its person
    and the moment of the occasion; and what keeps a candidate out."""

    _inherit = "nurture.scenario"

    def _memory_since(self, now):
        """What happened before this moment is no occasion any more."""
        return max(self.enrol_since or now, now - MEMORY)

    # ------------------------------------------------------------
    # WHAT KEEPS A CANDIDATE OUT
    # ------------------------------------------------------------

    @api.model
    def _entry_bars(self):
        """Registry: {what keeps somebody out: what people read}. Each has a condition in
        `_query_bars`, but for the last three, which are told of enrolments by hand only."""
        return {
            "opted_out": self.env._("do not want mails"),
            "inside": self.env._("are inside already"),
            "before": self.env._("were here before"),
            "unfit": self.env._("do not match the conditions"),
            "double": self.env._("belong to the same person as another lead"),
        }

    def _query_bars(self, policy, now):
        """{bar: condition} on the candidate `c` and its person `p`. Each is an EXISTS, so that the
        planner makes an anti-join of it."""
        # index nurture_enrolment_history_idx
        return {
            "opted_out": self.env["nurture.send"]._query_is_refused(SQL("p.email_normalized")),
            "before": SQL(
                """EXISTS (SELECT 1 FROM nurture_enrolment e
                            WHERE e.scenario_id = %s AND e.person_id = c.person_id AND %s)""",
                self.id,
                self._query_bars_entry(policy, now),
            ),
        }

    def _query_bars_entry(self, policy, now):
        """Condition on an earlier enrolment `e` that keeps the candidate `c` out."""
        same_occasion = SQL("(e.ended_at IS NULL OR e.enrolled_at >= c.occasion)")
        if policy == "always":
            return same_occasion
        if policy == "days":
            return SQL(
                "(%s OR e.ended_at > %s)", same_occasion, now - timedelta(days=self.reentry_days)
            )
        return SQL("TRUE")

    def _query_may_enter(self, candidates, policy, now, limit=None):
        """Rows (person_id, lead_id, bar) of those who may enter: one lead of each person."""
        bars = self._query_bars(policy, now)
        return SQL(
            """SELECT DISTINCT ON (c.person_id) c.person_id, c.lead_id, NULL::varchar AS bar
                 FROM (%s) c JOIN nurture_person p ON p.id = c.person_id
                WHERE %s
             ORDER BY c.person_id, c.lead_id DESC
                %s""",
            candidates,
            SQL(" AND ").join(SQL("NOT %s", bar) for bar in bars.values()),
            SQL("LIMIT %s", limit) if limit else SQL(),
        )

    def _query_sorted_out(self, candidates, policy, now):
        """Rows (person_id, lead_id, bar) of all candidates: one lead of each person, and what
        keeps the person out, if anything does."""
        bars = self._query_bars(policy, now)
        # index nurture_enrolment_open_uniq
        inside = SQL(
            """EXISTS (SELECT 1 FROM nurture_enrolment e
                        WHERE e.scenario_id = %s AND e.person_id = c.person_id
                          AND e.state IN ('active', 'waiting', 'parked'))""",
            self.id,
        )
        return SQL(
            """SELECT c.person_id, c.lead_id, CASE %s END::varchar AS bar
                 FROM (SELECT DISTINCT ON (person_id) * FROM (%s) all_leads
                     ORDER BY person_id, lead_id DESC) c
                 JOIN nurture_person p ON p.id = c.person_id""",
            SQL(" ").join(
                SQL("WHEN %s THEN %s", condition, bar)
                for bar, condition in {"inside": inside, **bars}.items()
            ),
            candidates,
        )

    def _bar_of(self, lead):
        """What keeps a lead out that somebody wants to enrol by hand."""
        candidates = self._query_candidates_by_hand(Domain("id", "=", lead.id))
        now = fields.Datetime.now()
        rows = self.env.execute_query(
            self._query_sorted_out(candidates, self.reentry_policy, now)
        )
        return rows[0][2] if rows else "unfit"

    def _persons_of(self, leads):
        """{lead id: person id}"""
        identities = self.env["nurture.identity"].search(
            [("kind", "=", "lead"), ("res_id", "in", [lead.id for lead in leads])]
        )
        return {identity.res_id: identity.person_id.id for identity in identities}

    # ------------------------------------------------------------
    # CANDIDATES
    # ------------------------------------------------------------

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

    def _domain_at_work(self):
        """Leads that can travel: open ones, and won ones where being won is no reason to leave."""
        won = Domain.FALSE if self.exit_on_won else Domain("won_status", "=", "won")
        return Domain("active", "=", True) & (Domain("won_status", "=", "pending") | won)

    def _domain_for_all(self):
        """Leads that enter when nobody chose them one by one."""
        if self.trigger_kind == "recycle":
            return Domain("won_status", "=", "lost")
        return self._domain_at_work()

    def _query_candidates_by_hand(self, domain):
        """Each time that somebody asks is a new occasion. Lost leads may be chosen: they are what
        a scenario of second chances is for."""
        won = Domain("won_status", "!=", "won") if self.exit_on_won else Domain.TRUE
        return self._query_candidates(won & domain, occasion=SQL("'infinity'::timestamp"))

    def _query_candidates_lead(self, full, now):
        """Open leads created since the start; between two full passes only the newest."""
        domain = self._domain_at_work() & Domain("create_date", ">=", self.enrol_since or now)
        if not full:
            domain &= Domain("id", ">", self.seen_lead_id)
        return self._query_candidates(domain)

    def _query_candidates_recycle(self, full, now):
        """Leads lost since the start for a reason that names this scenario."""
        return self._query_candidates(
            Domain("won_status", "=", "lost")
            & Domain("lost_reason_id.nurture_scenario_id", "=", self.id)
            & Domain("date_closed", ">=", self.enrol_since or now),
            occasion=SQL("crm_lead.date_closed"),
        )

    def _query_candidates_band(self, full, now):
        """Open leads of people whose score has just risen and still is where it must be."""
        return self._query_candidates_band_move("band_up", now)

    def _query_candidates_band_down(self, full, now):
        """Open leads of people whose score has just fallen and has not come back."""
        return self._query_candidates_band_move("band_down", now)

    def _query_candidates_band_move(self, kind, now):
        inside = SQL(
            "score.band = ANY(%s)", ["hot"] if self.trigger_band == "hot" else ["warm", "hot"]
        )
        return self._query_candidates(
            self._domain_at_work(),
            occasion=SQL("move.occurred_at"),
            # index nurture_event_person_idx
            joins=SQL(
                """JOIN nurture_event move
                     ON move.person_id = i.person_id AND move.kind = %s AND move.occurred_at >= %s
                   JOIN (%s) score(res_id, score_id, total, band, grade, person_id)
                     ON score.person_id = i.person_id""",
                kind,
                self._memory_since(now),
                self.env["nurture.person"]._query_nurture_scores(),
            ),
            where=inside if kind == "band_up" else SQL("NOT %s", inside),
        )
