"""How long customers stay under agreement, and what the dashboard and the story say of it."""
from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import NOW, TODAY
from .common_agreement import AgreementCommon


@tagged("post_install", "-at_install")
class TestSurvival(AgreementCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env(su=True), "test_survivor", groups="customer_care.group_customer_care_user",
            company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)])

    def _page(self, kind=None):
        self.env.flush_all()
        model = self.env["care.survival"].with_user(self.user).sudo(False)
        return model.get_survival(kind and kind.id)

    def _ended(self, days, count=1):
        """Agreements that lasted so many days, and ended a year ago."""
        last = TODAY - timedelta(days=365)
        for _number in range(count):
            self._create_agreement(last - timedelta(days=days - 1), last)._set_ended()

    @freeze_time(NOW)
    def test_lifetimes_of_chains(self):  # CC-10
        old = self._create_agreement("2024-07-01", "2025-06-30")
        self._create_agreement("2025-07-01", "2026-06-30", predecessor_id=old.id)
        self._create_agreement("2026-06-30", None)  # began today: no day is over yet
        undecided = self._create_agreement("2025-06-11", "2026-06-10")
        self._ended(100)
        self.assertEqual(
            self.agreements._query_lifetimes(self.company, TODAY, self.service.id),
            [(100, True, 1), (365, False, 1), (729, False, 1)])
        self.assertEqual(undecided.since, date(2025, 6, 11))

    @freeze_time(NOW)
    def test_the_curve_in_words_and_numbers(self):  # CC-10, CC-19
        self._ended(90, 6)
        self._ended(400, 6)
        page = self._page(self.service)
        self.assertIn("12 customers, 12 of them left", page["sentence"])
        main = page["chart"]["series"][0]["values"]
        self.assertEqual((main[0], main[3], main[12]), (100, 50, 50))
        line = next(line for line in page["lines"] if line["id"] == self.service.id)
        self.assertEqual((line["count"], line["ended"], line["median"]), (12, 12, "3 months"))
        self.assertTrue(line["year"].startswith("50 % ("))
        self.assertIn("12 left, 30 are needed", line["projection"])

    @freeze_time(NOW)
    def test_enough_renewals_are_projected(self):  # CC-10
        self._ended(360, 20)
        self._ended(720, 12)
        for _number in range(30):
            self._create_agreement(TODAY - timedelta(days=800))
        line = next(
            line for line in self._page()["lines"] if line["id"] == self.service.id)
        self.assertIn("renew once", line["projection"])

    def test_too_little_is_said(self):  # CC-10
        empty = self._page(self.service)
        self.assertIn("No agreement", empty["sentence"])
        self.assertFalse(empty["chart"] or empty["lines"])
        self._create_agreement("2020-01-01")
        self.assertIn("has left yet", self._page(self.service)["sentence"])
        self._ended(100, 3)
        page = self._page(self.service)
        self.assertIn("rests on 3 ends", page["sentence"])
        self.assertTrue(page["chart"])

    def test_a_click_opens_the_agreements(self):  # CC-19
        self._ended(100, 3)
        page = self._page(self.service)
        self.assertEqual(self.agreements.search_count(page["action"]["domain"]), 3)

    def test_only_who_may_read_agreements(self):  # ALL-4
        stranger = new_test_user(self.env(su=True), "test_no_survivor", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.env["care.survival"].with_user(stranger).sudo(False).get_survival()

    def test_a_type_that_is_gone_shows_all(self):  # CC-10
        gone = self.service.copy()
        gone.unlink()
        self.assertFalse(self.env["care.survival"].sudo().get_survival(gone.id)["type"])


@tagged("post_install", "-at_install")
class TestAgreementsElsewhere(AgreementCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env(su=True), "test_elsewhere", groups="customer_care.group_customer_care_user",
            company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)])

    def _tiles(self):
        page = self.env["care.dashboard"].with_user(self.user).sudo(False).get_dashboard()
        return {tile["key"]: tile for tile in page["tiles"]}

    @freeze_time(NOW)
    def test_the_dashboard_names_what_ends(self):  # CC-22
        self.assertNotIn("agreements", self._tiles())
        self._create_agreement("2025-08-01", "2027-07-31", 70)
        self.assertIn("No agreement ends", self._tiles()["agreements"]["few"])
        near = self._create_agreement("2025-08-01", "2026-07-31", 30)
        self._create_agreement("2025-08-01", "2026-07-31", 9, renewal="auto")
        tile = self._tiles()["agreements"]
        self.assertEqual(tile["figure"], "1")
        self.assertEqual(self.agreements.search(tile["action"]["domain"]), near)

    def _print_cost(self, first, cost, retained):
        """A printed month whose customers are five at its start."""
        stayed = self.env["care.churn.period"].sudo().create({
            "company_id": self.company.id, "date_from": first, "last_month": first,
            "state": "printed", "active_start": 5, "retained": retained})
        self.env["care.cost.period"].sudo().create({
            "company_id": self.company.id, "grain": "month", "date_from": first,
            "date_to": first[:8] + "28", "cost": cost, "at_start": 5, "retained": retained,
            "per_retained": cost / retained if retained else 0, "printed_on": "2026-06-12",
            "churn_id": stayed.id})

    @freeze_time(NOW)
    def test_the_dashboard_says_what_keeping_costs(self):  # CC-22, CC-11
        self.assertIn("mark an analytic account", self._tiles()["cost"]["few"])
        for month, cost in ((4, 100), (5, 200)):
            self._print_cost(f"2026-0{month}-01", cost, 4)
        tile = self._tiles()["cost"]
        self.assertIn("50.00", tile["figure"])
        self.assertEqual(tile["chart"]["series"][0]["values"], [25, 50])
        digest = self.env["digest.digest"].sudo().create({
            "name": "Care", "company_id": self.company.id, "kpi_care_cost": True})
        digest = digest.with_user(self.user).with_context(
            start_datetime=NOW - timedelta(days=1), end_datetime=NOW)
        self.assertEqual(digest.sudo(False).kpi_care_cost_value, 50)

    @freeze_time(NOW)
    def test_the_digest_leaves_out_what_is_no_figure(self):  # CC-22, CC-11
        """Nothing printed, or nobody kept in the month printed last: no line, and no 0."""
        digest = self.env["digest.digest"].sudo().create({
            "name": "Care", "company_id": self.company.id, "kpi_care_cost": True})
        digest = digest.with_user(self.user).sudo(False).with_context(
            start_datetime=NOW - timedelta(days=1), end_datetime=NOW)
        with self.assertRaises(AccessError):
            _value = digest.kpi_care_cost_value
        self._print_cost("2026-04-01", 100, 4)
        self._print_cost("2026-05-01", 100, 0)
        digest.invalidate_recordset()
        with self.assertRaises(AccessError, msg="May has none; April is not the last month"):
            _value = digest.kpi_care_cost_value

    def test_the_story_tells_of_agreements(self):  # CC-1
        self._buy(self.buyer, 20)
        self._count(self.buyer)
        agreement = self._create_agreement("2026-01-01", "2026-12-31")
        self._create_agreement("2026-02-01", running=False)
        page = self._care(self.buyer).with_user(self.user).sudo(False).get_timeline(
            only="agreements")
        self.assertEqual([entry["res_id"] for entry in page["entries"]], [agreement.id])
