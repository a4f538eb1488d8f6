from contextlib import closing, contextmanager
from datetime import timedelta
from uuid import uuid4

from odoo import SUPERUSER_ID, api, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.addons.lead_nurture.engine.answers import Script
from odoo.exceptions import UserError
from odoo.tools import SQL

LIMIT = timedelta(days=731)
MAX_STEPS = 100
MAX_MOMENTS = 10_000
LOCK_TIMEOUT = "2s"
STATEMENT_TIMEOUT = "30s"
TRIES = 3


class NurtureSimulation(models.AbstractModel):
    """The simulator: a journey of some people under a clock that jumps, of which nothing stays.

    There are no rows. People are enrolled, moved by the lane's own code and answered by a script
    in a transaction of its own that is always undone.
    """

    _name = "nurture.simulation"
    _description = "Simulation of a scenario"

    # ------------------------------------------------------------
    # THE SANDBOX
    # ------------------------------------------------------------

    @api.model
    def _script(self):
        """The answers of the simulation that is running, if one is. (What comes over RPC is plain
        data, so nobody can pretend that one is.)"""
        script = self.env.context.get("nurture_script")
        return script if isinstance(script, Script) else None

    @api.model
    @contextmanager
    def _sandbox(self, **context):
        """All rights in a transaction that is undone whatever happens, and holds nobody up: it
        waits for no lock, and what it locks is free again when it ends."""
        with closing(self.env.registry.cursor()) as cr:
            try:
                cr.execute(self._query_limits())
                yield self.env(
                    cr=cr,
                    user=SUPERUSER_ID,
                    context={**self.env.context, "tracking_disable": True, **context},
                )
            finally:
                cr.rollback()

    def _query_limits(self):
        return SQL(
            """SELECT set_config('lock_timeout', %s, TRUE),
                      set_config('statement_timeout', %s, TRUE)""",
            LOCK_TIMEOUT,
            STATEMENT_TIMEOUT,
        )

    # ------------------------------------------------------------
    # ONE RUN
    # ------------------------------------------------------------

    @api.model
    def _run(self, version, leads, prepare_script, start):
        """Send `leads` through `version` from `start` on; → what is told of it."""
        for _attempt in range(TRIES):
            try:
                script = prepare_script()
                with self._sandbox(nurture_script=script) as env:
                    here = env[self._name]
                    return here._run_here(
                        version.with_env(env), leads.with_env(env), script, start
                    )
            except CONFLICTS:
                continue  # a lane was moving one of them: look again at what is true by now
        raise UserError(
            self.env._("These people are being moved just now. Try again in a moment.")
        )

    def _run_here(self, version, leads, script, start):
        enrolments = self._enter(version, leads, start)
        cut = self._walk(enrolments, script, start)
        return self._prepare_story(version, leads, enrolments, script, cut)

    def _enter(self, version, leads, start):
        """Everybody stands before the first step; one lead of each person."""
        self.env["nurture.change"]._ensure_identified(leads)
        person_of = self._persons_of(leads)
        self.env.cr.execute(self._query_vacate(version.scenario_id, [*person_of.values()]))
        self.env["nurture.enrolment"].invalidate_model(flush=False)
        lead_of = {person: lead for lead, person in reversed(person_of.items())}
        first = version._start_node()
        return self.env["nurture.enrolment"].create(
            [
                {
                    "scenario_id": version.scenario_id.id,
                    "version_id": version.id,
                    "company_id": version.company_id.id,
                    "person_id": person,
                    "lead_id": lead,
                    "node_id": first.id,
                    "run_at": start,
                    "enrolled_at": start,
                }
                for person, lead in lead_of.items()
            ]
        )

    @api.model
    def _persons_of(self, leads):
        """{lead id: person id}, in the order of the leads, of those who are somebody."""
        identities = self.env["nurture.identity"].search(
            [("kind", "=", "lead"), ("res_id", "in", leads.ids)]
        )
        person_of = {identity.res_id: identity.person_id.id for identity in identities}
        return {lead.id: person_of[lead.id] for lead in leads if lead.id in person_of}

    def _query_vacate(self, scenario, person_ids):
        # index nurture_enrolment_open_uniq; undone with everything else
        return SQL(
            """UPDATE nurture_enrolment SET state = 'exited', run_at = NULL
                WHERE scenario_id = %s AND person_id = ANY(%s)
                  AND state IN ('active', 'waiting', 'parked')""",
            scenario.id,
            person_ids,
        )

    # ------------------------------------------------------------
    # THE CLOCK
    # ------------------------------------------------------------

    def _walk(self, enrolments, script, start):
        """Jump from one moment at which something happens to the next. → {enrolment: sentence} of
        those whose journey was cut short."""
        cut, now = {}, start
        for _moment in range(MAX_MOMENTS):
            travellers = enrolments.filtered(
                lambda e: e.state in ("active", "waiting") and e.run_at
            )
            if not travellers:
                break
            moments = [*travellers.mapped("run_at"), script.next_at()]
            now = max(now, min(moment for moment in moments if moment))
            if now > start + LIMIT:
                sentence = self.env._("The clock was stopped here: two years have passed.")
                return {**cut, **dict.fromkeys(travellers, sentence)}
            did = self._play(script, now)
            travellers.filtered(lambda e, ids=did: e.person_id.id in ids)._leave_early(now)
            travellers.filtered(lambda e, at=now: e.run_at and e.run_at <= at)._go_on(now)
            for enrolment in travellers.filtered(lambda e: e.visit > MAX_STEPS and e.is_open):
                cut[enrolment] = self.env._(
                    "The simulation stops here after %s steps: the path goes round and round.",
                    MAX_STEPS,
                )
                enrolment._set_exited("manual", now)
        return cut

    @api.model
    def _play(self, script, now):
        """What people do by now goes on record, and who waits for it goes on. → ids of people"""
        vals_list = [self._prepare_event_vals(event) for event in script.due(now)]
        if not vals_list:
            return set()
        events = self.env["nurture.event"]
        rows = self.env.execute_query(
            events._query_insert([events._prepare_insert_vals(vals) for vals in vals_list])
        )
        waiters = self.env["nurture.waiter"]
        heard = waiters._query_waits_for(events.browse([row[0] for row in rows]))
        self.env.execute_query(waiters._query_release(heard, now))
        self.env["nurture.enrolment"].invalidate_model(flush=False)
        return {vals["person_id"] for vals in vals_list}

    @api.model
    def _prepare_event_vals(self, event):
        if event.about:
            send = self.env["nurture.send"].browse(event.about)
            return send._prepare_event_vals(event.kind, event.at, ":simulated")
        return {
            "person_id": event.who,
            "kind": event.kind,
            "occurred_at": event.at,
            "dedup_key": f"simulated:{uuid4().hex}",
        }
