from unittest.mock import patch

import psycopg2
from odoo.exceptions import UserError
from odoo.sql_db import db_connect
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_scenario import ScenarioCase

LOGGER = "odoo.addons.lead_nurture.models.nurture_enrolment_lane"


@tagged("post_install", "-at_install")
class TestLane(ScenarioCase):
    """A lane takes each person once, survives bad records, and asks the database seldom."""

    def _boom(self, bad):
        """Make the step `wait` fail for these leads."""
        model = type(self.env["nurture.node"])
        original = model._run_node_wait

        def run(node, enrolments, now):
            if enrolments.lead_id & bad:
                self.env.cr.execute("SELECT 1 / 0")
            return original(node, enrolments, now)

        return patch.object(model, "_run_node_wait", run)

    def _waiting_room(self, **kw):
        return self._create_scenario(
            {"wait": ("wait", {}, {"next": "end"}), "end": ("exit", {}, {})}, **kw
        )

    @mute_logger(LOGGER, "odoo.sql_db")
    def test_one_bad_record_stops_nobody_else(self):  # LN-43
        bad, good = self._create_lead(), self._create_lead("Bob", "bob@pumps.test")
        self._let_in(self._waiting_room())
        with self._boom(bad):
            self._advance()
        self.assertStands(good, "wait", "waiting")
        stuck = self._enrolment_of(bad)
        self.assertEqual((stuck.state, stuck.attempts), ("active", 1))
        self.assertIn("division by zero", stuck.last_error)
        self.assertGreater(stuck.run_at, self._later(seconds=30))
        self.assertFalse(stuck.log_ids, "a failed step leaves no half-done work")

    @mute_logger(LOGGER, "odoo.sql_db")
    def test_parked_after_five_tries_and_retried_by_hand(self):  # LN-43
        lead = self._create_lead()
        self._let_in(self._waiting_room())
        pauses = []
        with self._boom(lead):
            for _attempt in range(5):
                moment = max(self._enrolment_of(lead).run_at, self._later())
                self._advance(moment)
                pauses.append(self._enrolment_of(lead).run_at - moment)
        stuck = self._enrolment_of(lead)
        self.assertEqual((stuck.state, stuck.attempts), ("parked", 5))
        self.assertEqual(pauses[:4], sorted(pauses[:4]))
        self.assertEqual(self._advance(self._later(days=30)), 0, "a parked person waits for help")
        self.assertEqual(stuck.scenario_id.parked_count, 1)
        stuck.with_user(self.mira).action_retry()
        self._advance()
        self.assertStands(lead, "wait", "waiting")
        self.assertEqual(self._enrolment_of(lead).attempts, 0)
        self.assertFalse(self._enrolment_of(lead).last_error)

    @mute_logger(LOGGER)
    def test_a_step_done_before_is_not_done_again(self):  # RELIABILITY 1.1
        lead = self._create_lead()
        scenario = self._create_scenario(self._welcome_steps())
        self._let_in(scenario)
        self._advance()
        welcome = scenario.version_id.node_ids.filtered(lambda n: n.name == "welcome")
        self.env.cr.execute(
            "UPDATE nurture_enrolment SET node_id = %s, visit = 1, state = 'active', run_at = %s",
            [welcome.id, self._later(days=-1)],
        )
        self.env.invalidate_all()
        self._advance()
        self.assertEqual(len(self._sends_of(lead)), 1)
        self.assertIn("executed before", self._enrolment_of(lead).last_error)

    def test_two_lanes_never_take_the_same_person(self):  # RELIABILITY 1
        """Two real connections: what one has claimed the other skips, without waiting."""
        first, second = self._claims_of_two_lanes()
        self.assertEqual(len(first), 10, "the first lane took everybody who was due")
        self.assertFalse(second)

    def test_a_lost_connection_leaves_nothing_half_done(self):  # RELIABILITY 1
        """The database ends the connection of a lane after it has begun its steps: all of it is
        as if it had never begun, and the next lane takes everybody."""
        query = self.env["nurture.enrolment"]._query_claim(self._later())
        with db_connect(self.env.cr.dbname).cursor() as setup:
            ids = self._commit_people(setup)
            try:
                lane = db_connect(self.env.cr.dbname).cursor()
                lane.execute(query)
                self.assertLessEqual(ids, {row[0] for row in lane.fetchall()})
                lane.execute(
                    "UPDATE nurture_enrolment SET state = 'done' WHERE id = ANY(%s)", [list(ids)]
                )
                backend = lane.connection.get_backend_pid()
                setup.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
                with self.assertRaises(psycopg2.Error):
                    lane.execute("SELECT 1", log_exceptions=False)
                lane.close()
                setup.rollback()
                setup.execute(query)
                self.assertLessEqual(ids, {row[0] for row in setup.fetchall()})
            finally:
                self._remove_people(setup)

    @mute_logger(LOGGER)
    def test_a_batch_that_fails_as_a_whole_raises_nothing(self):  # RELIABILITY 1
        """Core would call a job at once again, and again, that raised after it had done some."""
        lead = self._create_lead()
        self._let_in(self._waiting_room())
        model = type(self.env["nurture.enrolment"])
        with self.enter_registry_test_mode(), patch.object(
            model, "_leave_early", side_effect=ValueError("broken")
        ):
            self.env.ref("lead_nurture.ir_cron_advance_1").method_direct_trigger()
        self.env.invalidate_all()
        cron = self.env.ref("lead_nurture.ir_cron_advance_1")
        self.assertEqual((cron.active, cron.failure_count), (True, 0))
        self.assertIn("broken", self._enrolment_of(lead).last_error, "kept where people see it")
        self._advance(self._later(minutes=2))
        self.assertStands(lead, "wait", "waiting")

    def test_a_lane_that_is_killed_at_work_has_not_timed_out(self):  # RELIABILITY 1
        """Core lets a job sit out a turn after three kills in a row, and counts a failure."""
        lane = self.env.ref("lead_nurture.ir_cron_advance_1")
        lead = self._create_lead()
        self._let_in(self._waiting_room())
        for done in (30, 20, 10, 0):
            self._kill_run(lane, done)
        with self.enter_registry_test_mode():
            lane.method_direct_trigger()
        self.assertEqual((lane.active, lane.failure_count), (True, 0))
        self.assertStands(lead, "wait", "waiting")

    def _kill_run(self, job, done):
        """The server dies after so many people: core hears nothing of the run's end."""
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            cron = job.with_env(self.env(cr=cr))
            taken = cron._acquire_one_job(cr, cron.id, include_not_ready=True)
            run, _progress = cron.with_context(cron_id=cron.id)._add_progress(
                timed_out_counter=taken["timed_out_counter"])  # fmt: skip
            if done:
                run._commit_progress(done, remaining=1)

    @mute_logger(LOGGER)
    def test_a_failure_outside_the_steps_stops_nobody_else(self):  # RELIABILITY 1
        bad, near = self._create_lead(), self._create_lead("Bob", "bob@pumps.test")
        far = self._create_lead("Cyd", "cyd@valves.test")
        self._let_in(self._waiting_room())
        self._let_in(self._waiting_room(trigger_domain=f"[('id', '=', {far.id})]"))
        model = type(self.env["nurture.enrolment"])
        original = model._exit_reasons_now

        def reasons(enrolments):
            if bad in enrolments.lead_id:
                self.env.cr.execute("SELECT 1 / 0")
            return original(enrolments)

        with (
            self.enter_registry_test_mode(),
            mute_logger("odoo.sql_db"),
            patch.object(model, "_exit_reasons_now", reasons),
        ):
            self.env.ref("lead_nurture.ir_cron_advance_1").method_direct_trigger()
        self.env.invalidate_all()
        self.assertStands(far, "wait", "waiting")
        self.assertStands(near, "wait", "waiting")
        stuck = self._enrolment_of(bad)
        self.assertEqual((stuck.state, stuck.attempts), ("active", 1))
        self.assertIn("division by zero", stuck.last_error)

    def _claims_of_two_lanes(self):
        """Commit ten due people of a scenario of their own, claim twice, clean up."""
        query = self.env["nurture.enrolment"]._query_claim(self._later())
        with db_connect(self.env.cr.dbname).cursor() as setup:
            ids = self._commit_people(setup)
            try:
                with db_connect(self.env.cr.dbname).cursor() as one:
                    with db_connect(self.env.cr.dbname).cursor() as two:
                        one.execute(query)
                        first = {row[0] for row in one.fetchall()} & ids
                        two.execute(query)
                        second = {row[0] for row in two.fetchall()} & ids
            finally:
                self._remove_people(setup)
        return first, second

    def test_event_and_clock_have_one_winner(self):  # RELIABILITY 1
        """A lane holds a person whose time is up; the event that comes just then is skipped, and
        the other way round."""
        now = self._later()
        claim = self.env["nurture.enrolment"]._query_claim(now)
        waiters = self.env["nurture.waiter"]
        with db_connect(self.env.cr.dbname).cursor() as setup:
            ids = self._commit_people(setup)
            events = self._commit_click(setup, min(ids))
            release = waiters._query_release(waiters._query_waits_for(events), now)
            try:
                for first, second, winner in ((claim, release, ids), (release, claim, {min(ids)})):
                    with db_connect(self.env.cr.dbname).cursor() as one:
                        with db_connect(self.env.cr.dbname).cursor() as two:
                            one.execute(first)
                            held = {row[0] for row in one.fetchall()} & ids
                            two.execute(second)
                            others = {row[0] for row in two.fetchall()} & ids
                            one.rollback()
                            two.rollback()
                    self.assertEqual(held, winner)
                    self.assertFalse(held & others, "never both")
            finally:
                self._remove_people(setup)

    def _commit_click(self, cr, enrolment_id):
        """This person waits for a click, and a click of his is on record."""
        cr.execute(
            """UPDATE nurture_enrolment SET state = 'waiting' WHERE id = %s RETURNING person_id""",
            [enrolment_id],
        )
        person = cr.fetchone()[0]
        cr.execute(
            """INSERT INTO nurture_waiter (enrolment_id, person_id, kind, since, armed_at)
               VALUES (%s, %s, 'call', now() - interval '1 day', now())""",
            [enrolment_id, person],
        )
        cr.execute(
            """INSERT INTO nurture_event (person_id, kind, occurred_at, actor, dedup_key)
               VALUES (%s, 'call', now() at time zone 'UTC', 'human', 'race') RETURNING id""",
            [person],
        )
        event = cr.fetchone()[0]
        cr.commit()
        return self.env["nurture.event"].browse(event)

    def _commit_people(self, cr):
        quiet = {"tracking_disable": True, "mail_create_nolog": True}
        row = self.env(cr=cr, context=quiet)["nurture.scenario"].create(
            {"name": "claim", "company_id": self.env.ref("base.main_company").id,
             "user_id": self.env.ref("base.user_admin").id, "priority": 1}
        )  # fmt: skip
        row.env.flush_all()
        scenario, version = row.id, row.draft_id.id
        cr.execute("UPDATE nurture_scenario SET state = 'running' WHERE id = %s", [scenario])
        cr.execute(
            """WITH people AS (INSERT INTO nurture_person (name, active)
                      SELECT 'claim ' || n, TRUE FROM generate_series(1, 10) n RETURNING id)
               INSERT INTO nurture_enrolment (scenario_id, version_id, company_id, person_id,
                      state, run_at, enrolled_at, visit)
               SELECT %s, %s, %s, id, 'active', now() - interval '1 day', now(), 1 FROM people
               RETURNING id""",
            [scenario, version, row.company_id.id],
        )
        ids = {row[0] for row in cr.fetchall()}
        self._committed = scenario
        cr.commit()
        return ids

    def _remove_people(self, cr):
        cr.execute(
            "DELETE FROM nurture_enrolment WHERE scenario_id = %s RETURNING person_id",
            [self._committed],
        )
        people = [row[0] for row in cr.fetchall()]
        cr.execute("DELETE FROM nurture_person WHERE id = ANY(%s)", [people])
        cr.execute("DELETE FROM nurture_scenario_version WHERE scenario_id = %s", [self._committed])
        cr.execute("DELETE FROM nurture_scenario WHERE id = %s", [self._committed])
        cr.commit()

    def test_the_lane_runs_as_a_cron(self):
        lead = self._create_lead()
        scenario = self._create_scenario(self._welcome_steps())
        with self.enter_registry_test_mode():
            self.env.ref("lead_nurture.ir_cron_enrol").method_direct_trigger()
            self.env.ref("lead_nurture.ir_cron_advance_1").method_direct_trigger()
            self.env.ref("lead_nurture.ir_cron_settle_sends").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(len(scenario.enrolment_ids), 1)
        self.assertStands(lead, "click", "waiting")
        self.assertTrue(self._sends_of(lead))

    def test_each_phase_calls_the_next(self):
        """From the saved lead to the mail in the queue nobody waits for the clock."""
        self._create_scenario(self._welcome_steps())
        triggers = self.env["ir.cron.trigger"]
        triggers.search([]).unlink()
        called = {
            phase: self.env.ref(f"lead_nurture.ir_cron_{phase}")
            for phase in ("sync_persons", "enrol", "advance_1")
        }
        self._create_lead(sync=False)
        self.assertIn(called["sync_persons"], triggers.search([]).cron_id)
        self._sync()
        self.assertIn(called["enrol"], triggers.search([]).cron_id)
        with self.enter_registry_test_mode():
            called["enrol"].method_direct_trigger()
        self.env.invalidate_all()
        self.assertIn(called["advance_1"], triggers.search([]).cron_id)
        self._advance()
        queue = self.env.ref("mail.ir_cron_mail_scheduler_action")
        self.assertIn(queue, triggers.search([]).cron_id)

    def test_number_of_lanes(self):
        cron = self.env["ir.cron"]
        cron._nurture_set_lanes(4)
        self.assertEqual(len(cron._nurture_lanes()), 4)
        cron._nurture_set_lanes(1)
        self.assertEqual(cron._nurture_lanes(), ["lead_nurture.ir_cron_advance_1"])
        cron._nurture_set_lanes(3)
        self.assertEqual(len(cron._nurture_lanes()), 3)

    # ------------------------------------------------------------
    # BUDGETS
    # ------------------------------------------------------------

    def _queries_to_advance(self, count, steps):
        """How many statements a lane needs for `count` people at the first step."""
        for number in range(count):
            self._create_lead(f"N{number}", f"n{number}.{count}@pumps.test", sync=False)
        self._sync()
        scenario = self._create_scenario(
            steps, trigger_domain=f"[('email_normalized', 'like', '.{count}@')]"
        )
        self.assertEqual(self._let_in(scenario), count)
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self._advance()
        return self.env.cr.sql_log_count - before

    def test_budget_of_a_step_without_mail(self):  # P
        steps = {
            "ask": ("branch", {"condition": "domain", "domain": "[('type', '=', 'lead')]"},
                    {"yes": "wait", "no": "end"}),
            "wait": ("wait", {}, {"next": "end"}),
            "end": ("exit", {}, {}),
        }  # fmt: skip
        self._queries_to_advance(1, steps)
        few, many = self._queries_to_advance(10, steps), self._queries_to_advance(100, steps)
        self.assertLessEqual(many, few + 5, "set by set: as many people as you like")

    def test_budget_of_a_mail(self):  # P
        self._queries_to_advance(1, self._welcome_steps())
        few = self._queries_to_advance(10, self._welcome_steps())
        many = self._queries_to_advance(100, self._welcome_steps())
        self.assertLess((many - few) / 90, 4, "statements per further mail, all of them core's")

    # ------------------------------------------------------------
    # PUBLISHING
    # ------------------------------------------------------------

    def test_unsound_steps_are_refused_with_sentences(self):  # LN-41
        steps = self._welcome_steps()
        steps["click"] = (*steps["click"][:2], {"yes": "sales"})
        with self.assertRaises(UserError) as caught:
            self._create_scenario(steps)
        self.assertIn("“click” does not say where", str(caught.exception))
        self.assertIn("No path leads to “remind”", str(caught.exception))
        steps["click"] = ("wait_event", {"delay_count": 0}, {"yes": "sales", "timeout": "remind"})
        with self.assertRaisesRegex(UserError, "how long to wait"):
            self._create_scenario(steps)

    def test_published_versions_never_change(self):  # LN-38
        scenario = self._create_scenario(self._welcome_steps())
        node = scenario.version_id.node_ids[0]
        for change in (
            lambda: node.write({"name": "Other"}),
            lambda: node.unlink(),
            lambda: node.edge_ids.unlink(),
            lambda: scenario.version_id.unlink(),
        ):
            with self.assertRaises(UserError):
                change()

    def test_a_new_version_keeps_people_where_they_are(self):  # LN-38
        lead = self._create_lead()
        scenario = self._create_scenario(self._welcome_steps())
        self._let_in(scenario)
        self._advance()
        first = scenario.version_id
        scenario.action_edit_steps()
        draft = scenario.draft_id
        self.assertEqual(set(draft.node_ids.mapped("uid")), set(first.node_ids.mapped("uid")))
        draft.node_ids.filtered(lambda n: n.name == "click").delay_count = 9
        asked = self.env["nurture.publish"].browse(scenario.action_publish()["res_id"])
        asked.action_all_stay()
        asked.action_apply()
        self.assertEqual((first.state, scenario.version_id), ("retired", draft))
        newcomer = self._create_lead("Bob", "bob@pumps.test")
        self._let_in(scenario)
        self._advance()
        self._advance(self._later(days=3, minutes=1))
        self.assertLeft(lead, "finished")
        self.assertStands(newcomer, "click")
        self.assertEqual(self._enrolment_of(newcomer).version_id, draft)
