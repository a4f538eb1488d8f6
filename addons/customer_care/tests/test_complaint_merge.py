"""Two complaints about one matter: the one that goes on keeps the whole file."""
from datetime import date

from odoo.tests import Form, tagged

from .common import days_ago
from .test_complaint import ComplaintCommon


@tagged("post_install", "-at_install")
class TestComplaintMerge(ComplaintCommon):

    def _owned(self, text, **values):
        return self._complain(
            corrective_action=text, corrective_user_id=self.agent.id,
            corrective_due=date(2026, 9, 1), **values)

    def test_what_was_given_and_spent_goes_over(self):  # CC-3, CC-4, CC-11
        kept, other = self._complain(), self._complain()
        note = self._credit(self._create_posted(self.writer, days_ago(20), 200), days_ago(5), 30)
        note.care_case_id = other
        credited = other.remedy_ids
        given = self._give(other, "replace", 40)
        self._give(kept, "none")
        self.env["care.case.time"].sudo().create(
            {"case_id": other.id, "user_id": self.agent.id, "minutes": 25})
        other.with_user(self.agent)._merge_into(kept.with_user(self.agent))
        self.assertEqual(kept.remedy_ids, credited | given, "“No remedy” is true no more")
        self.assertEqual((kept.remedy_cost, kept.minutes_spent), (70, 25))
        self.assertEqual(note.care_case_id, kept)
        self.assertFalse(other.remedy_ids or other.time_ids)
        self.assertEqual(self._report(kept | other).cost, 70)

    def test_nothing_given_is_said_once(self):  # CC-4
        kept, other = self._complain(), self._complain()
        self._give(kept, "none")
        self._give(other, "none")
        other.with_user(self.agent)._merge_into(kept.with_user(self.agent))
        self.assertEqual(kept.remedy_ids.mapped("kind"), ["none"])

    def test_findings_fill_what_is_empty(self):  # CC-3, CC-4
        kept = self._complain()
        other = self._owned(
            "New gasket", root_cause_id=self.cause.id, root_cause_note="Worn",
            remedy_wanted="refund")
        other.with_user(self.agent)._merge_into(kept.with_user(self.agent))
        self.assertEqual(
            (kept.root_cause_id, kept.root_cause_note, kept.remedy_wanted),
            (self.cause, "Worn", "refund"))
        self.assertEqual(
            (kept.corrective_action, kept.corrective_user_id, kept.corrective_due),
            ("New gasket", self.agent, date(2026, 9, 1)))
        self.assertEqual(len(kept.activity_ids), 1, "one activity of the owner")

    def test_own_findings_stay(self):  # CC-4
        mine = self.env["care.root.cause"].sudo().create({"name": "Test crack"})
        kept = self._owned("Thicker wall", root_cause_id=mine.id)
        other = self._complain(root_cause_id=self.cause.id, root_cause_note="Worn")
        other.with_user(self.agent)._merge_into(kept.with_user(self.agent))
        self.assertEqual((kept.root_cause_id, kept.root_cause_note), (mine, False))
        self.assertEqual(kept.corrective_action, "Thicker wall")

    def test_a_question_that_takes_over_a_complaint_is_one(self):  # CC-3, CC-4
        """Merged into an older question, a complaint would be missing in the report and in what
        holds marketing back; the file's page would not be shown."""
        question = self._open_case(kind="question")
        asked = self._open_case(kind="request")
        defect = self._complain(
            kind="defect", severity="4", remedy_wanted="replace", acceptance="refused",
            acceptance_note="By phone")
        self._give(defect, "replace", 40)
        wizard = Form(self.env["care.case.merge"].with_user(self.agent).with_context(
            default_case_ids=(question | defect).ids))
        wizard.survivor_id = question
        self.assertEqual(wizard.complaint_kind, "defect", "it is said before it is done")
        wizard.survivor_id = defect
        self.assertFalse(wizard.complaint_kind)
        (asked | defect).with_user(self.agent)._merge_into(question.with_user(self.agent))
        self.assertTrue(question.is_complaint)
        self.assertEqual(
            (question.kind, question.remedy_wanted, question.acceptance, question.acceptance_note),
            ("defect", "replace", "refused", "By phone"))
        self.assertEqual(self._report(question | defect).case_id, question)
        self.assertTrue(question._is_severe())

    def test_a_complaint_keeps_its_kind_and_its_customers_word(self):  # CC-3, CC-4
        kept = self._complain(kind="return")
        accepted = self._complain(kind="defect", acceptance="accepted")
        praise = self._open_case(kind="praise")
        (accepted | praise).with_user(self.agent)._merge_into(kept.with_user(self.agent))
        self.assertEqual((kept.kind, kept.acceptance), ("return", "open"))
