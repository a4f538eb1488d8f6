"""Agreements: what runs, what follows on what, and what ends."""
from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import NOW, TODAY, days_ago
from .common_agreement import AgreementCommon


@tagged("post_install", "-at_install")
class TestAgreement(AgreementCommon):

    def test_a_type_says_what_is_usual(self):  # CC-10
        agreement = self.agreements.create({
            "partner_id": self.buyer.id, "type_id": self.service.id, "date_start": "2026-02-01"})
        self.assertEqual(agreement.date_end, date(2027, 1, 31))
        self.assertEqual((agreement.renewal, agreement.notice_days), ("manual", 30))
        self.assertTrue(agreement.name.startswith("AG"))
        self.service.months = 0
        self.assertFalse(self._create_agreement("2026-02-01", type_id=self.service.id).date_end)

    def test_the_customer_is_the_company_behind_the_contact(self):  # CC-10
        contact = self._create_customer("Hand", parent_id=self.buyer.id)
        agreement = self._create_agreement(days_ago(10), partner_id=contact.id)
        self.assertEqual(agreement.commercial_partner_id, self.buyer)
        contact.parent_id = False
        self.assertEqual(agreement.commercial_partner_id, contact)

    def test_an_end_before_the_start_is_refused(self):  # CC-10
        result = self.agreements.load(
            ["partner_id/.id", "type_id/.id", "date_start", "date_end"],
            [[str(self.buyer.id), str(self.service.id), "2026-03-01", "2026-02-01"]])
        self.assertFalse(result["ids"])
        self.assertIn("before its first day", result["messages"][0]["message"])

    def test_another_company_is_refused(self):  # CC-10, ALL-4
        second = self.setup_other_company(name="Second House")["company"]
        stranger = self._create_customer("Theirs", company_id=second.id)
        with self.assertRaises(UserError):
            self._create_agreement(days_ago(1), partner_id=stranger.id)

    def test_imported_agreements_run_and_overlaps_are_told(self):  # CC-10
        self._create_agreement("2026-01-01", "2026-12-31", name="OLD-1")
        result = self.agreements.load(
            ["name", "partner_id/.id", "type_id/.id", "date_start", "date_end", "monthly_amount"],
            [["NEW-1", str(self.buyer.id), str(self.service.id), "2026-06-01", "2027-05-31", "80"],
             ["NEW-2", str(self.buyer.id), str(self.service.id), "2028-01-01", "2028-12-31", "80"]])
        self.assertEqual([m["type"] for m in result["messages"]], ["warning"])
        self.assertIn("OLD-1", result["messages"][0]["message"])
        self.assertEqual(
            set(self.agreements.browse(result["ids"]).mapped("state")), {"running"})

    def test_a_chain_is_imported_by_numbers(self):  # CC-10
        result = self.agreements.load(
            ["name", "partner_id/.id", "type_id/.id", "date_start", "date_end", "predecessor_id"],
            [["CH-1", str(self.buyer.id), str(self.service.id), "2024-01-01", "2024-12-31", ""],
             ["CH-2", str(self.buyer.id), str(self.service.id), "2025-01-01", "2025-12-31", "CH-1"],
             ["CH-3", str(self.buyer.id), str(self.service.id), "2026-01-01", "2026-12-31", "CH-2"],
             ])
        self.assertFalse(result["messages"])
        chain = self.agreements.browse(result["ids"])
        self.assertEqual(chain.mapped("state"), ["renewed", "renewed", "running"])
        self.assertEqual(chain[-1].since, date(2024, 1, 1))

    def test_agreements_of_merged_customers_are_kept(self):  # P-11
        twin = self._create_customer("Twin")
        agreements = self._create_agreement("2026-01-01") | self._create_agreement(
            "2026-01-01", partner_id=twin.id)
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            (twin | self.buyer).ids, self.buyer)
        agreements.invalidate_recordset()
        self.assertEqual(agreements.partner_id, self.buyer)
        self.assertEqual(agreements.commercial_partner_id, self.buyer)

    def test_a_renewal_continues_without_counting_twice(self):  # CC-10
        old = self._create_agreement("2025-07-01", "2026-06-30", 100)
        form = old.action_renew()
        new = self.agreements.browse(form["res_id"])
        self.assertEqual((new.date_start, new.date_end), (date(2026, 7, 1), date(2027, 6, 30)))
        self.assertEqual(old.action_renew()["res_id"], new.id, "One successor, asked for twice")
        new.monthly_amount = 120
        new.action_start()
        self.assertEqual((old.state, new.state), ("renewed", "running"))
        self.assertEqual(new.since, date(2025, 7, 1))
        self.assertEqual(self._spans(), {
            old.id: (date(2025, 7, 1), None, date(2026, 6, 30), 100.0),
            new.id: (date(2026, 7, 1), None, None, 120.0)})

    def test_a_month_end_stays_a_month_end(self):  # CC-10
        old = self._create_agreement("2026-01-01", "2026-01-31")
        self.assertEqual(old._prepare_successor_vals()["date_end"], date(2026, 2, 28))
        odd = self._create_agreement("2026-01-10", "2026-01-31")
        self.assertEqual(odd._prepare_successor_vals()["date_end"], date(2026, 2, 22))

    def test_renewed_late_but_within_grace_is_no_loss(self):  # CC-10
        old = self._create_agreement("2025-01-01", "2025-12-31")
        new = self._create_agreement("2026-01-30", "2026-12-31", predecessor_id=old.id)
        self.assertEqual(old.state, "renewed")
        self.assertEqual(self._spans()[old.id][1:3], (None, date(2026, 1, 29)))
        self.assertEqual(new.since, date(2025, 1, 1))

    def test_renewed_after_the_grace_was_a_loss(self):  # CC-10
        old = self._create_agreement("2025-01-01", "2025-12-31")
        new = self._create_agreement("2026-01-31", "2026-12-31", predecessor_id=old.id)
        self.assertEqual(old.state, "ended")
        self.assertEqual(self._spans()[old.id][1:3], (date(2025, 12, 31),) * 2)
        self.assertEqual(new.since, date(2026, 1, 31))

    def test_an_end_whose_grace_runs_is_undecided(self):  # CC-10
        agreement = self._create_agreement("2025-06-11", "2026-06-10")
        self.assertEqual(self._spans()[agreement.id][1:3], (None, None))
        self.assertEqual(
            self._spans(date(2026, 7, 11))[agreement.id][1:3], (date(2026, 6, 10),) * 2)
        fixed = self._create_agreement("2025-06-11", "2026-06-10", renewal="none")
        self.assertEqual(self._spans()[fixed.id][1], date(2026, 6, 10))

    def test_a_successor_belongs_to_the_same_customer(self):  # CC-10
        old = self._create_agreement("2025-01-01", "2025-12-31")
        other = self._create_customer("Somebody else")
        with self.assertRaises(ValidationError):
            self._create_agreement("2026-01-01", partner_id=other.id, predecessor_id=old.id)

    @freeze_time(NOW)
    def test_ending_asks_for_day_and_reason(self):  # CC-10
        ended, noticed, withdrawn = (
            self._create_agreement("2026-01-01", "2026-12-31") for _number in range(3))
        for agreement, day in (
            (ended, "2026-05-31"), (noticed, "2026-09-30"), (withdrawn, "2025-12-31"),
        ):
            self.env["care.agreement.end"].create({
                "agreement_id": agreement.id, "last_day": day, "reason_id": self.reason.id,
            }).action_end()
        self.assertEqual((ended.state, ended.ended_on), ("ended", date(2026, 5, 31)))
        self.assertEqual(
            (noticed.state, noticed.date_end, noticed.renewal),
            ("running", date(2026, 9, 30), "none"))
        self.assertEqual(withdrawn.state, "cancelled")
        spans = self._spans()
        self.assertEqual(spans[ended.id][1], date(2026, 5, 31))
        self.assertNotIn(withdrawn.id, spans)
        ended.action_reopen()
        self.assertEqual((ended.state, self._spans()[ended.id][1]), ("running", None))

    @freeze_time(NOW)
    def test_who_is_late_to_end_it_gives_no_days(self):  # CC-10
        """Ended a while ago, in its grace: its own last day is proposed, and it is over."""
        agreement = self._create_agreement(days_ago(380), days_ago(15))
        wizard = self.env["care.agreement.end"].create({
            "agreement_id": agreement.id, "reason_id": self.reason.id})
        self.assertEqual(wizard.last_day, days_ago(15))
        wizard.action_end()
        self.assertEqual((agreement.state, agreement.date_end), ("ended", days_ago(15)))
        running = self._create_agreement(days_ago(10), "2027-12-31")
        wizard = self.env["care.agreement.end"].create({
            "agreement_id": running.id, "reason_id": self.reason.id})
        self.assertEqual(wizard.last_day, TODAY)

    def test_money_is_the_company_s(self):  # CC-10
        euro = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        agreement = self._create_agreement(days_ago(10), monthly=100, currency_id=euro.id)
        self.assertEqual(agreement.monthly_company, 50)

    def test_only_drafts_are_deleted(self):  # CC-10
        self._create_agreement(days_ago(1), running=False).unlink()
        with self.assertRaises(UserError):
            self._create_agreement(days_ago(1)).unlink()
