from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import EVERYBODY
from .common_scenario import ScenarioCase


@tagged("post_install", "-at_install")
class TestEntryLimit(ScenarioCase):
    """A condition that selects everybody stops before the first of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leads = cls.env["crm.lead"].union(
            *(cls._create_lead(f"P{i}", f"p{i}@pumps.test") for i in range(5))
        )

    def _create_limited(self, limit, **kw):
        return self._create_scenario(
            {"welcome": ("mail", {}, {"next": "end"}), "end": ("exit", {}, {})},
            entry_limit=limit,
            **kw,
        )

    def _run_cron(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("lead_nurture.ir_cron_enrol").method_direct_trigger()
        self.env.invalidate_all()

    def test_everybody_stops_before_the_first(self):  # LN-35
        scenario = self._create_limited(3, trigger_domain=EVERYBODY)
        self._run_cron()
        self.assertEqual(scenario.state, "paused")
        self.assertFalse(scenario.enrolment_ids, "nobody entered")
        self.assertFalse(self.env["nurture.send"].search([("scenario_id", "=", scenario.id)]))
        self.assertGreaterEqual(scenario.entry_asked, 5, "the number that wanted to")
        self.assertIn(str(scenario.entry_asked), scenario.pause_reason)
        told = scenario.message_ids.filtered("subject")
        self.assertEqual(told.partner_ids, self.mira.partner_id, "the owner is asked, once")
        self.assertFalse(
            self.env["nurture.entering"].search([("scenario_id", "=", scenario.id)]),
            "no places are kept",
        )

    def test_let_them_in_holds_for_one_pass(self):  # LN-35
        scenario = self._create_limited(3)
        self._run_cron()
        self.assertEqual(scenario.entry_asked, 5)
        scenario.with_user(self.adam).action_let_in()
        self.assertEqual(scenario.state, "running")
        self._run_cron()
        self.assertEqual(scenario.enrolment_ids.lead_id, self.leads, "who was asked for is in")
        self.assertFalse(scenario.entry_allowed, "and it was for once")
        for i in range(4):
            self._create_lead(f"Q{i}", f"q{i}@pumps.test")
        self._run_cron()
        self.assertEqual(scenario.state, "paused", "four more are too many again")
        self.assertEqual(scenario.entry_asked, 4)

    def test_resume_without_an_answer_asks_again(self):  # LN-35
        scenario = self._create_limited(3)
        self._run_cron()
        scenario.action_start()
        self.assertFalse(scenario.entry_asked, "the question is from before")
        self._run_cron()
        self.assertEqual((scenario.state, scenario.entry_asked), ("paused", 5))
        self.assertFalse(scenario.enrolment_ids)

    def test_the_limit_holds_for_other_scenarios(self):  # LN-35
        """Two by two come from another scenario; the third pair stops it."""
        target = self._create_limited(5, name="Target", trigger_kind="manual")
        steps = {
            "go on": ("scenario", {"target_scenario_id": target.id}, {"next": "end"}),
            "end": ("exit", {}, {}),
        }
        self._create_lead("P5", "p5@pumps.test")
        self.leads |= self.env["crm.lead"].search([("email_normalized", "=", "p5@pumps.test")])
        source = self._create_scenario(steps, trigger_kind="manual")
        for start in (0, 2, 4):
            source._enrol_leads(self.leads[start : start + 2])
            self._advance()
        self.assertEqual(target.enrolment_ids.lead_id, self.leads[:4])
        self.assertEqual(target.state, "paused")
        self.assertIn("6", target.pause_reason)
        self.assertIn("the limit is 5", target.pause_reason)
        told = target.message_ids.filtered("subject")
        self.assertEqual(told.partner_ids, self.mira.partner_id, "the owner is asked, once")
        logs = source.enrolment_ids.log_ids.filtered(lambda log: log.node_id.name == "go on")
        self.assertEqual(sorted(logs.mapped("result")), ["entered"] * 4 + ["not let in"] * 2)
        target.action_start()
        for number in range(3):
            source._enrol_leads(self._create_lead(f"R{number}", f"r{number}@pumps.test"))
            self._advance()
        self.assertEqual(target.state, "running", "counting began anew")
        self.assertEqual(len(target.enrolment_ids), 7)

    def test_closed_in_the_middle_of_a_pass(self):  # RELIABILITY 1
        for verb, inside in (("action_close", 0), ("action_pause", 2)):
            scenario = self._create_limited(0)
            with patch("odoo.addons.lead_nurture.models.nurture_scenario_enrol.BATCH", 2):
                pieces = scenario._enrol_in_pieces()
                next(pieces), next(pieces)
                self.assertEqual(len(scenario.enrolment_ids), 2)
                getattr(scenario, verb)()
                self.assertEqual([*pieces], [], "nothing more is done")
            self.env.invalidate_all()
            self.assertEqual(len(scenario.enrolment_ids), 2, "nobody enters afterwards")
            self.assertEqual(len(scenario.enrolment_ids.filtered("is_open")), inside)
            self.assertEqual(self._let_in(scenario), 0)

    def test_no_limit_and_under_the_limit(self):  # LN-35
        for limit in (0, 5):
            scenario = self._create_limited(limit)
            self.assertEqual(self._let_in(scenario), 5)
            self.assertEqual(scenario.state, "running")

    def test_more_meanwhile_need_no_second_answer(self):  # LN-35
        """People come in while an administrator makes up his mind."""
        scenario = self._create_limited(3)
        self._run_cron()
        self._create_lead("Late", "late@pumps.test")
        scenario.action_let_in()
        self.assertEqual(self._let_in(scenario), 6)

    def test_a_user_cannot_let_them_in(self):  # LN-35
        scenario = self._create_limited(3)
        self._run_cron()
        with self.assertRaises(AccessError):
            scenario.with_user(self.mira).action_let_in()

    def test_default_comes_from_the_settings(self):  # LN-35
        self.env["res.config.settings"].create({"nurture_entry_limit": 42}).execute()
        self.assertEqual(self._create_limited_default().entry_limit, 42)
        with self.assertRaises(ValidationError):
            self._create_limited_default(entry_limit=-1)

    def _create_limited_default(self, **kw):
        return self._create_scenario({"end": ("exit", {}, {})}, start=False, **kw)

    def test_one_look_for_many_people(self):  # P-3
        """The trigger is asked once a pass, however many batches it takes."""
        scenario = self._create_limited(0)
        asked = []
        original = type(scenario)._query_candidates_lead

        def counted(records, full, now):
            asked.append(full)
            return original(records, full, now)

        self.patch(type(scenario), "_query_candidates_lead", counted)
        with patch("odoo.addons.lead_nurture.models.nurture_scenario_enrol.BATCH", 2):
            self.assertEqual(self._let_in(scenario), 5)
        self.assertEqual(asked, [True])
        self.assertEqual(self._let_in(scenario), 0)
        self.assertEqual(asked, [True, False], "and then only the newest are looked at")
