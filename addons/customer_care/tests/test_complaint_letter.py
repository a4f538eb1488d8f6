"""The closing letter of a complaint: when, in which words, and who finds it."""
from odoo.addons.customer_care.controllers import case_letter
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import days_ago
from .common_complaint import ComplaintCommon
from .common_doors import DoorCase

REPORT = "customer_care.care_case_letter_report"


@tagged("post_install", "-at_install")
class TestClosingLetter(ComplaintCommon, DoorCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.env.flush_all()
        cls.agent.partner_id.function = "Head of Beans"
        cls.company.care_letter_elsewhere = "The arbitration office of Kent can help you."
        cls.case = cls._open_case(
            kind="complaint", channel="email", user_id=cls.agent.id, description="Inside words",
            root_cause_note="Bob slept", corrective_action="Wake Bob", remedy_wanted="refund",
            letter_cause="A seal was\nworn out.", letter_change="Seals are changed each year.")
        cls.remedies.create({
            "case_id": cls.case.id, "kind": "replace", "amount": 4711, "note": "second choice"})

    def setUp(self):
        super().setUp()
        case_letter.LETTERS.forget()

    def _end(self, accepted=True):
        self.case.action_resolve()
        if accepted:
            self.case.acceptance = "accepted"

    def _html(self, user=None):
        reports = self.env["ir.actions.report"].with_user(user or self.agent)
        return reports._render_qweb_html(REPORT, self.case.ids)[0].decode()

    # ---- when -----------------------------------------------------------------------------------

    def test_only_what_is_over_has_a_letter(self):  # CC-4
        self.case.acceptance = "accepted"
        with self.assertRaises(UserError):
            self.case.action_letter()
        with self.assertRaises(UserError):
            self._html()
        self.case.acceptance = "open"
        self.case.action_resolve()
        self.assertFalse(self.case.is_letter_due, "he has not said a word")
        self.case.acceptance = "refused"
        self.assertFalse(self.case.is_letter_due)
        self.case._close("solved")
        self.assertTrue(self.case.is_letter_due, "closed, accepted or not")
        for values in ({"kind": "question"}, {"kind": "complaint", "close_reason": "spam"}):
            self.case.sudo().write(values)  # code alone writes the reason
            self.assertFalse(self.case.is_letter_due, values)

    def test_making_it_notes_the_day_and_once(self):  # CC-4
        self._end()
        action = self.case.action_letter()
        self.assertEqual(action["report_name"], "customer_care.report_closing_letter")
        self.assertEqual(self.case.letter_on, self.company._care_today())
        self.case.letter_on = days_ago(3)
        self.case.action_letter()
        self.assertEqual(self.case.letter_on, days_ago(3))

    def test_who_only_reads_makes_no_letter(self):  # CC-4, ALL-4
        self._end()
        seller = self._create_user("letter_seller", "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            self.case.with_user(seller).action_letter()
        self.assertFalse(self.case.letter_on)

    # ---- what -----------------------------------------------------------------------------------

    def test_the_customers_words_and_no_other(self):  # CC-4
        self._end()
        page = self._html()
        for told in (self.case.number, "Writer", "A seal was", "Replacement", "case_agent",
                     "Seals are changed each year.", "Head of Beans", self.company.name,
                     "arbitration office"):
            self.assertIn(told, page)
        for inside in ("Bob", "4711", "4,711", "second choice", "Inside words", "Test leak"):
            self.assertNotIn(inside, page)

    def test_what_was_not_written_is_left_out(self):  # CC-4
        self.case.write({"letter_cause": False, "letter_change": False})
        self.case.sudo().remedy_ids.unlink()
        self._give(self.case, "none")
        self._end()
        page = self._html()
        self.assertNotIn("What we found", page)
        self.assertNotIn("does not happen again", page)
        self.assertIn("cannot offer you a remedy", page)

    def test_a_posted_credit_note_is_named_with_its_amount(self):  # CC-4
        note = self.env["account.move"].sudo().create({
            "move_type": "out_refund", "partner_id": self.writer.id,
            "company_id": self.company.id, "invoice_date": days_ago(1),
            "invoice_line_ids": [(0, 0, {"name": "Beans", "price_unit": 30, "tax_ids": False})]})
        self._give(self.case, "refund", move_id=note.id)
        self._end()
        self.assertIn("Refund", self._html())
        self.assertNotIn("30.00", self._html())
        note.action_post()
        self.assertIn(f"Refund: credit note {note.name} of", self._html())
        self.assertIn("30.00", self._html())

    def test_it_speaks_the_customers_language(self):  # CC-4, ALL-5
        page = self.env.ref("customer_care.report_closing_letter_page")
        page.update_field_translations("arch_db", {"fr_FR": {"What we found": "Nos constats"}})
        self.company.with_context(lang="fr_FR").care_letter_elsewhere = "Le médiateur"
        self.writer.lang = "fr_FR"
        self._end()
        page = self._html()
        self.assertIn("Nos constats", page)
        self.assertIn("Le médiateur", page)
        self.assertNotIn("arbitration", page)

    # ---- the customer's page --------------------------------------------------------------------

    def _letter(self, case=None, token=None):
        self.env.flush_all()
        case = (case or self.case).sudo()
        return self.url_open(
            f"/my/cases/{case.id}/letter?access_token={token or case._portal_ensure_token()}")

    def _page(self):
        self.env.flush_all()
        return self.url_open(self.case.sudo().get_portal_url()).text

    def test_the_customer_finds_it_once_it_is_made(self):  # CC-4, CC-20
        self._end()
        self.assertNotIn("closing letter", self._page())
        self.assertNotIn("A seal was", self._letter().text)
        self.case.action_letter()
        self.assertIn("Our closing letter", self._page())
        answer = self._letter()
        self.assertIn("A seal was", answer.text)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertNotIn("A seal was", self._letter(token="x" * 36).text)
        self.case.action_reopen()
        self.assertNotIn("closing letter", self._page())
        self.assertNotIn("A seal was", self._letter().text)

    def test_a_login_finds_only_its_own(self):  # CC-4, CC-20
        self._create_portal_user("letter_writer")
        other = self._open_case(
            self._create_customer("Other"), kind="complaint", letter_cause="Other's cause")
        self._end()
        for case in (self.case, other):
            case.action_resolve()
            case.write({"acceptance": "accepted", "letter_on": days_ago(1)})
        self.env.flush_all()
        self.authenticate("letter_writer", "letter_writer")
        self.assertIn("A seal was", self.url_open(f"/my/cases/{self.case.id}/letter").text)
        for address in (f"/my/cases/{other.id}/letter",
                        f"/report/html/customer_care.report_closing_letter/{other.id}"):
            self.assertNotIn("Other's cause", self.url_open(address).text)

    def test_a_network_asks_for_twenty_letters(self):  # CC-20
        self._end()
        self.case.action_letter()
        codes = [self._letter(token="x" * 36).status_code for _number in range(21)]
        self.assertEqual(codes[-1], 429)

    def test_two_cases_become_one_and_the_words_stay(self):  # CC-3, CC-4
        other = self._complain()
        self.case._merge_into(other)
        self.assertEqual(other.letter_change, "Seals are changed each year.")
