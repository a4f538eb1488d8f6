"""What a complaint cost us: the credit note, who asks and who makes it."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import days_ago
from .common_complaint import ComplaintCommon


@tagged("post_install", "-at_install")
class TestCompensation(ComplaintCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env(su=True), "test_accountant", groups="account.group_account_invoice",
            company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)])

    def _wizard(self, case, user, **values):
        return self.env["care.case.credit"].with_user(user).sudo(False).with_company(
            self.company).create({"case_id": case.id, **values})

    def test_accounting_makes_it(self):  # CC-4, CC-11
        invoice = self._create_posted(self.writer, days_ago(20), 200)
        case = self._complain()
        wizard = self._wizard(case, self.accountant, amount=50, kind="discount")
        self.assertEqual(wizard.invoice_id, invoice)
        note = self.env["account.move"].browse(wizard.action_apply()["res_id"])
        self.assertEqual(
            (note.move_type, note.state, note.care_case_id, note.reversed_entry_id),
            ("out_refund", "draft", case, invoice))
        self.assertTrue(note.care_compensation)
        self.assertEqual(note.amount_untaxed, 50)
        remedy = case.remedy_ids
        self.assertEqual((remedy.kind, remedy.cost), ("discount", 0), "a draft costs nothing yet")
        note.action_post()
        self.assertEqual((remedy.cost, case.remedy_cost), (50, 50))
        self.assertEqual(self._report(case).cost, 50)

    def test_it_counts_once(self):  # CC-11: by the setting in value or in cost
        self._create_posted(self.writer, days_ago(20), 200)
        case = self._complain()
        wizard = self._wizard(case, self.accountant, extent="whole")
        self.env["account.move"].browse(wizard.action_apply()["res_id"]).action_post()
        lines = self.env["care.cost.report"].sudo().with_context(
            allowed_company_ids=self.company.ids)
        for where, cost, worth in (("ltv", 0, 0), ("cost", 200, 200)):
            self.company.care_refund_in = where
            self.env.flush_all()
            self._count(self.writer)
            self.assertEqual(sum(lines.search([]).mapped("amount")), cost)
            self.assertEqual(self._care(self.writer).revenue_net, worth)
        self.assertEqual(case.remedy_cost, 200)

    def test_who_has_left_accounting_is_not_asked(self):  # CC-4
        self._create_posted(self.writer, days_ago(20), 200)
        gone = self._create_user("gone", "account.group_account_invoice")
        self.company.care_credit_user_id = gone
        gone.active = False
        case = self._complain()
        self._wizard(case, self.agent, amount=80).action_apply()
        self.assertTrue(case.activity_ids.user_id.active)

    def test_an_agent_asks_and_accounting_is_told(self):  # CC-4
        invoice = self._create_posted(self.writer, days_ago(20), 200)
        self.company.care_credit_user_id = self.accountant
        case = self._complain()
        self._wizard(case, self.agent, amount=80).action_apply()
        remedy = case.remedy_ids
        self.assertEqual((remedy.invoice_id, remedy.cost), (invoice, 0))
        self.assertEqual(case.activity_ids.user_id, self.accountant)
        self.assertIn("80", case.activity_ids.note)
        self.assertFalse(invoice.reversal_move_ids)
        wizard = self._wizard(case, self.accountant, amount=80)
        note = self.env["account.move"].browse(wizard.action_apply()["res_id"])
        self.assertEqual(case.remedy_ids, remedy, "the one that was asked for")
        self.assertEqual(remedy.move_id, note)

    def test_nonsense_is_refused(self):  # CC-4
        invoice = self._create_posted(self.writer, days_ago(20), 200)
        case = self._complain()
        for amount in (0, -5, 200.01):
            with self.assertRaises(UserError):
                self._wizard(case, self.accountant, amount=amount)
        other = self._complain(self._create_customer("Other"))
        wizard = self._wizard(other, self.accountant, amount=5, invoice_id=invoice.id)
        with self.assertRaises(UserError):
            wizard.action_apply()

    def test_linked_by_hand_and_let_go(self):  # CC-4
        invoice = self._create_posted(self.writer, days_ago(20), 200)
        note = self._credit(invoice, days_ago(5), 30)
        case = self._complain()
        note.care_case_id = case
        self.assertEqual(case.remedy_ids.cost, 30)
        self.assertTrue(note.care_compensation)
        note.care_case_id = False
        self.assertFalse(case.remedy_ids)

    def test_a_credit_note_made_for_a_case_is_its_remedy(self):  # CC-4
        case = self._complain()
        note = self._create_posted(
            self.writer, days_ago(5), 30, move_type="out_refund", care_case_id=case.id)
        self.assertEqual((case.remedy_ids.move_id, case.remedy_cost), (note, 30))
        self.assertTrue(note.care_compensation)

    def test_what_was_given_is_not_for_sales_nor_the_customer(self):  # ALL-4
        seller = self._create_user("case_seller", "sales_team.group_sale_salesman")
        self.writer.user_id = seller
        case = self._complain(root_cause_id=self.cause.id)
        self._give(case, "replace", 40)
        seen = case.sudo(False).with_user(seller)
        self.assertEqual(seen.root_cause_id, self.cause)
        with self.assertRaises(AccessError):
            seen.read(["remedy_cost"])
        with self.assertRaises(AccessError):
            self.env["care.remedy"].with_user(seller).search([])
        customer = new_test_user(
            self.env(su=True), "test_writer", groups="base.group_portal",
            partner_id=self.writer.id, company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)])
        own = case.sudo(False).with_user(customer)
        self.assertEqual(own.name, case.name)
        with self.assertRaises(AccessError):
            own.read(["root_cause_id"])

    def test_another_companys_remedies_are_not_there(self):  # ALL-4
        self._give(self._complain(), "replace", 40)
        second = self.setup_other_company(name="Second House")["company"]
        there = new_test_user(
            self.env(su=True), "test_there", groups="customer_care.group_customer_care_manager",
            company_id=second.id, company_ids=[(6, 0, second.ids)])
        for model in ("care.remedy", "care.complaint.report", "care.case.time"):
            self.assertFalse(self.env[model].with_user(there).sudo(False).search([]), model)
