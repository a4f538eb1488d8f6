"""Whom a programme or a rule would reach: counted when somebody asks, never by being opened."""
from unittest.mock import patch

from freezegun import freeze_time
from odoo.tests import Form, tagged

from .common import NOW
from .common_survey import SurveyCommon

DUE = "odoo.addons.customer_care.models.care_survey_program_due"


@tagged("post_install", "-at_install")
class TestLookAhead(SurveyCommon):

    def test_opening_a_programme_counts_nobody(self):  # CC-8, P
        program = self._create_program()
        self._settle_case(self.writer)
        with patch.object(type(program), "_look_ahead", side_effect=AssertionError("counted")):
            with Form(program) as form:
                self.assertEqual(form.preview, "Not counted yet.")
                form.name = "Another name"
            self.assertFalse(program.previewed_at)
        with freeze_time(NOW):
            program.action_count_preview()
        self.assertEqual(program.previewed_at, NOW)
        self.assertIn("asked 1. Nobody would be left out.", program.preview)
        self.env["mail.blacklist"].sudo()._add(self.writer.email)
        program.invalidate_recordset()
        self.assertIn("asked 1", program.preview, "as it was counted")

    def test_what_was_counted_goes_with_the_words_it_was_counted_by(self):  # CC-8
        program = self._create_program()
        self._settle_case(self.writer)
        program.action_count_preview()
        program.planned_at = NOW  # what every run of the cron writes
        self.assertTrue(program.preview_counts)
        program.delay_hours = 48
        self.assertFalse(program.preview_counts or program.previewed_at)
        self.assertEqual(program.preview, "Not counted yet.")

    def test_a_programme_by_hand_has_nobody_to_count(self):  # CC-8
        program = self._create_program(trigger="manual")
        self.assertEqual(program.preview, "Nobody is written to by itself.")

    def test_the_list_is_bounded_and_says_so(self):  # CC-8, P
        program = self._create_program(name="Was it easy?")
        for number in range(4):
            self._settle_case(self._create_asked(f"Person{number}"))
        self._settle_case(self._create_customer("Mute"))
        with freeze_time(NOW):
            action = program.action_preview()
        self.assertEqual(action["name"], "Would be asked: Was it easy?")
        self.assertEqual(len(action["domain"][0][2]), 4)
        with freeze_time(NOW), patch(f"{DUE}.LISTED", 3):
            action = program.action_preview()
        self.assertEqual(
            action["name"], "Would be asked: Was it easy? (the first 3 of 4)")
        self.assertEqual(len(action["domain"][0][2]), 3)
        self.assertEqual(program.preview_counts, {"free": 4, "held": {"no_address": 1}})

    def test_an_agent_may_count(self):  # CC-8
        program = self._create_program()
        self._settle_case(self.writer)
        with freeze_time(NOW):
            program.with_user(self.agent).sudo(False).action_count_preview()
        self.assertEqual(program.preview_counts["free"], 1)
