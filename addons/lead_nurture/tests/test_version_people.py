from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_version import VersionCase

MOVES = "odoo.addons.lead_nurture.models.nurture_enrolment_move"


@tagged("post_install", "-at_install")
class TestVersionPeople(VersionCase):
    """People go from one version to the next: each once, where he stood, without a step twice."""

    def test_who_waits_goes_on_waiting_on_the_new_steps(self):  # LN-38
        """Nothing about the step changed: same date, and then the new mail."""
        scenario = self._create_scenario(self._line_steps())
        ann = self._people(1, scenario)
        before = self._enrolment_of(ann).run_at
        draft = self._edit(scenario)
        self._insert(draft, "news", "mail", "wait")
        self._publish(self._ask(scenario))
        self.assertStands(ann, "wait", "waiting")
        self.assertEqual(self._enrolment_of(ann).run_at, before)
        self._advance(self._later(days=3, minutes=1))
        self.assertSteps(
            ann,
            [("first", "next"), ("wait", "next"), ("news", "next"), ("second", "next"),
             ("end", "end")],
        )  # fmt: skip
        self.assertCountsAgain(scenario)

    def test_a_mail_that_moved_behind_the_wait_is_not_sent_again(self):  # LN-38
        scenario = self._create_scenario(self._line_steps())
        ann = self._people(1, scenario)
        draft = self._edit(scenario)
        first, wait, second = (self._step(draft, name) for name in ("first", "wait", "second"))
        wait._set_exit_to("next", first)
        first._set_exit_to("next", second)
        wait.sequence = -1
        self._publish(self._ask(scenario))
        self._advance(self._later(days=3, minutes=1))
        self.assertLeft(ann, "finished")
        self.assertEqual(self._sends_of(ann).mapped("node_id.name"), ["first", "second"])
        passed = self._enrolment_of(ann).log_ids.filtered(lambda log: log.node_id == first)
        self.assertEqual((passed.label, passed.result), ("next", "had it before"))
        newcomer = self._create_lead("Bob", "bob@pumps.test")
        self._let_in(scenario)
        self._advance()
        self.assertStands(newcomer, "wait", "waiting")

    def test_sent_back_to_a_mail_he_had(self):  # LN-38
        scenario = self._create_scenario(self._line_steps())
        ann = self._people(1, scenario)
        draft = self._edit(scenario)
        wizard = self._ask(scenario)
        line = self._line(wizard, "wait")
        line.write({"choice": "step", "target_id": self._step(draft, "first").id})
        self.assertEqual(line.had, 1)
        self.assertIn("had it before and pass it", line.effect)
        self._publish(wizard)
        self._advance()
        self.assertEqual(len(self._sends_of(ann)), 1)
        self._advance(self._later(days=3, minutes=1))
        self.assertLeft(ann, "finished")

    def test_a_loop_of_the_old_steps_goes_on_repeating(self):  # LN-38
        steps = {
            "news": ("mail", {}, {"next": "week"}),
            "week": ("wait", {"delay_count": 7}, {"next": "more"}),
            "more": ("branch", {"condition": "domain", "domain": "[('type', '=', 'lead')]"},
                     {"yes": "news", "no": "end"}),
            "end": ("exit", {}, {}),
        }  # fmt: skip
        scenario = self._create_scenario(steps)
        ann = self._people(1, scenario)
        self._edit(scenario)
        self._publish(self._ask(scenario))
        self._advance(self._later(days=7, minutes=1))
        self.assertEqual(len(self._sends_of(ann)), 2, "the next week's news")

    # ------------------------------------------------------------
    # CHANGED WAITS
    # ------------------------------------------------------------

    def _changed_wait(self, days, timing):
        """Somebody has waited for four of six days; the wait becomes `days` long. → days from now
        until he goes on."""
        scenario = self._create_scenario(self._line_steps(days=6))
        ann = self._people(1, scenario)
        person = self._enrolment_of(ann)
        arrived = person.log_ids.filtered(lambda log: not log.label)
        self.env.cr.execute(
            "UPDATE nurture_enrolment SET run_at = run_at - interval '4 days' WHERE id = %s",
            [person.id],
        )
        self.env.cr.execute(
            "UPDATE nurture_step_log SET arrived_at = arrived_at - interval '4 days' WHERE id = %s",
            [arrived.id],
        )
        self.env.invalidate_all()
        draft = self._edit(scenario)
        self._step(draft, "wait").delay_count = days
        wizard = self._ask(scenario)
        line = self._line(wizard, "wait")
        self.assertEqual((line.change, line.waits, line.timing), ("changed", True, "ahead"))
        line.timing = timing
        self._publish(wizard)
        self.assertStands(ann, "wait", "waiting")
        return round((person.run_at - self._later()) / timedelta(days=1))

    def test_dates_of_a_changed_wait(self):  # LN-38
        for days, timing, expected in (
            (9, "ahead", 5), (9, "anew", 5), (9, "keep", 2),
            (1, "ahead", 2), (1, "anew", -3), (1, "keep", 2),
        ):  # fmt: skip
            with self.subTest(days=days, timing=timing), self.env.cr.savepoint() as savepoint:
                self.assertEqual(self._changed_wait(days, timing), expected)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_a_changed_event_is_what_people_wait_for_now(self):  # LN-38
        ann = self._create_lead()
        scenario = self._create_scenario(self._welcome_steps())
        self._let_in(scenario)
        self._advance()
        draft = self._edit(scenario)
        self._step(draft, "click").event_kind = "mail_open"
        self._publish(self._ask(scenario))
        waiter = self.env["nurture.waiter"].search(
            [("enrolment_id", "=", self._enrolment_of(ann).id)]
        )
        self.assertEqual(waiter.kind, "mail_open")
        self._deliver()
        self._settle()
        self._age_mails()
        self._open(self._sends_of(ann))
        self._ingest()
        self._advance()
        self.assertIn("sales", self._enrolment_of(ann).log_ids.node_id.mapped("name"))
        self.assertCountsAgain(scenario)

    # ------------------------------------------------------------
    # LANES, TROUBLE, LATER
    # ------------------------------------------------------------

    def test_the_lane_that_comes_first_deals_with_people_itself(self):  # LN-38
        """Published, the job has not run yet, and somebody's time is up."""
        scenario = self._create_scenario(self._line_steps())
        ann = self._people(1, scenario)
        draft = self._edit(scenario)
        self._insert(draft, "news", "mail", "wait")
        self._ask(scenario).action_apply()
        self._advance(self._later(days=3, minutes=1))
        self.assertEqual(self._enrolment_of(ann).version_id, draft)
        self.assertIn("news", self._sends_of(ann).mapped("node_id.name"))
        self._run_plans()
        self.assertEqual(scenario.plan_ids.state, "done")

    def test_a_longer_wait_is_not_left_by_the_lane_that_moves(self):  # LN-38
        scenario = self._create_scenario(self._line_steps())
        ann = self._people(1, scenario)
        draft = self._edit(scenario)
        self._step(draft, "wait").delay_count = 30
        self._ask(scenario).action_apply()
        self._advance(self._later(days=3, minutes=1))
        self.assertStands(ann, "wait", "waiting")
        self.assertEqual(self._enrolment_of(ann).version_id, draft)

    def test_each_is_decided_where_he_stood(self):  # LN-38
        """Bob stays on the old version; when he comes to the step that others leave, he is not
        taken along."""
        scenario = self._create_scenario(
            {
                "day": ("wait", {"delay_count": 1}, {"next": "week"}),
                "week": ("wait", {"delay_count": 7}, {"next": "end"}),
                "end": ("exit", {}, {}),
            }
        )
        ann = self._people(1, scenario)
        self._advance(self._later(days=1, minutes=1))
        bob = self._create_lead("Bob", "bob@pumps.test")
        self._let_in(scenario)
        self._advance()
        old = scenario.version_id
        draft = self._edit(scenario)
        wizard = self._ask(scenario)
        self._line(wizard, "day").choice = "stay"
        wizard.action_apply()
        self._advance(self._later(days=1, minutes=1))
        self.assertStands(bob, "week", "waiting")
        self._run_plans()
        self.assertEqual(self._enrolment_of(bob).version_id, old)
        self.assertEqual(self._enrolment_of(ann).version_id, draft)
        self.assertEqual(scenario.plan_ids.state, "done")

    @mute_logger(MOVES, "odoo.sql_db")
    def test_one_who_cannot_change_goes_on_as_before_and_is_tried_again(self):  # LN-38, LN-43
        scenario = self._create_scenario(self._line_steps())
        leads = self._people(3, scenario)
        bad, old = self._enrolment_of(leads[0]), scenario.version_id
        draft = self._edit(scenario)
        wizard = self._ask(scenario)
        model = type(self.env["nurture.enrolment"])
        original = model._move_to_twin

        def broken(people, move, now):
            if bad in people:
                self.env.cr.execute("SELECT 1 / 0")
            return original(people, move, now)

        with patch.object(model, "_move_to_twin", broken):
            self._publish(wizard)
        self.assertEqual(bad.version_id, old)
        self.assertIn("Could not change to version 2", bad.last_error)
        self.assertEqual(scenario.plan_ids.failed_count, 1)
        self.assertEqual(scenario.plan_failed_count, 1)
        self.assertEqual(set((scenario.enrolment_ids - bad).version_id), set(draft))
        scenario.plan_ids.with_user(self.adam).action_retry()
        self._run_plans()
        self.assertEqual((bad.version_id, bad.attempts), (draft, 0))
        self.assertEqual((scenario.plan_ids.failed_count, scenario.plan_ids.state), (0, "done"))
        self.assertCountsAgain(scenario)
