"""The complaint file: from what the customer wants to whether he bought again."""
from datetime import date, timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import NOW, days_ago
from .common_complaint import ComplaintCommon


@tagged("post_install", "-at_install")
class TestComplaint(ComplaintCommon):

    def test_no_end_without_a_file_where_that_is_wanted(self):  # CC-4
        case = self._complain()
        self.company.care_complaint_complete = True
        self.assertIn("root cause", case.complaint_missing)
        with self.assertRaises(UserError) as refused:
            case.action_resolve()
        self.assertIn("the root cause, a remedy", str(refused.exception))
        self.assertFalse(case.resolved_at)
        case.root_cause_id = self.cause
        self._give(case, "none")
        self.assertFalse(case.complaint_missing)
        case.action_resolve()
        self.assertTrue(case.resolved_at)

    def test_what_the_file_lacks_is_asked_in_one_dialog(self):  # CC-4
        case = self._complain().with_user(self.agent).sudo(False)
        asked = case.with_context(care_asks=1)
        self.company.sudo().care_complaint_complete = True
        action = asked.action_resolve()
        self.assertEqual(action["res_model"], "care.case.resolve")
        self.assertFalse(case.resolved_at)
        with Form(self.env["care.case.resolve"].with_user(self.agent).with_context(
                action["context"])) as dialog:
            self.assertTrue(dialog.needs_cause and dialog.needs_remedy)
            dialog.root_cause_id = self.cause
            dialog.remedy = "repair"
            dialog.remedy_amount = 12
        dialog.record.action_apply()
        self.assertEqual((case.stage_kind, case.root_cause_id), ("resolved", self.cause))
        self.assertEqual((case.remedy_ids.kind, case.remedy_ids.amount), ("repair", 12))

    def test_a_word_that_comes_while_the_dialog_is_open_is_read_first(self):  # CC-4, CC-7
        case = self._complain(kind="defect", severity="3")
        action = case.with_context(
            care_asks=1, care_seen="2020-01-01 00:00:00").action_resolve()
        case._add_contact("in", "email", fields.Datetime.now(), partner=case.partner_id)
        dialog = self.env[action["res_model"]].with_user(self.agent).with_context(
            action["context"]).create({})
        with self.assertRaisesRegex(UserError, "wrote in the meantime"):
            dialog.action_apply()
        self.assertFalse(case.resolved_at)

    def test_a_severe_defect_is_asked_for_its_file_and_may_do_without(self):  # CC-4, CC-18
        case = self._complain(kind="defect", severity="3")
        action = case.with_context(care_asks=1).action_resolve()
        self.env[action["res_model"]].with_user(self.agent).with_context(
            action["context"]).create({}).action_apply()
        self.assertEqual(case.stage_kind, "resolved")
        for values in ({"kind": "question", "severity": "3"}, {"severity": "2"}):
            other = self._complain(**values)
            self.assertFalse(other.with_context(care_asks=1).action_resolve())
            self.assertEqual(other.stage_kind, "resolved")

    def test_questions_and_duplicates_need_no_file(self):  # CC-4
        self.company.care_complaint_complete = True
        question = self._open_case(kind="question")
        question.action_resolve()
        self.assertEqual(question.stage_kind, "resolved")
        twin = self._complain()
        twin._close("duplicate")
        self.assertEqual((twin.stage_kind, twin.close_reason), ("closed", "duplicate"))
        closed = self._complain()
        with self.assertRaises(UserError):
            closed._close("solved")

    def test_no_remedy_stands_alone(self):  # CC-4
        case = self._complain()
        self._give(case, "none")
        with self.assertRaises(ValidationError):
            self._give(case, "apology")

    def test_several_remedies_and_their_cost(self):  # CC-4
        case = self._complain()
        self._give(case, "replace", 40)
        self._give(case, "discount", 12.5)
        self.assertEqual(case.remedy_cost, 52.5)
        report = self._report(case)
        self.assertEqual((report.remedy, report.cost), ("several", 52.5))

    def test_a_copy_begins_from_nothing(self):  # CC-4
        """What was found out and agreed of one complaint was not of the other."""
        case = self._complain(
            root_cause_id=self.cause.id, acceptance="accepted", acceptance_note="By phone",
            letter_cause="A gasket", corrective_action="New gasket",
            corrective_user_id=self.agent.id, corrective_due=date(2026, 9, 1))
        copy = case.copy().sudo()
        self.assertEqual((copy.kind, copy.acceptance), ("complaint", "open"))
        for name in ("root_cause_id", "acceptance_on", "acceptance_note", "letter_on",
                     "letter_cause", "corrective_action", "corrective_user_id", "corrective_due"):
            self.assertFalse(copy[name], name)
        self.assertFalse(copy.activity_ids)

    def test_the_corrective_action_has_an_owner_and_a_day(self):  # CC-4
        case = self._complain()
        with self.assertRaises(ValidationError):
            case.write({"corrective_action": "New gasket", "corrective_user_id": self.agent.id})
        case.write({
            "corrective_action": "New gasket", "corrective_user_id": self.agent.id,
            "corrective_due": date(2026, 9, 1)})
        activity = case.activity_ids
        self.assertEqual(
            (activity.user_id, activity.date_deadline), (self.agent, date(2026, 9, 1)))
        case.corrective_due = date(2026, 10, 1)
        self.assertEqual(case.activity_ids.date_deadline, date(2026, 10, 1), "one activity")
        case.activity_ids.with_user(self.agent).action_feedback("Done")
        self.assertEqual(case.corrective_done_on, self.company._care_today())
        self.assertFalse(case.activity_ids)
        case.with_user(self.agent).action_corrective_undone()
        self.assertTrue(case.activity_ids)
        case.with_user(self.agent).action_corrective_done()
        self.assertTrue(case.corrective_done_on)
        self.assertFalse(case.activity_ids)

    def test_his_word_has_a_day(self):  # CC-4
        case = self._complain()
        case.acceptance = "refused"
        self.assertEqual(case.acceptance_on, self.company._care_today())
        case.acceptance = "open"
        self.assertFalse(case.acceptance_on)


@tagged("post_install", "-at_install")
class TestBoughtAgain(ComplaintCommon):

    def test_known_only_later(self):  # CC-4
        """180 days: nobody is lost on the day after."""
        back, gone, early = (self._create_customer(n) for n in ("Back", "Gone", "Early"))
        cases = {p: self._settle(p, ago) for p, ago in ((back, 100), (gone, 181), (early, 180))}
        self._buy(back, 110, 60, 20, amount=70)  # before it, and twice after
        self._buy(gone, 300)
        self._night()
        found = {p.name: (c.bought_again, c.bought_again_on, c.bought_again_amount)
                 for p, c in cases.items()}
        self.assertEqual(found, {
            "Back": ("yes", days_ago(60), 70), "Gone": ("no", False, 0),
            "Early": (False, False, 0)})
        self.assertIn("40 days later", cases[back].bought_again_told)
        self.assertIn("Too early", cases[early].bought_again_told)
        self.assertIn("not within 180", cases[gone].bought_again_told)

    def test_the_day_of_the_resolution_is_not_after(self):  # CC-4
        case = self._settle(self.writer, 30)
        self._buy(self.writer, 30)
        self._night()
        self.assertFalse(case.bought_again)

    def test_what_is_credited_was_no_purchase(self):  # CC-4
        case = self._settle(self.writer, 30)
        invoice = self._create_posted(self.writer, days_ago(10), 50)
        self._night()
        self.assertEqual(case.bought_again, "yes")
        self._credit(invoice, days_ago(5))
        self._night()
        self.assertFalse(case.bought_again)

    def test_opened_again_there_is_no_after(self):  # CC-4, CC-7
        case = self._settle(self.writer, 30)
        self._buy(self.writer, 10)
        self._night()
        self.assertEqual(case.bought_again, "yes")
        case.action_reopen()
        self.assertFalse(case.bought_again)
        self.assertIn("n/a", case.bought_again_told)
        self._night()
        self.assertFalse(case.bought_again)

    def test_duplicates_and_questions_are_not_asked(self):  # CC-4
        twin = self._complain()
        with freeze_time(NOW - timedelta(days=30)):
            twin.action_resolve()
            twin._close("duplicate")
        question = self._open_case(kind="question")
        with freeze_time(NOW - timedelta(days=30)):
            question.action_resolve()
        self._buy(self.writer, 10)
        self._night()
        self.assertFalse(twin.bought_again or question.bought_again)

    def test_the_report_says_how_many_it_rests_on(self):  # CC-4
        buyers = [self._create_customer(f"B{i}") for i in range(4)]
        cases = self.cases
        for buyer, ago in zip(buyers, (200, 200, 30, 30), strict=True):
            case = self._settle(buyer, ago, root_cause_id=self.cause.id)
            cases |= case
        self._buy(buyers[0], 150)
        self._buy(buyers[2], 10)  # quick, but his days are not over
        cases[0].acceptance, cases[1].acceptance = "accepted", "refused"
        cases[2].acceptance = "accepted"
        cases[3].acceptance = "no_answer"
        with freeze_time(NOW):
            self._night()
            lines = self._report(cases)
            [(cause, count, said, accepted, matured, again)] = lines._read_group(
                [("id", "in", lines.ids)], ["root_cause_id"],
                ["__count", "said:sum", "accepted_percent:avg", "matured:sum",
                 "bought_again_percent:avg"])
        self.assertEqual((cause, count, said, matured), (self.cause, 4, 3, 2))
        self.assertAlmostEqual(accepted, 200 / 3)
        self.assertEqual(again, 50)
        twin = self._complain()
        twin._close("duplicate")
        self.assertFalse(self._report(twin))

    def test_nobody_known_is_empty(self):  # CC-4
        case = self._complain()
        report = self._report(case)
        self.assertIs(report.accepted_percent, False)
        self.assertIs(report.bought_again_percent, False)
        self.assertIs(report.settled_days, False)
        self.assertEqual(report.cost, 0)
