"""Two complaints about one matter: the one that goes on keeps the whole file."""
from datetime import date

from odoo.tests import tagged

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
