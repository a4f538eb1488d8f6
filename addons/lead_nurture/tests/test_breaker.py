from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_version import VersionCase

LOGGER = "odoo.addons.lead_nurture.models.nurture_enrolment_lane"


@tagged("post_install", "-at_install")
class TestBreaker(VersionCase):
    """A step that fails for too many is paused by itself, tells its owner, and comes back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        params = cls.env["ir.config_parameter"]
        params.set_param("lead_nurture.breaker_tries", 4)
        params.set_param("lead_nurture.breaker_percent", 50)
        cls.scenario = cls._create_scenario(
            {
                "ask": ("branch", {"condition": "domain", "domain": "[('priority', '=', '3')]"},
                        {"yes": "rest", "no": "call"}),
                "call": ("wait", {"delay_count": 1}, {"next": "end"}),
                "rest": ("wait", {"delay_count": 9}, {"next": "end"}),
                "end": ("exit", {}, {}),
            }
        )  # fmt: skip
        cls.call = cls.scenario.version_id.node_ids.filtered(lambda n: n.name == "call")

    def _people(self, count, name="n", **kw):
        leads = self.env["crm.lead"]
        for number in range(count):
            leads |= self._create_lead(
                f"{name} {number}", f"{name}{number}@pumps.test", sync=False, **kw
            )
        self._sync()
        self._let_in(self.scenario)
        return leads

    @contextmanager
    def _broken(self, leads=None, node=None):
        """The step fails with an SQL error: for these leads, or for all."""
        model = type(self.env["nurture.node"])
        original = model._run_node_wait
        node = node or self.call

        def run(step, enrolments, now):
            if step == node and (leads is None or enrolments.lead_id & leads):
                self.env.cr.execute("SELECT 1 / 0")
            return original(step, enrolments, now)

        with mute_logger(LOGGER, "odoo.sql_db"), patch.object(model, "_run_node_wait", run):
            yield

    def _fuse(self):
        return self.env["nurture.breaker"].search([("node_id", "=", self.call.id)])

    def _tend(self, now=None):
        self.env.flush_all()
        self.env["nurture.breaker"]._tend(now or self._later())
        self.env.invalidate_all()

    def _told(self):
        return self.env["mail.message"].search(
            [("model", "=", "nurture.scenario"), ("res_id", "=", self.scenario.id),
             ("partner_ids", "in", self.mira.partner_id.ids)]
        )  # fmt: skip

    def test_too_many_failures_pause_the_step_and_tell_once(self):  # LN-43
        broken, fine = self._people(5), self._people(2, "vip", priority="3")
        with self._broken():
            self._advance()
            self.assertEqual(self._fuse().state, "open")
            self.assertEqual((self._fuse().tried, self._fuse().failed), (5, 5))
            self._people(3, "late")
            self._advance()
            self._advance(self._later(minutes=5))
        for lead in fine:
            self.assertStands(lead, "rest", "waiting")
        held = self._enrolment_of(broken[0])
        self.assertEqual((held.hold, held.state, held.attempts), ("held", "active", 1))
        self.assertIn("“call” is paused since", held.held_text)
        self.assertIn("division by zero", held.held_text)
        self.assertEqual(self._fuse().held_count, 8, "who came later waits as well")
        self.assertEqual(len(self._told()), 1)
        self.assertIn("5 of 5 tries failed", self._told().body)
        self.assertEqual(self.scenario.paused_step_count, 1)
        self.assertEqual(self._advance(self._later(days=30)), 2, "only those who rest are due")

    def test_a_limit_that_is_no_number_stops_nobody(self):  # LN-43
        for text in ("half", "nan"):
            self.env["ir.config_parameter"].set_param("lead_nurture.breaker_percent", text)
            self.assertEqual(self.env["nurture.breaker"]._limits().percent, 20)
        leads = self._people(5)
        with self._broken(leads[:1]):
            self._advance()
        self.assertStands(leads[1], "call", "waiting")
        self.assertFalse(self._fuse())

    @mute_logger("odoo.addons.lead_nurture.models.nurture_breaker", "odoo.sql_db")
    def test_that_counting_fails_undoes_no_step(self):  # LN-43
        leads = self._people(2)
        count = patch.object(
            type(self.env["nurture.trial"]),
            "_note",
            lambda trials, *args: trials.env.cr.execute("SELECT 1 / 0"),
        )
        with count:
            self._advance()
        self.assertStands(leads[0], "call", "waiting")

    def test_few_failures_pause_nothing(self):  # LN-43
        leads = self._people(10)
        with self._broken(leads[:5]):
            self._advance()
        self.assertFalse(self._fuse(), "half of them is not above half of them")
        self.assertEqual(set(self._enrolment_of(lead).attempts for lead in leads[:5]), {1})

    def test_too_few_tries_say_nothing(self):  # LN-43
        self._people(3)
        with self._broken():
            self._advance()
        self.assertFalse(self._fuse())

    def test_old_failures_are_forgotten(self):  # LN-43
        self._people(3)
        with self._broken():
            self._advance()
            self.env.cr.execute(
                "UPDATE nurture_trial SET tried_at = tried_at - interval '61 minutes'"
            )
            self._people(2, "late")
            self._advance()
        self.assertFalse(self._fuse(), "two of two in this hour, three an hour ago")

    @patch("odoo.addons.lead_nurture.engine.breaker.PROBE", 2)
    def test_try_again_goes_by_a_probe(self):  # LN-43
        self._people(6)
        with self._broken():
            self._advance()
            self._advance(self._later(minutes=5))
            self.assertEqual(self._fuse().held_count, 6)
            self.scenario.with_user(self.mira).action_try_again()
            self.assertEqual(self._fuse().state, "probing")
            self.assertIn("being tried again", self.scenario.paused_step_text)
            self.assertEqual(self._advance(), 2, "a small batch first")
            self.assertEqual(self._fuse().state, "open", "it fails as before")
            self.assertEqual(len(self._told()), 2, "told once for each time")
        self._advance(self._later(hours=1))
        self.call.with_user(self.mira).action_try_again()
        self.assertEqual(self._advance(), 2)
        self.assertEqual(self._fuse().state, "closed")
        self._tend()
        self.assertEqual(self._advance(), 4)
        self.assertFalse(self._fuse().held_count)
        self.assertFalse(self.scenario.paused_step_text)
        states = self.scenario.enrolment_ids.mapped("state")
        self.assertEqual(states, ["waiting"] * 6, "everybody has passed, each once")

    @patch("odoo.addons.lead_nurture.engine.breaker.PROBE", 2)
    def test_newcomers_wait_while_it_is_tried(self):  # LN-43
        self._people(4)
        with self._broken():
            self._advance()
            self._advance(self._later(minutes=5))
        self.scenario.action_try_again()
        probe = self.env["nurture.enrolment"].search([("hold", "=", "probe")])
        probe.run_at = self._later(hours=1)  # its lane is slow
        self._people(3, "late")
        self.assertEqual(self._advance(), 3)
        self.assertEqual(self._fuse().held_count, 7)
        self.assertEqual(self._advance(self._later(hours=1)), 2)
        self.assertEqual(self._fuse().state, "closed")
        self._tend()
        self._advance()
        self.assertEqual(set(self.scenario.enrolment_ids.mapped("state")), {"waiting"})

    @patch("odoo.addons.lead_nurture.engine.breaker.PROBE", 2)
    def test_a_probe_that_left_the_scenario_blocks_nobody(self):  # LN-43
        self._people(4)
        with self._broken():
            self._advance()
            self._advance(self._later(minutes=5))
        self.scenario.action_try_again()
        self.env["nurture.enrolment"].search([("hold", "=", "probe")])._set_exited("manual")
        self.env.invalidate_all()
        self._tend()
        self.assertEqual(self._fuse().state, "closed")
        self._advance()
        self.assertEqual(sorted(self.scenario.enrolment_ids.mapped("state")),
                         ["exited", "exited", "waiting", "waiting"])  # fmt: skip

    def test_what_failed_before_the_mending_counts_no_more(self):  # LN-43
        leads = self._people(4)
        with self._broken():
            self._advance()
            self._advance(self._later(minutes=5))
        self.scenario.action_try_again()
        self._advance()
        self._tend()
        self.assertEqual(self._fuse().state, "closed")
        newcomers = self._people(4, "late")
        with self._broken(newcomers[:1]):
            self._advance()
        self.assertEqual(self._fuse().state, "closed", "one of the last eight")
        self.assertStands(leads[0], "call", "waiting")

    def _held(self):
        """Four who failed and are held at their next try, and two who came later."""
        leads = self._people(4)
        with self._broken():
            self._advance()
            leads |= self._people(2, "late")
            self._advance()
            self._advance(self._later(minutes=5))
        self.assertEqual(self._fuse().held_count, 6)
        return self.scenario.enrolment_ids

    def test_a_new_version_lets_go_who_is_held(self):  # LN-38, LN-43
        """Whether the step itself was mended, or something that it needs."""
        for changed in ("call", "rest"):
            with self.subTest(changed=changed), self.env.cr.savepoint() as savepoint:
                people = self._held()
                draft = self._edit(self.scenario)
                self._step(draft, changed).delay_count = 2
                self._publish(self._ask(self.scenario))
                self._advance()
                self.assertEqual(people.node_id, self._step(draft, "call"))
                self.assertEqual(set(people.mapped("state")), {"waiting"}, "nobody is lost")
                self.assertFalse(any(people.mapped("hold")))
                self.assertEqual(set(people.mapped("attempts")), {0})
                self.assertFalse(self.scenario.paused_step_count, "nobody waits there any more")
                self._advance(self._later(days=9))
                self.assertEqual(set(people.mapped("state")), {"done"})
                savepoint.rollback()
                self.env.invalidate_all()

    def test_held_by_a_step_that_is_paused_in_the_new_version_too(self):  # LN-38, LN-43
        people = self._held()
        draft = self._edit(self.scenario)
        self._step(draft, "rest").delay_count = 2
        self._publish(self._ask(self.scenario))
        with self._broken(node=self._step(draft, "call")):
            self._advance()
            self._advance(self._later(minutes=30))
        self.assertEqual(set(people.mapped("hold")), {"held"}, "by the fuse of the new step")
        self.scenario.action_try_again()
        self._advance()
        self.assertEqual(set(people.mapped("state")), {"waiting"})

    def test_trying_people_again_lets_them_go(self):  # LN-43
        people = self._held()
        people.with_user(self.mira).action_retry()
        self._advance()
        self.assertEqual(set(people.mapped("hold")), {"held"}, "the step is paused still")
        self._fuse()._set_closed()
        people.with_user(self.mira).action_retry()
        self.assertFalse(any(people.mapped("hold")))
        self.assertTrue(all(people.mapped("run_at")))

    def test_only_who_may_use_nurture_tries_again(self):  # LN-43
        self._people(4)
        with self._broken():
            self._advance()
        with self.assertRaises(AccessError):
            self._fuse().with_user(self.sven).action_try_again()

    def test_other_companies_do_not_see_it(self):
        self._people(4)
        with self._broken():
            self._advance()
        other = self.env["res.company"].create({"name": "Other"})
        self.mira.write({"company_ids": [(4, other.id)]})
        fuses = self.env["nurture.breaker"].with_user(self.mira)
        self.assertTrue(fuses.with_context(allowed_company_ids=self.pumps.ids).search([]))
        self.assertFalse(fuses.with_context(allowed_company_ids=other.ids).search([]))

    def test_settings_say_what_they_take(self):
        for vals in ({"nurture_breaker_percent": 0}, {"nurture_breaker_percent": 101},
                     {"nurture_breaker_tries": 0}):  # fmt: skip
            with self.assertRaises(ValidationError):
                self.env["res.config.settings"].create(vals)

    def test_counts_do_not_pile_up(self):  # P-11
        self._people(2)
        self._advance()
        trials = self.env["nurture.trial"]
        self.assertTrue(trials.search([]))
        self.env.cr.execute("UPDATE nurture_trial SET tried_at = tried_at - interval '3 hours'")
        trials._gc_trials()
        self.assertFalse(trials.search([]))
