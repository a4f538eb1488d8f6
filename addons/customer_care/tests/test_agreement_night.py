"""Agreements by themselves: reminders, renewals and losses of a night, and those of an order."""
from datetime import date, timedelta

from odoo.addons.customer_care.models import care_night_agreement
from odoo.exceptions import UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import NOW, TODAY, days_ago
from .common_agreement import AgreementCommon


@tagged("post_install", "-at_install")
class TestAgreementNight(AgreementCommon):

    def test_the_responsible_is_reminded_once(self):  # CC-10, CC-15
        near = self._create_agreement("2025-08-01", "2026-07-31")
        far = self._create_agreement("2025-12-01", "2026-11-30")
        for _night in range(2):
            self._night()
        self.assertEqual((near.state, far.state), ("to_renew", "running"))
        self.assertEqual(len(near.activity_ids), 1)
        self.assertEqual(near.activity_ids.date_deadline, date(2026, 7, 1), "the day of notice")
        self.assertFalse(far.activity_ids)

    def test_of_the_renewals_of_a_leaver_his_heir_is_reminded(self):  # CC-15
        leaver, heir = (
            new_test_user(
                self.env(su=True), login, groups="sales_team.group_sale_salesman",
                company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
            for login in ("renewal_leaver", "renewal_heir"))
        self.buyer.user_id = heir
        own, lost, ended, other = (
            self._create_agreement("2025-08-01", "2026-07-31", user_id=user.id)
            for user in (leaver, leaver, leaver, heir))
        self._night()
        ended._set_ended()
        lost.activity_ids.unlink()
        kept = (own | other).activity_ids
        leaver.active = False
        self.assertEqual((own | lost | other).user_id, heir)
        self.assertEqual(ended.user_id, leaver, "what is over stays his")
        self._night()
        self.assertEqual((own | other).activity_ids, kept, "nobody is reminded twice")
        self.assertEqual((own | lost | other).activity_ids.user_id, heir)
        self.assertEqual(len(lost.activity_ids), 1)

    def test_an_extended_agreement_is_reminded_again(self):  # CC-15
        agreement = self._create_agreement("2025-08-01", "2026-07-31")
        with freeze_time(NOW):
            self._night()
            agreement.date_end = "2027-07-31"
        self.assertEqual(agreement.state, "running")
        self._night(NOW + timedelta(days=365))
        self.assertEqual(len(agreement.activity_ids), 2)

    def test_a_renewal_settles_the_activity(self):  # CC-15
        agreement = self._create_agreement("2025-08-01", "2026-07-31")
        self._night()
        self.agreements.browse(agreement.action_renew()["res_id"]).action_start()
        self.assertFalse(agreement.activity_ids)

    def test_who_is_not_renewed_is_lost_after_the_grace(self):  # CC-10
        agreement = self._create_agreement("2025-06-01", "2026-05-31")
        self._night()  # 30 June: the last day of grace
        self.assertEqual(agreement.state, "to_renew")
        self._night(NOW + timedelta(days=1))
        self.assertEqual((agreement.state, agreement.ended_on), ("ended", False))
        self.assertFalse(agreement.activity_ids)

    def test_by_itself_renews_as_often_as_needed(self):  # CC-10
        first = self._create_agreement("2026-03-01", "2026-03-31", renewal="auto")
        self._night()
        self._night()
        chain = self.agreements.search([("partner_id", "=", self.buyer.id)], order="date_start")
        self.assertEqual([a.date_start.month for a in chain], [3, 4, 5, 6])
        self.assertEqual(chain.mapped("state")[:3], ["renewed"] * 3)
        self.assertEqual(chain[-1].since, first.date_start)

    def test_one_that_cannot_keeps_its_reason_and_no_other_back(self):  # RELIABILITY 1
        broken = self._create_agreement("2026-03-01", "2026-05-31", renewal="auto")
        good = self._create_agreement("2025-05-01", "2026-05-30")
        prepare = type(self.agreements)._prepare_successor_vals

        for kind in (UserError, ValueError):
            def refuse(agreement, kind=kind):
                if agreement == broken:
                    raise kind("The price list is closed")
                return prepare(agreement)

            self.patch(type(self.agreements), "_prepare_successor_vals", refuse)
            with self.assertLogs("odoo.addons.customer_care.models.care_agreement_renewal"):
                self._night(NOW + timedelta(days=1))
            self.assertIn("price list", broken.night_error)
            self.assertEqual(good.state, "ended")
        self.patch(type(self.agreements), "_prepare_successor_vals", prepare)
        self._night(NOW + timedelta(days=1))
        self.assertEqual((broken.state, broken.night_error), ("renewed", False))

    def test_an_archived_responsible_is_replaced(self):  # CC-15
        seller = new_test_user(
            self.env(su=True), "test_gone", groups="sales_team.group_sale_salesman",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        agreement = self._create_agreement("2025-08-01", "2026-07-31", user_id=seller.id)
        self.buyer.user_id = self.env.user
        seller.active = False
        self._night()
        self.assertEqual(agreement.activity_ids.user_id, self.env.user)

    def test_chunks_reach_everybody(self):  # P-7
        self.patch(care_night_agreement, "CHUNK", 2)
        some = [self._create_agreement("2025-05-01", "2026-04-30") for _number in range(5)]
        self._night()
        self.assertEqual({agreement.state for agreement in some}, {"ended"})


@tagged("post_install", "-at_install")
class TestAgreementFromOrder(AgreementCommon):

    def test_a_marked_product_makes_its_agreement_once(self):  # CC-10
        self.product_a.care_agreement_months = 12
        order = self._create_sale_order_one_line(
            product_id=self.product_a.id, partner_id=self.buyer.id, price_unit=1200,
            product_uom_qty=1, tax_ids=[], confirm=False)
        with self.assertRaises(UserError):
            order.action_make_agreements()
        order.action_confirm()
        self.assertTrue(order.care_agreement_open)
        order.action_make_agreements()
        order.invalidate_recordset()
        order.action_make_agreements()
        agreement = self.agreements.search([("order_id", "=", order.id)])
        self.assertEqual(
            (len(agreement), agreement.monthly_amount, agreement.state), (1, 100, "running"))
        self.assertFalse(order.care_agreement_open)
        self.assertEqual(order.care_agreement_count, 1)

    def test_who_has_an_agreement_has_a_care_record(self):  # CC-1, CC-10
        self._create_agreement(days_ago(5), running=False)
        self._run("_cron_refresh_customers")
        self.assertFalse(self._care(self.buyer), "a draft is no customer")
        self._create_agreement(days_ago(5), monthly=30)
        self._run("_cron_refresh_customers")
        self.assertEqual(self._care(self.buyer).agreement_count, 1)
        self.assertFalse(self._care(self.buyer).activity_ids)

    def test_what_is_to_be_renewed_comes_first(self):  # CC-1, CC-15
        self._buy(self.buyer, 20)
        self._count(self.buyer)
        agreement = self._create_agreement("2025-08-01", "2026-07-31", name="AG-77")
        self._night()
        care = self._care(self.buyer)
        self.assertIn("AG-77", care.advice)
        draft = self.agreements.browse(agreement.action_renew()["res_id"])
        care.invalidate_recordset()
        self.assertIn("AG-77", care.advice, "a draft renews nothing")
        self.assertIn(f"The draft {draft.name} waits to be started.", care.advice)
        draft.action_start()
        care.invalidate_recordset()
        self.assertNotIn("AG-77", care.advice)

    def test_a_quotation_is_no_renewal(self):  # CC-1, CC-15
        """Advice, activity and reminder go on until it is renewed, and say what waits."""
        service = self.env["product.product"].create({"name": "Test care plan"})
        agreement = self._create_agreement(
            "2025-08-01", "2026-07-31", name="AG-78", product_id=service.id)
        rule = self.env["care.reminder.rule"].sudo().create({
            "name": "Ends", "kind": "renewal", "lead_days": 30, "company_id": self.company.id})
        self._buy(self.buyer, 20)
        self._count(self.buyer)
        agreement.action_renew()
        due = self.env["care.reminder.due"]._query_due(rule, TODAY)
        self.assertEqual([row[3] for row in self.env.execute_query(due)], [agreement.id])
        self._night()
        self.assertIn("waits to be started", agreement.activity_ids.note)
        agreement.renewed_by_id.unlink()
        order = self.env["sale.order"].create({
            "partner_id": self.buyer.id, "company_id": self.company.id,
            "order_line": [(0, 0, {"product_id": service.id})]})
        care = self._care(self.buyer)
        care.invalidate_recordset()
        self.assertIn(f"Quotation {order.name} waits.", care.advice)

    def _create_due(self, count):
        """Customers with an agreement to renew and a quotation for it each."""
        service = self.env["product.product"].create({"name": "Test care plan"})
        buyers = [self._create_customer(f"Due {number}") for number in range(count)]
        for number, buyer in enumerate(buyers):
            self._create_agreement("2025-08-01", "2026-07-31", name=f"AG-9{number}",
                                   partner_id=buyer.id, product_id=service.id)
            self._buy(buyer, 20)
            self._count(buyer)
            self.env["sale.order"].create([{
                "partner_id": buyer.id, "company_id": self.company.id,
                "order_line": [(0, 0, {"product_id": product.id})]}
                for product in (service, self.env["product.product"].create({"name": "Bolt"}))])
        return buyers

    def test_quotations_of_a_list_are_one_look(self):  # CC-1, P-8
        buyers = self._create_due(6)
        self._night()
        cares = self.env["care.customer"].concat(*map(self._care, buyers))
        counts = []
        for number in (1, 6):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            told = cares[:number].mapped("renewal_due_id").mapped("waiting_quotation_id")
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(told), number)
            self.assertEqual(told.partner_id, cares[:number].partner_id)
        self.assertLessEqual(counts[1], counts[0], "as many looks for six as for one")

    def test_the_care_record_shows_what_runs(self):  # CC-1
        self._buy(self.buyer, 20)
        self._count(self.buyer)
        self._create_agreement("2026-01-01", "2026-12-31", 100)
        self._create_agreement("2026-01-01", None, 20)
        self._create_agreement("2026-01-01", None, 7, running=False)
        care = self._care(self.buyer)
        self.assertEqual(
            (care.agreement_count, care.agreement_monthly, care.agreement_end),
            (2, 120, date(2026, 12, 31)))
        self.assertEqual(len(care.agreement_ids), 3)
