"""Who may see and do what."""
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import NOW, CareCommon, days_ago

ROLES = {
    "colleague": "base.group_user",
    "salesperson": "sales_team.group_sale_salesman",
    "care_user": "customer_care.group_customer_care_user",
    "care_manager": "customer_care.group_customer_care_manager",
}
#: model: role: operations allowed (c create, r read, w write, u unlink)
MATRIX = {
    "care.customer": {"salesperson": "r", "care_user": "r", "care_manager": "r"},
    "care.status.change": {"salesperson": "r", "care_user": "r", "care_manager": "r"},
    "care.segment.move": {"salesperson": "r", "care_user": "r", "care_manager": "r"},
    "care.status.rule": {"care_user": "r", "care_manager": "crwu"},
    "care.build": {"care_manager": "crwu"},
    "care.dirty": {"care_manager": "rwu"},
}


@tagged("post_install", "-at_install")
class TestAccess(CareCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: new_test_user(
                cls.env(su=True), f"test_{role}", groups=group, company_id=cls.company.id,
                company_ids=[(6, 0, cls.company.ids)])
            for role, group in ROLES.items()
        }
        cls.buyer = cls._create_customer()
        cls._buy(cls.buyer, 10, amount=70)
        cls._create_sale_order_one_line(product_id=cls.product_a.id, partner_id=cls.buyer.id)
        cls._create_posted(cls.buyer, days_ago(9), 1000, move_type="in_invoice")

    def setUp(self):
        super().setUp()
        self._count(self.buyer)

    def _as(self, role, record):
        return record.with_user(self.users[role]).sudo(False)

    def test_matrix(self):  # ALL-4
        operations = {"create": "c", "read": "r", "write": "w", "unlink": "u"}
        for model, allowed in MATRIX.items():
            for role in ROLES:
                found = "".join(
                    letter for operation, letter in operations.items()
                    if self._as(role, self.env[model]).has_access(operation))
                self.assertEqual(found, allowed.get(role, ""), f"{role} on {model}")

    def test_colleague_sees_the_word_and_not_the_money(self):  # ALL-4
        partner = self._as("colleague", self.buyer)
        self.assertEqual(partner.care_status, "new")
        self.assertTrue(partner.care_advice)
        with self.assertRaises(AccessError):
            partner.read(["care_ltv"])
        with self.assertRaises(AccessError):
            partner.search([("care_ltv", ">", 0)])

    def test_salesperson_reads_figures(self):  # ALL-4
        partner = self._as("salesperson", self.buyer)
        self.assertEqual(partner.care_ltv, 70)
        self.assertEqual(partner.care_customer_id.purchase_days, 1)
        with self.assertRaises(AccessError):
            partner.care_customer_id.revenue_net = 1

    def test_care_user_reads_sales_and_no_other_books(self):  # ALL-4
        care = self._as("care_user", self._care(self.buyer))
        self.assertEqual((care.document_count, care.order_count), (1, 1))
        moves = self._as("care_user", self.env["account.move"])
        self.assertFalse(moves.search([("move_type", "=", "in_invoice")]))

    def test_care_user_wins_back_and_counts_again(self):  # CC-21, ALL-4
        care = self._as("care_user", self._care(self.buyer))
        care.action_win_back()
        self.assertTrue(self.buyer.category_id)
        care.action_refresh()
        with self.assertRaises(AccessError):
            care.action_build_now()
        care.message_post(body="Asked how the machine runs")
        care.activity_schedule("mail.mail_activity_data_todo", user_id=self.users["care_user"].id)

    def test_others_neither_win_back_nor_count(self):  # CC-21, ALL-4: not over the wire either
        care = self._as("salesperson", self._care(self.buyer))
        for action in (care.action_win_back, care.action_refresh):
            with self.assertRaises(AccessError):
                action()
        self.assertFalse(self.buyer.category_id)

    def test_manager_builds(self):  # CC-1
        self.company.care_pool_gap = 1  # will be measured anew: a write on the company
        action = self._as("care_manager", self.env["care.customer"]).action_build_now()
        self.assertEqual(action["res_model"], "care.build")

    def test_another_company_is_invisible(self):  # ALL-4
        second = self.setup_other_company(name="Second House")["company"]
        stranger = new_test_user(
            self.env(su=True), "test_stranger", groups=ROLES["care_manager"],
            company_id=second.id, company_ids=[(6, 0, second.ids)])
        self.changes.create({
            "partner_id": self.buyer.id, "company_id": self.company.id, "from_status": "new",
            "to_status": "active", "changed_on": days_ago(1), "changed_at": "2026-06-29 08:00:00"})
        self.env["care.status.rule"].sudo().create({
            "name": "Large", "sequence": 15, "status": "loyal", "revenue_min": 1000,
            "company_id": self.company.id})
        theirs = self.env(user=stranger, su=False)
        for model in ("care.customer", "care.status.change", "care.dirty"):
            self.assertFalse(theirs[model].search([]), model)
        self.assertFalse(theirs["care.status.rule"].search([("company_id", "!=", False)]))
        self.assertFalse(self.buyer.with_env(theirs).care_status)
        self.assertFalse(theirs["res.partner"].search([("care_status", "=", "new")]))
        with self.assertRaises(AccessError):
            self._care(self.buyer).with_env(theirs).action_refresh()


@tagged("post_install", "-at_install")
class TestDigest(CareCommon):

    def test_lost_and_won_back_are_counted(self):  # CC-22
        buyer = self._create_customer()
        self.changes.create([
            {"partner_id": buyer.id, "company_id": self.company.id, "from_status": "lapsed",
             "to_status": status, "changed_on": days_ago(0), "changed_at": "2026-06-30 08:00:00"}
            for status in ("churned", "churned", "reactivated")
        ])
        user = new_test_user(
            self.env(su=True), "test_digest", groups=ROLES["care_user"],
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        digest = self.env["digest.digest"].sudo().create({
            "name": "Care", "company_id": self.company.id,
            "kpi_care_churned": True, "kpi_care_reactivated": True})
        digest = digest.with_user(user).with_context(
            start_datetime=NOW - timedelta(days=1), end_datetime=NOW)
        self.assertEqual(digest.sudo(False).kpi_care_churned_value, 2)
        self.assertEqual(digest.sudo(False).kpi_care_reactivated_value, 1)
