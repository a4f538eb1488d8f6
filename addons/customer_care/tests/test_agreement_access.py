"""Agreements: who sees and who changes them."""
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import TODAY, days_ago
from .common_agreement import AgreementCommon


@tagged("post_install", "-at_install")
class TestAgreementAccess(AgreementCommon):

    def _user(self, login, group):
        return new_test_user(
            self.env(su=True), login, groups=group, company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)])

    def test_matrix(self):  # ALL-4
        expected = {
            "base.group_user": "", "sales_team.group_sale_salesman": "crw",
            "account.group_account_invoice": "r",
            "customer_care.group_customer_care_user": "crwu"}
        operations = {"create": "c", "read": "r", "write": "w", "unlink": "u"}
        for number, (group, allowed) in enumerate(expected.items()):
            model = self.env["care.agreement"].with_user(self._user(f"test_ag_{number}", group))
            found = "".join(
                letter for operation, letter in operations.items()
                if model.sudo(False).has_access(operation))
            self.assertEqual(found, allowed, group)

    def test_a_colleague_without_rights_starts_nothing(self):  # ALL-4
        agreement = self._create_agreement(days_ago(1), running=False)
        reader = self._user("test_ag_reader", "account.group_account_invoice")
        for action in ("action_start", "action_renew", "action_reopen"):
            with self.assertRaises(UserError):
                getattr(agreement.with_user(reader).sudo(False), action)()

    def test_a_salesperson_works_with_his_own_customers(self):  # ALL-4
        seller = self._user("test_ag_seller", "sales_team.group_sale_salesman")
        foreign = self._create_agreement("2026-01-01", "2026-12-31")
        ended = self._create_agreement("2025-01-01", "2025-12-31")
        ended._set_ended()
        theirs = self.agreements.with_user(seller).sudo(False)
        self.assertFalse(theirs.search([("id", "in", (foreign | ended).ids)]))
        for agreement, action in (
                (foreign, "action_start"), (foreign, "action_renew"), (ended, "action_reopen")):
            with self.assertRaises(AccessError):
                getattr(agreement.with_user(seller).sudo(False), action)()
        own = theirs.create({
            "partner_id": self.buyer.id, "type_id": self.service.id, "user_id": seller.id,
            "date_start": "2027-01-01", "predecessor_id": foreign.id})
        with self.assertRaises(AccessError):
            own.action_start()
        own.predecessor_id = False
        own.action_start()
        self.assertEqual(own.state, "running")
        self.env["care.agreement.end"].with_user(seller).sudo(False).create({
            "agreement_id": own.id, "last_day": "2026-12-31", "reason_id": self.reason.id,
        }).action_end()
        self.assertEqual(own.state, "cancelled")
        own.action_reopen()
        self.assertEqual(own.state, "running")
        self.assertIn(own, theirs.search([]))
        everybody = self._user("test_ag_all", "sales_team.group_sale_salesman_all_leads")
        self.assertTrue(foreign.with_user(everybody).sudo(False).has_access("write"))

    def test_states_are_written_by_code(self):  # CC-10, ALL-4
        person = self._user("test_ag_person", "customer_care.group_customer_care_user")
        agreements = self.agreements.with_user(person).sudo(False)
        running = self._create_agreement("2026-01-01", "2026-12-31").with_user(person).sudo(False)
        for vals in ({"state": "draft"}, {"ended_on": "2026-05-01"}, {"reminded_for": TODAY}):
            with self.assertRaises(AccessError):
                running.write(vals)
        vals = {"partner_id": self.buyer.id, "type_id": self.service.id,
                "date_start": "2026-01-01"}
        with self.assertRaises(AccessError):
            agreements.create(vals | {"state": "ended"})
        self.assertEqual(agreements.with_context(default_state="ended").create(vals).state, "draft")

    def test_another_company_is_invisible(self):  # ALL-4
        self._create_agreement(days_ago(1))
        second = self.setup_other_company(name="Second House")["company"]
        stranger = new_test_user(
            self.env(su=True), "test_ag_stranger", company_id=second.id,
            groups="customer_care.group_customer_care_manager",
            company_ids=[(6, 0, second.ids)])
        self.assertFalse(self.env["care.agreement"].with_user(stranger).sudo(False).search([]))
