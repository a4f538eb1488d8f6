"""What keeping customers costs: hand-computed amounts, and who may see them."""
from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged
from psycopg2 import IntegrityError

from .common_cost import CostCommon


@tagged("post_install", "-at_install")
class TestCostLines(CostCommon):

    def test_a_cost_is_spread_by_days(self):  # CC-11
        self._create_cost("2026-01-31", "2026-03-01", 300)  # 1 + 28 + 1 of 30 days
        self.assertEqual(
            [(line.day, line.amount) for line in self._lines()],
            [(date(2026, 1, 31), 10), (date(2026, 2, 1), 280), (date(2026, 3, 1), 10)])

    def test_the_last_day_follows_the_first_until_it_is_written_down(self):  # CC-11
        with Form(self.costs.with_company(self.company)) as form:
            form.name = "Hotline"
            form.category_id = self.category
            form.date_from = date(2026, 3, 1)
            self.assertEqual(form.date_to, date(2026, 3, 31))
            form.date_from = date(2026, 1, 5)
            self.assertEqual(form.date_to, date(2026, 1, 31), "not spread over three months")
            form.date_to = date(2026, 12, 31)
            form.amount = 120
        cost = form.record
        cost.date_from = date(2026, 2, 1)
        self.assertEqual(cost.date_to, date(2026, 12, 31))

    def test_only_the_allocated_part_counts(self):  # CC-11
        cost = self._create_cost("2026-01-01", "2026-12-31", 1200, percent=25)
        self.assertEqual(cost.amount_counted, 300)
        self.assertAlmostEqual(sum(self._lines().mapped("amount")), 300)

    def test_nonsense_is_refused(self):  # CC-11
        for values in ({"percent": 101}, {"percent": 0}, {"end": "2025-01-01"}):
            with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self._create_cost("2026-01-01", **values)

    def _account(self, name, **values):
        plan = self.env["account.analytic.plan"].sudo().search([], limit=1) or \
            self.env["account.analytic.plan"].sudo().create({"name": "Test plan"})
        return self.env["account.analytic.account"].sudo().create(
            {"name": name, "plan_id": plan.id, "company_id": self.company.id, **values})

    def _book(self, account, amount, day="2026-02-10", **values):
        return self.env["account.analytic.line"].sudo().create({
            "name": "Test booking", account.plan_id._column_name(): account.id, "date": day,
            "amount": amount, "company_id": self.company.id, **values})

    def test_flagged_accounts_with_their_sign_and_part(self):  # CC-11
        account = self._account(
            "Hotline", care_retention=True, care_retention_percent=50,
            care_retention_category_id=self.category.id)
        expense = self.company_data["default_account_expense"]
        income = self.company_data["default_account_revenue"]
        self._book(account, -400, general_account_id=expense.id)
        self._book(account, 100, general_account_id=expense.id)  # the supplier gave back
        self._book(account, -60)  # hours, without an account
        self._book(account, 5000, general_account_id=income.id)  # revenue is no cost
        self._book(self._account("Something else"), -999)
        lines = self._lines()
        self.assertEqual(lines.mapped("amount"), [200, -50, 30])
        self.assertEqual(lines.category_id, self.category)
        account.care_retention = False
        self.assertFalse(self._lines())

    def test_two_flagged_accounts_count_a_line_once(self):  # CC-11
        other = self.env["account.analytic.plan"].sudo().create({"name": "Test second plan"})
        small = self._account("Small", care_retention=True, care_retention_percent=20)
        large = self._account(
            "Large", care_retention=True, care_retention_percent=80, plan_id=other.id)
        self._book(small, -100, **{other._column_name(): large.id})
        self.assertEqual(self._lines().mapped("amount"), [80])

    def test_compensation_counts_in_value_or_in_cost(self):  # CC-11, CC-9
        buyer = self._create_customer()
        invoice = self._create_posted(buyer, "2026-02-01", 500)
        note = self._credit(invoice, "2026-02-20", 80)
        note.care_compensation = True
        self._count(buyer)
        self.assertEqual(self._care(buyer).revenue_net, 420)
        self.assertFalse(self._lines(), "lowers his value, so it is no cost")
        version = self.company._care_definition_version()
        self.company.care_refund_in = "cost"
        self._count(buyer)
        self.assertEqual(self._care(buyer).revenue_net, 500)
        self.assertEqual(self._lines().mapped("amount"), [80])
        self.assertEqual(self.company._care_definition_version(), version + 1)

    def test_compensation_of_everything_keeps_the_purchase(self):  # CC-9, CC-11
        buyer = self._create_customer()
        note = self._credit(self._create_posted(buyer, "2026-02-01", 500), "2026-02-20")
        note.care_compensation = True
        self.company.care_refund_in = "cost"
        self._count(buyer)
        self.assertFigures(buyer, purchase_days=1, revenue_net=500)

    def test_marking_asks_for_a_new_count(self):  # CC-9
        buyer = self._create_customer()
        note = self._credit(self._create_posted(buyer, "2026-02-01", 500), "2026-02-20", 80)
        self.env.cr.execute("DELETE FROM care_dirty")
        note.care_compensation = True
        self.assertEqual(self.dirty.search([]).mapped("partner_ref"), [buyer.id])


@tagged("post_install", "-at_install")
class TestCostAccess(CostCommon):

    def test_single_costs_are_for_managers(self):  # ALL-4
        expected = {
            "customer_care.group_customer_care_user": {
                "care.retention.cost": "r", "care.cost.period": "r", "care.cost.report": ""},
            "customer_care.group_customer_care_manager": {
                "care.retention.cost": "crwu", "care.cost.period": "r", "care.cost.report": "r"},
            "sales_team.group_sale_salesman": {
                "care.retention.cost": "", "care.cost.period": "", "care.cost.report": ""}}
        operations = {"create": "c", "read": "r", "write": "w", "unlink": "u"}
        for number, (group, models) in enumerate(expected.items()):
            user = new_test_user(
                self.env(su=True), f"test_cost_{number}", groups=group,
                company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
            for model, allowed in models.items():
                rights = self.env[model].with_user(user).sudo(False)
                found = "".join(
                    letter for operation, letter in operations.items()
                    if rights.has_access(operation))
                self.assertEqual(found, allowed, f"{group} on {model}")

    def test_another_company_is_invisible(self):  # ALL-4
        self._create_cost("2026-03-05")
        self._night()
        period = self._period("month", "2026-03-01")
        second = self.setup_other_company(name="Second House")["company"]
        stranger = new_test_user(
            self.env(su=True), "test_cost_stranger", company_id=second.id,
            groups="customer_care.group_customer_care_manager",
            company_ids=[(6, 0, second.ids)])
        theirs = self.env(user=stranger, su=False)
        for model in ("care.retention.cost", "care.cost.report", "care.cost.period",
                      "care.cost.period.part"):
            self.assertFalse(theirs[model].search([]), model)
        with self.assertRaises(AccessError):
            period.with_env(theirs).action_open_lines()
            period.with_env(theirs).read(["cost"])
