from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common_version import VersionCase


@tagged("post_install", "-at_install")
class TestVersion(VersionCase):
    """Steps change while people travel them: the preview is what happens, nobody gets a step
    twice, nobody is lost."""

    # ------------------------------------------------------------
    # THE PREVIEW
    # ------------------------------------------------------------

    def test_what_changes_is_said_in_words(self):  # LN-38
        scenario = self._create_scenario(self._line_steps())
        draft = self._edit(scenario)
        self._step(draft, "wait").delay_count = 9
        self._insert(draft, "extra", "mail", "first")
        self._take_out(draft, "second")
        told = draft._changes_since(scenario.version_id)
        self.assertEqual(
            [(change["kind"], change["name"], change["old"], change["new"]) for change in told],
            [
                ("changed", "wait", "3 days", "9 days"),
                ("added", "extra", "", "extra"),
                ("removed", "second", "About second", ""),
                ("arrow", "first, Next", "wait", "extra"),
                ("arrow", "wait, Next", "second", "end"),
            ],
        )

    def test_nobody_under_way_nothing_asked(self):  # LN-38
        scenario = self._create_scenario(self._line_steps())
        draft = self._edit(scenario)
        self.assertFalse(scenario.action_publish())
        self.assertEqual(scenario.version_id, draft)
        self.assertFalse(scenario.plan_ids)
        self.assertIn("Version 2 published.", scenario.message_ids[0].body)

    def test_unsound_steps_are_refused_before_anything_is_asked(self):  # LN-38, LN-41
        scenario = self._create_scenario(self._line_steps())
        self._people(1, scenario)
        draft = self._edit(scenario)
        self._step(draft, "wait")._set_exit_to("next", self.env["nurture.node"])
        with self.assertRaisesRegex(UserError, "“wait” does not say where"):
            scenario.action_publish()

    def test_a_removed_step_an_inserted_mail_and_a_changed_wait(self):  # LN-38
        """500 stand at a step that goes, some at a wait that gets longer; a mail is new."""
        steps = {
            "first": ("mail", {}, {"next": "ask"}),
            "ask": ("branch", {"condition": "domain", "domain": "[('priority', '=', '3')]"},
                    {"yes": "short", "no": "long"}),
            "short": ("wait", {"delay_count": 2}, {"next": "second"}),
            "long": ("wait", {"delay_count": 5}, {"next": "second"}),
            "second": ("mail", {}, {"next": "end"}),
            "end": ("exit", {}, {}),
        }  # fmt: skip
        scenario = self._create_scenario(steps)
        vips = self._people(20, scenario, "vip", priority="3")
        self._people(500, scenario)
        waiting = scenario.enrolment_ids.filtered(lambda e: e.lead_id in vips)
        others = scenario.enrolment_ids - waiting
        self.assertEqual(waiting.node_id.name, "short")
        dates = {person: person.run_at for person in waiting}
        draft = self._edit(scenario)
        self._step(draft, "short").delay_count = 4
        self._take_out(draft, "long")
        self._insert(draft, "news", "mail", "short")
        self._step(draft, "ask")._set_exit_to("no", self._step(draft, "news"))
        wizard = self._ask(scenario)
        changed, removed = self._line(wizard, "short"), self._line(wizard, "long")
        self.assertEqual((changed.people, changed.change), (20, "changed"))
        self.assertEqual((removed.people, removed.change), (500, "removed"))
        self.assertIn("500 go to “second”", removed.effect)
        self.assertEqual((wizard.go_count, wizard.stay_count, wizard.leave_count), (520, 0, 0))
        self._publish(wizard)
        self.assertEqual(scenario.enrolment_ids.version_id, draft)
        plan = scenario.plan_ids
        self.assertEqual((plan.state, plan.total, plan.left_count), ("done", 520, 0))
        self.assertEqual(others.node_id, self._step(draft, "second"), "as the preview says")
        self.assertEqual(set(others.mapped("state")), {"active"})
        self.assertEqual(waiting.node_id, self._step(draft, "short"))
        for person, date in dates.items():
            self.assertEqual(person.run_at, date + timedelta(days=2), "four days, not two")
        while self._advance(self._later(days=2, minutes=1)):
            pass
        self.assertEqual(set(others.mapped("state")), {"done"})
        self.assertEqual(set(waiting.mapped("state")), {"waiting"})
        while self._advance(self._later(days=4, minutes=1)):
            pass
        self.assertEqual(set(scenario.enrolment_ids.mapped("state")), {"done"})
        with_news, without = ["first", "news", "second"], ["first", "second"]
        for people, mails in ((waiting, with_news), (others, without)):
            for person in people:
                self.assertEqual(person.send_ids.sorted("id").mapped("node_id.name"), mails)
        self.assertCountsAgain(scenario)

    def test_the_way_chosen_when_a_step_was_taken_out_is_the_way_people_go(self):  # LN-38, LN-41
        """At a wait for a click that goes, the answer was “those who clicked”; not the quiet way,
        which ends. It holds for who is brought over later, and undoing forgets it."""
        steps = {
            "first": ("branch", {"condition": "domain", "domain": "[('priority', '=', '3')]"},
                      {"yes": "tell", "no": "click"}),
            "click": ("wait_event", {"delay_count": 7},
                      {"yes": "tell", "timeout": "end"}),
            "tell": ("wait", {"delay_count": 1, "delay_unit": "days"}, {"next": "end"}),
            "end": ("exit", {}, {}),
        }  # fmt: skip
        scenario = self._create_scenario(steps)
        self._people(3, scenario)
        old = scenario.version_id
        draft = self._edit(scenario)
        for keep, lands, effect, counts in (
            ("timeout", "end", "3 journeys end: they go to “end”.", (0, 0, 3)),
            ("yes", "tell", "3 go to “tell”.", (3, 0, 0)),
        ):
            draft.editor_remove(draft.revision, self._step(draft, "click").id, keep)
            wizard = self._ask(scenario)
            line = self._line(wizard, "click")
            self.assertEqual((line.landing_id.name, line.effect), (lands, effect))
            self.assertEqual(
                (wizard.go_count, wizard.stay_count, wizard.leave_count), counts, keep
            )
            if keep == "timeout":
                draft.editor_undo(draft.revision)
                self.assertFalse(draft._ways_since(old))
        wizard.action_all_stay()
        self._publish(wizard)
        self.assertEqual(scenario.enrolment_ids.version_id, old)
        told = scenario.message_ids[0]
        self.assertIn("3 people under way, 0 go on in it, 3 stay on version 1", told.body)
        self.assertEqual(told.author_id, self.adam.partner_id)
        action = old.with_user(self.adam).action_bring_over()
        wizard = self.env["nurture.publish"].with_user(self.adam).browse(action["res_id"])
        self._publish(wizard)
        self.assertEqual(scenario.enrolment_ids.node_id, self._step(draft, "tell"))
        self.assertEqual(set(scenario.enrolment_ids.mapped("state")), {"active"})

    # ------------------------------------------------------------
    # THE CHOICES
    # ------------------------------------------------------------

    def test_four_choices(self):  # LN-38
        scenario = self._create_scenario(self._line_steps())
        ann = self._people(1, scenario)
        old = scenario.version_id
        for choice, expected in (("stay", old), ("on", None), ("step", None), ("leave", None)):
            with self.subTest(choice=choice), self.env.cr.savepoint() as savepoint:
                draft = self._edit(scenario)
                wizard = self._ask(scenario)
                line = self._line(wizard, "wait")
                self.assertEqual(line.change, "same")
                line.choice = choice
                if choice == "step":
                    line.target_id = self._step(draft, "end")
                self._publish(wizard)
                person = self._enrolment_of(ann)
                if choice == "leave":
                    self.assertLeft(ann, "version")
                else:
                    self.assertEqual(person.version_id, expected or draft)
                    self.assertStands(ann, "end" if choice == "step" else "wait")
                self.assertCountsAgain(scenario)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_move_needs_a_step(self):  # LN-38
        scenario = self._create_scenario(self._line_steps())
        self._people(1, scenario)
        self._edit(scenario)
        wizard = self._ask(scenario)
        wizard.line_ids.choice = "step"
        with self.assertRaisesRegex(ValidationError, "Choose the step"):
            wizard.action_apply()
        with self.assertRaisesRegex(ValidationError, "no step of the new version"):
            wizard.line_ids.target_id = self._step(scenario.version_id, "end")

    def test_bring_them_over_later(self):  # LN-38
        scenario = self._create_scenario(self._line_steps())
        ann = self._people(1, scenario)
        old = scenario.version_id
        draft = self._edit(scenario)
        wizard = self._ask(scenario)
        wizard.action_all_stay()
        self.assertEqual((wizard.stay_count, wizard.go_count), (1, 0))
        self._publish(wizard)
        self.assertFalse(scenario.plan_ids)
        self.assertEqual((old.state, old.open_count), ("retired", 1))
        self.assertIn("still finish", old.note)
        action = old.with_user(self.adam).action_bring_over()
        later = self.env["nurture.publish"].with_user(self.adam).browse(action["res_id"])
        self.assertFalse(later.is_publishing)
        self._publish(later)
        self.assertEqual(self._enrolment_of(ann).version_id, draft)
        self.env.invalidate_all()
        self.assertIn("Nobody travels it any more", old.note)

    def test_one_change_after_the_other(self):  # LN-38
        """Who is on the way to a version would never be asked about the next one."""
        scenario = self._create_scenario(self._line_steps())
        ann = self._people(1, scenario)
        self._edit(scenario)
        self._ask(scenario).action_apply()
        draft = self._edit(scenario)
        self._insert(draft, "news", "mail", "wait")
        with self.assertRaisesRegex(UserError, "1 people are still being brought to version 2"):
            scenario.action_publish()
        self._run_plans()
        self._publish(self._ask(scenario))
        self.assertEqual(self._enrolment_of(ann).version_id, draft)
        self.assertEqual(set(scenario.plan_ids.mapped("state")), {"done"})

    def test_another_kind_is_another_step(self):  # LN-38
        scenario = self._create_scenario(self._line_steps())
        ann = self._people(1, scenario)
        draft = self._edit(scenario)
        self._step(draft, "wait").write({"kind": "activity", "name": "call"})
        call = self._step(draft, "call")
        call.activity_type_id = self.env.ref("mail.mail_activity_data_call")
        call._set_exit_to("next", self._step(draft, "second"))
        wizard = self._ask(scenario)
        self.assertEqual(self._line(wizard, "wait").change, "removed")
        self._publish(wizard)
        self._advance()
        self.assertLeft(ann, "finished")
        self.assertFalse(ann.activity_ids, "what followed the removed step, not what replaced it")

    def test_compare_two_versions(self):  # LN-38, LN-40
        scenario = self._create_scenario(self._line_steps())
        self._people(2, scenario)
        draft = self._edit(scenario)
        self._step(draft, "wait").delay_count = 9
        self._publish(self._ask(scenario))
        action = draft.with_user(self.mira).action_compare()
        compare = self.env["nurture.version.compare"].with_user(self.mira).browse(action["res_id"])
        self.assertEqual((compare.old_id.number, compare.new_id.number), (1, 2))
        self.assertIn("9 days", compare.changes)
        self.assertIn("2 → –", compare.numbers, "the first mail was sent on version 1")

    def test_statements_do_not_grow_with_people(self):  # LN-38
        def moved(count, word):
            scenario = self._create_scenario(
                self._line_steps(), trigger_domain=f"[('email_normalized', 'like', '{word}')]"
            )
            for number in range(count):
                self._create_lead(f"N{number}", f"n{number}.{word}@pumps.test", sync=False)
            self._sync()
            self._let_in(scenario)
            while self._advance():
                pass
            draft = self._edit(scenario)
            self._step(draft, "wait").delay_count = 9
            self._ask(scenario).action_apply()
            move = scenario.plan_ids.move_ids.filtered("total")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(move._move_batch(self._later()), count)
            return self.env.cr.sql_log_count - before

        moved(1, "warm")
        few, many = moved(10, "few"), moved(100, "many")
        self.assertLessEqual(many, few + 5)
