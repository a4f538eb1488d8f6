from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from psycopg2 import errors

from .common_scenario import ScenarioCase
from .common_segment import SegmentCase

END = {"end": ("exit", {}, {})}
RUN = "odoo.addons.lead_nurture.models.nurture_enrol_job_run"


@tagged("post_install", "-at_install")
class TestEnrolJob(ScenarioCase):
    """Many people are enrolled in the background; the bar moves, and nobody is taken twice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leads = cls.env["crm.lead"].union(
            *(cls._create_lead(f"P{i}", f"p{i}@pumps.test") for i in range(7))
        )
        cls.scenario = cls._create_scenario(END, trigger_kind="manual")
        cls.jobs = cls.env["nurture.enrol.job"]
        cls.jobs.search([])._set_cancelled()

    def _ask(self, records=None, user=None, **vals):
        wizard = self.env["nurture.enrol"].with_user(user or self.mira)
        if records is not None:
            wizard = wizard.with_context(active_model=records._name, active_ids=records.ids)
        with patch("odoo.addons.lead_nurture.wizard.nurture_enrol.AT_ONCE", 3):
            action = wizard.create({"scenario_id": self.scenario.id, **vals}).action_enrol()
        return self.jobs.browse(action.get("res_id") or self.jobs.search([], limit=1).id)

    def _run(self, batch=2):
        self.env.flush_all()
        with patch(f"{RUN}.BATCH", batch), self.enter_registry_test_mode():
            self.env.ref("lead_nurture.ir_cron_enrol_jobs").method_direct_trigger()
        self.env.invalidate_all()

    def test_few_enter_at_once(self):  # LN-30
        job = self._ask(self.leads[:3])
        self.assertEqual((job.state, job.entered, job.progress), ("done", 3, 100))
        self.assertEqual(job.create_uid, self.mira)

    def test_many_enter_in_the_background(self):  # LN-30
        job = self._ask(self.leads)
        self.assertEqual((job.state, job.entered), ("waiting", 0))
        self._run()
        self.assertEqual((job.state, job.total, job.done, job.entered), ("done", 7, 7, 7))
        self.assertEqual(self.scenario.enrolment_ids.lead_id, self.leads)
        self.assertFalse(self.env["nurture.entering"].search([("job_id", "=", job.id)]))

    def test_why_others_did_not(self):  # LN-30
        self.env["mail.blacklist"]._add("p0@pumps.test")
        self.scenario._enrol_leads(self.leads[1:3])
        self._enrolment_of(self.leads[2])._set_exited("manual")
        stranger = self._create_lead("Eve", "eve@elsewhere.test")
        second = self._create_lead("P3", "p3@pumps.test")
        job = self._ask(self.leads | stranger | second)
        self._run()
        self.assertEqual(
            {bar: number for bar, number in job.refused.items() if number},
            {"opted_out": 1, "inside": 1, "before": 1, "unfit": 1, "double": 1},
        )
        self.assertEqual((job.total, job.done, job.entered), (9, 9, 4))
        self.assertIn("1 do not want mails", job.refused_text)

    def test_again_when_asked_for(self):  # LN-30
        self.scenario._enrol_leads(self.leads)
        self.scenario.enrolment_ids._set_exited("manual")
        self._ask(self.leads)
        again = self._ask(self.leads, anew=True)
        self._run()
        self.assertEqual(again.entered, 7)

    def test_chosen_people(self):  # LN-30
        people = self.env["nurture.person"].union(*map(self._person_of, self.leads))
        job = self._ask(people)
        self._run()
        self.assertEqual((job.source, job.entered), ("people", 7))

    def test_all_that_match(self):  # LN-30
        wanted = ["p1@pumps.test", "p2@pumps.test"]
        self.scenario.trigger_domain = str([("email_normalized", "in", wanted)])
        job = self._ask(whom="match")
        self._run()
        self.assertEqual((job.total, job.entered), (2, 2))
        self.assertEqual(self.scenario.enrolment_ids.lead_id, self.leads[1:3])

    def test_all_that_match_are_open(self):  # LN-30
        self.leads[0].action_set_lost()
        self.leads[1].action_set_won()
        self.env.flush_all()
        job = self._ask(whom="match")
        self._run()
        self.assertEqual(self.scenario.enrolment_ids.lead_id, self.leads[2:])
        self.assertEqual(job.refused_count, 0)

    def test_killed_in_the_middle_goes_on(self):  # LN-30
        """The places are lost with the database; the cursor is not."""
        job = self._ask(self.leads)
        pieces = job.sudo()._work()
        with patch(f"{RUN}.BATCH", 3):
            next(pieces), next(pieces)
        pieces.close()
        self.assertEqual((job.state, job.done, job.progress), ("running", 3, 42))
        self.env.cr.execute("DELETE FROM nurture_entering")
        self._run()
        self.assertEqual((job.state, job.total, job.done, job.entered), ("done", 7, 7, 7))
        self.assertEqual(len(self.scenario.enrolment_ids), 7)

    def test_cancelled_in_the_middle(self):  # LN-30
        job = self._ask(self.leads)
        pieces = job.sudo()._work()
        with patch(f"{RUN}.BATCH", 3):
            next(pieces), next(pieces)
            job.with_user(self.mira).action_cancel()
            self.assertEqual([*pieces], [], "nothing more is done")
        self.assertEqual((job.state, job.entered), ("cancelled", 3))
        places = self.env["nurture.entering"]
        self.assertTrue(places.search([("job_id", "=", job.id)]))
        places._gc_left()
        self.assertFalse(places.search([("job_id", "=", job.id)]))
        self._run()
        self.assertEqual(len(self.scenario.enrolment_ids), 3)

    def test_failure_is_seen_and_tried_again(self):  # LN-30
        job = self._ask(self.leads)
        with patch.object(
            type(self.scenario), "_let_in", side_effect=errors.DivisionByZero("too bad")
        ):
            self._run()
        self.assertEqual((job.state, job.entered), ("failed", 0))
        self.assertIn("too bad", job.error)
        job.with_user(self.mira).action_retry()
        self._run()
        self.assertEqual((job.state, job.entered, job.error), ("done", 7, False))

    def test_more_than_the_limit_need_an_administrator(self):  # LN-35
        self.scenario.entry_limit = 5
        job = self._ask(whom="match")
        self._run()
        self.assertEqual((job.state, job.entered), ("failed", 0))
        self.assertIn("the limit is 5", job.error)
        job.with_user(self.mira).action_retry()
        self._run()
        self.assertEqual((job.state, job.entered), ("failed", 0), "asking again is no answer")
        job.with_user(self.adam).action_retry()
        self._run()
        self.assertEqual((job.state, job.entered), ("done", 7))

    def test_scenario_paused_meanwhile(self):  # LN-30
        job = self._ask(self.leads)
        self.scenario.action_pause()
        self._run()
        self.assertEqual(job.state, "failed")
        self.assertIn("not running", job.error)

    def test_scenario_closed_in_the_middle(self):  # RELIABILITY 1
        job = self._ask(self.leads)
        pieces = job.sudo()._work()
        with patch(f"{RUN}.BATCH", 3):
            next(pieces), next(pieces)
            self.scenario.action_close()
            self.assertEqual([*pieces], [])
        self.env.invalidate_all()
        self.assertEqual((job.state, job.entered), ("failed", 3))
        self.assertIn("not running", job.error)
        self.assertEqual(len(self.scenario.enrolment_ids), 3)
        self.assertFalse(self.scenario.enrolment_ids.filtered("is_open"))

    def test_rights(self):  # LN-30
        with self.assertRaises(AccessError):
            self._ask(self.leads, self.sven)
        job = self._ask(self.leads)
        self.assertFalse(self.jobs.with_user(self.finn).search([("id", "=", job.id)]))
        with self.assertRaises(AccessError):
            job.with_user(self.finn).action_cancel()
        with self.assertRaises(AccessError):
            job.with_user(self.mira).write({"state": "done"})
        with self.assertRaises(UserError):
            job.unlink()

    def test_count_who_would_enter(self):  # LN-30
        self.scenario._enrol_leads(self.leads[:2])
        self.assertEqual(self.scenario._counts_now(self._later())[1], 5)
        lead_scenario = self._create_scenario(END)
        self.assertEqual(lead_scenario._counts_now(self._later()), (7, 7))
        message = lead_scenario.with_user(self.mira).action_count_now()["params"]["message"]
        self.assertIn("7 people would enter", message)
        broken = self._create_scenario(END, start=False, trigger_kind="segment_enter")
        with self.assertRaises(UserError):
            broken.action_count_now()


@tagged("post_install", "-at_install")
class TestEnrolSegment(ScenarioCase, SegmentCase):
    def test_a_segment(self):  # LN-30
        leads = [self._create_lead(f"P{i}", f"p{i}@pumps.test") for i in range(3)]
        segment = self._create_segment(kind="static")
        segment._add_persons([self._person_of(lead).id for lead in leads[:2]], silent=True)
        scenario = self._create_scenario(END, trigger_kind="manual")
        wizard = self.env["nurture.enrol"].with_user(self.mira).with_context(
            active_model="nurture.segment", active_id=segment.id
        )
        action = wizard.create({"scenario_id": scenario.id}).action_enrol()
        job = self.env["nurture.enrol.job"].browse(action["res_id"])
        for _piece in job.sudo()._work():
            pass
        self.assertEqual((job.total, job.entered, job.state), (2, 2, "done"))
        self.assertEqual(scenario.enrolment_ids.lead_id, leads[0] | leads[1])
