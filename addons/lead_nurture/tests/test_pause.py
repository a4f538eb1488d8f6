from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_version import VersionCase


@tagged("post_install", "-at_install")
class TestPause(VersionCase):
    """A scenario stood still for days; what was due meanwhile does not leave in one blast."""

    def setUp(self):
        super().setUp()
        self.scenario = self._create_scenario(self._line_steps(days=2))
        self.leads = self._people(3, self.scenario)
        self.started = self.scenario.enrolment_ids.mapped("run_at")

    def _pause(self, days):
        """A pause that began `days` ago, in which each wait was up after a day."""
        self.scenario.action_pause()
        pause = self.scenario.pause_ids
        self.assertEqual((pause.state, len(pause)), ("open", 1))
        pause.started_at -= timedelta(days=days)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE nurture_enrolment SET run_at = %s WHERE scenario_id = %s",
            [pause.started_at + timedelta(days=1), self.scenario.id],
        )
        self.env.invalidate_all()
        return pause

    def _ask_to_resume(self):
        action = self.scenario.with_user(self.adam).action_resume()
        self.assertEqual(action["res_model"], "nurture.resume")
        return self.env["nurture.resume"].with_user(self.adam).browse(action["res_id"])

    def _second_mails(self):
        return len(self.env["nurture.send"].search(
            [("scenario_id", "=", self.scenario.id), ("node_id.name", "=", "second")]
        ))  # fmt: skip

    def test_shift_is_as_if_the_time_had_stood_still(self):  # LN-39
        self._pause(days=5)
        wizard = self._ask_to_resume()
        self.assertEqual((wizard.policy, wizard.due_count, wizard.message_count), ("shift", 3, 3))
        self.assertEqual((wizard.shift_count, wizard.send_count), (3, 0))
        self.assertIn("5 days", wizard.effect)
        wizard.action_resume()
        self.assertEqual(self.scenario.state, "running")
        self._advance()
        self.assertFalse(self._second_mails())
        left = min(self.scenario.enrolment_ids.mapped("run_at")) - fields.Datetime.now()
        self.assertAlmostEqual(left / timedelta(days=1), 1, places=2)
        self._advance(self._later(days=1, minutes=1))
        self.assertEqual(self._second_mails(), 3)

    def test_what_happened_in_the_pause_is_not_shifted(self):  # LN-39
        """Ann clicked while it stood still: she has waited long enough, and is not too late."""
        steps = self._welcome_steps()
        steps["click"] = (*steps["click"][:2], {"yes": "thanks", "timeout": "remind"})
        steps["thanks"] = ("mail", {"max_late_days": 3}, {"next": "sales"})
        self.scenario = self._create_scenario(steps)
        self._let_in(self.scenario)
        while self._advance():
            pass
        self._deliver()
        self._settle()
        self._age_mails()
        ann, *others = self.leads
        person = self.scenario.enrolment_ids.filtered(lambda e: e.lead_id == ann)
        self._pause(days=5)
        self._click(person.send_ids)
        self._ingest()
        self.assertEqual(person.release_label, "yes")
        person._write_rows(run_at=self._later(days=-4))
        wizard = self._ask_to_resume()
        self.assertEqual((wizard.due_count, wizard.shift_count, wizard.send_count), (3, 2, 1))
        wizard.action_resume()
        self._advance()
        self.assertEqual(person.send_ids.sorted("id").mapped("node_id.name"), ["welcome", "thanks"])
        self.assertLeft(ann, "finished")
        for lead in others:
            self.assertStands(lead, "click", "waiting")

    def test_skip_what_was_missed(self):  # LN-39
        self._pause(days=5)
        wizard = self._ask_to_resume()
        wizard.policy = "skip"
        self.assertEqual((wizard.skip_count, wizard.send_count), (3, 0))
        wizard.action_resume()
        self._advance()
        self.assertFalse(self._second_mails())
        self.assertLeft(self.leads[0], "finished")
        passed = self._enrolment_of(self.leads[0]).log_ids.filtered(
            lambda log: log.node_id.name == "second"
        )
        self.assertEqual((passed.label, passed.result), ("next", "missed in the pause"))
        self.assertCountsAgain(self.scenario)

    def test_send_what_is_not_too_late(self):  # LN-39
        """Due four days ago, with at most three: left out; with at most five: sent."""
        for days, sent in ((3, 0), (5, 3)):
            with self.subTest(days=days), self.env.cr.savepoint() as savepoint:
                self._pause(days=5)
                self.scenario.version_id.node_ids.invalidate_recordset()
                self.env.cr.execute("UPDATE nurture_node SET max_late_days = 0")
                self.env.invalidate_all()
                wizard = self._ask_to_resume()
                wizard.write({"policy": "late", "late_days": days})
                self.assertEqual((wizard.skip_count, wizard.send_count), (3 - sent, sent))
                wizard.action_resume()
                self._advance()
                self.assertEqual(self._second_mails(), sent)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_what_came_after_the_pause_is_sent(self):  # LN-39
        """The window of a skipped pause holds for nobody who gets due later."""
        self._pause(days=5)
        self.env.cr.execute(
            "UPDATE nurture_enrolment SET run_at = %s WHERE scenario_id = %s",
            [self._later(hours=2), self.scenario.id],
        )
        self.env.invalidate_all()
        self.assertFalse(self.scenario.with_user(self.adam).action_resume(), "nothing was due")
        self.assertEqual(self.scenario.state, "running")
        self._advance(self._later(hours=3))
        self.assertEqual(self._second_mails(), 3)

    def test_many_people_are_shifted_in_batches_each_once(self):  # LN-39
        pause = self._pause(days=5)
        before = {e: e.run_at for e in self.scenario.enrolment_ids}
        pause._set_shifting(fields.Datetime.now())
        self.assertEqual(pause._shift_batch(2), 2)
        self.assertEqual((pause.state, self.scenario.state), ("shifting", "paused"))
        self.assertTrue(self.scenario.is_shifting)
        with self.assertRaisesRegex(UserError, "are being shifted"):
            self.scenario.action_resume()
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("lead_nurture.ir_cron_shift_dates").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((pause.state, pause.done_count), ("done", 3))
        self.assertEqual(self.scenario.state, "running")
        for enrolment, date in before.items():
            self.assertEqual(enrolment.run_at - date, pause.ended_at - pause.started_at)

    def test_closed_while_dates_are_shifted_stays_closed(self):  # LN-39
        pause = self._pause(days=5)
        pause._set_shifting(fields.Datetime.now())
        self.scenario.action_close()
        pause._shift_batch()
        self.assertEqual((pause.state, self.scenario.state), ("done", "archived"))

    def test_a_pause_of_the_engine_asks_as_well(self):  # LN-39
        self.mira.active = False
        self.env["nurture.scenario"]._pause_broken()
        self.assertEqual(self.scenario.pause_ids.state, "open")
        self.assertIn("mira", self.scenario.pause_ids.reason)
        with self.assertRaisesRegex(UserError, "archived"):
            self.scenario.with_user(self.adam).action_resume()
        self.mira.active = True
        self.scenario.pause_ids.started_at -= timedelta(days=1)
        self.env.cr.execute(
            "UPDATE nurture_enrolment SET run_at = %s WHERE scenario_id = %s",
            [self._later(hours=-1), self.scenario.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self._ask_to_resume().due_count, 3)

    def test_resuming_does_not_publish_the_draft(self):  # LN-38, LN-39
        self._edit(self.scenario)
        published = self.scenario.version_id
        self.scenario.action_pause()
        self.scenario.action_start()
        self.assertEqual((self.scenario.version_id, self.scenario.state), (published, "running"))
        self.assertTrue(self.scenario.draft_id)
        self.assertEqual(self.scenario.pause_ids.state, "done")

    def test_only_administrators_resume(self):  # LN-39
        self._pause(days=5)
        with self.assertRaises(AccessError):
            self.scenario.with_user(self.mira).action_resume()
        with self.assertRaises(AccessError):
            self.env["nurture.resume"].with_user(self.mira).create(
                {"scenario_id": self.scenario.id}
            )
        self.assertTrue(self.scenario.with_user(self.mira).pause_ids)
        pauses = self.env["nurture.scenario.pause"].with_user(self.finn)
        self.assertFalse(pauses.search([("scenario_id", "=", self.scenario.id)]))
