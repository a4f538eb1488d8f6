"""Contractual churn, and both kinds together."""
from datetime import date, datetime

from freezegun import freeze_time
from odoo.tests import new_test_user, tagged

from .common_churn import JANUARY, ChurnCommon


@tagged("post_install", "-at_install")
class TestContracts(ChurnCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"care_grace_days": 30})
        cls.service = cls.env["care.agreement.type"].sudo().create({
            "name": "Test contract", "months": 12, "renewal": "manual"})

    def _sign(self, partner, start, end=None, monthly=100.0, **values):
        agreement = self.env["care.agreement"].sudo().create({
            "partner_id": partner.id, "company_id": self.company.id, "type_id": self.service.id,
            "date_start": start, "date_end": end, "monthly_amount": monthly,
            "user_id": self.env.user.id, **values})
        agreement._set_running()
        return agreement

    def _cast(self):
        """Two leave, one renews to the day, one late but within the grace, one is new."""
        self._buys("By purchase", date(2024, 12, 28), date(2025, 1, 30), date(2025, 2, 27))
        people = {name: self._create_customer(name)
                  for name in ("left", "ended", "renewed", "late", "new", "stays")}
        self._sign(people["left"], date(2024, 2, 1), date(2025, 1, 31), 50)
        self._sign(people["ended"], date(2024, 1, 16), date(2025, 1, 15), 30)
        old = self._sign(people["renewed"], date(2024, 2, 1), date(2025, 1, 31), 100)
        self._sign(people["renewed"], date(2025, 2, 1), date(2026, 1, 31), 90,
                   predecessor_id=old.id)
        old = self._sign(people["late"], date(2024, 2, 1), date(2025, 1, 31), 20)
        self._sign(people["late"], date(2025, 2, 20), date(2026, 1, 31), 20,
                   predecessor_id=old.id)
        self._sign(people["new"], date(2025, 1, 10), monthly=10)
        self._sign(people["stays"], date(2024, 5, 1), monthly=200)
        return people

    def test_lost_is_who_was_not_renewed_within_the_grace(self):  # CC-10
        people = self._cast()
        self._night(date(2025, 2, 4))
        self.assertTrue(self._period())
        self.assertFalse(self._period(kind="agreements"), "the grace of January still runs")
        self._night(date(2025, 3, 4))
        january = self._period(kind="agreements")
        self.assertEqual(
            (january.active_start, january.lost, january.retained, january.arrived), (5, 2, 3, 1))
        self.assertEqual(january.churn_text, "40.0 % (2 of 5)")
        self.assertEqual((january.revenue_start, january.revenue_lost), (4800.0, 960.0))
        self.assertEqual(self._story(people["left"])[-1].lost_on, date(2025, 1, 31))
        self.assertEqual(self._story(people["ended"])[-1].lost_on, date(2025, 1, 15))
        both = self._period(kind="both")
        self.assertEqual((both.active_start, both.lost, both.arrived), (6, 2, 1))
        rows = self.months.search(january._get_figure_action("lost")["domain"])
        self.assertEqual(rows.partner_id, people["left"] | people["ended"])

    def test_less_is_contraction(self):  # CC-10
        self._cast()
        self._night(date(2025, 2, 4))
        self._night(date(2025, 3, 4))
        self._night(date(2025, 4, 4))
        january, february = (
            self._period(month, kind="agreements") for month in (JANUARY, date(2025, 2, 1)))
        self.assertEqual(january.contraction, 0)
        self.assertEqual((february.contraction, february.lost, february.retained), (120.0, 0, 4))

    def test_an_agreement_judges_who_has_one(self):  # CC-10
        """Silent for long, yet under agreement: lost by purchase, retained in both."""
        partner = self._buys("Both", date(2024, 11, 20))
        self._sign(partner, date(2024, 12, 1), date(2025, 11, 30))
        self._buys("Other", date(2025, 1, 5))
        for month in (2, 3):
            self._night(date(2025, month, 4))
        self.assertEqual(self._period().lost, 1)
        both = self._period(kind="both")
        self.assertEqual((both.active_start, both.lost, both.retained), (1, 0, 1))

    @freeze_time("2025-03-10 09:00:00")
    def test_the_mail_and_the_page_tell_the_same_month(self):  # CC-22
        """February is printed by purchases, January for all: both say January, of all."""
        self._cast()
        for n in range(30):
            self._buys(f"Buyer {n}", date(2024, 12, 20))
        self._night(date(2025, 2, 4))
        self._night(date(2025, 3, 4))
        self.assertTrue(self._period(date(2025, 2, 1)))
        self.assertFalse(self._period(date(2025, 2, 1), kind="both"))
        reader = new_test_user(
            self.env, "churn_mail", "customer_care.group_customer_care_user",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        digest = self.env["digest.digest"].sudo().create({
            "name": "Churn", "company_id": self.company.id, "kpi_care_churn_rate": True,
        }).with_user(reader).with_company(self.company).sudo(False).with_context(
            start_datetime=datetime(2025, 3, 9), end_datetime=datetime(2025, 12, 31))
        tile = self.env["care.dashboard"].with_user(reader).with_company(
            self.company).get_dashboard("last_12")["tiles"]
        tile = next(each for each in tile if each["key"] == "churn")
        self.assertIn("Jan 2025: 2 of 36", tile["note"])
        self.assertEqual(tile["figure"], "5.6 %")
        self.assertAlmostEqual(digest.kpi_care_churn_rate_value, 5.6, 1)

    def _page(self, **choices):
        reader = new_test_user(
            self.env, f"churn_page_{choices['kind']}", "customer_care.group_customer_care_user",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        return self.env["care.churn.report"].with_user(reader).with_company(
            self.company).get_trend(choices)

    def test_both_adds_up_on_the_page(self):  # CC-10
        """Purchases, less who is under agreement, plus agreements: both; figure by figure."""
        self._cast()
        member = self._buys("Member", date(2024, 11, 5), date(2024, 12, 15))
        self._sign(member, date(2024, 12, 1), date(2025, 11, 30), 40)
        for n in range(3):
            self._buys(f"Buyer {n}", date(2024, 12, 20))
        self._night(date(2025, 2, 4))
        self._night(date(2025, 3, 4))
        page = self._page(kind="both")
        rows = [[cell["text"] for cell in row] for row in page["parts"]["table"]["rows"]]
        self.assertEqual([row[0] for row in rows], [
            "Non-contractual", "Less by purchases: under agreement", "+ Contractual", "= Both"])
        self.assertEqual([int(row[1]) for row in rows], [5, -1, 6, 10])
        for column in range(1, 5):
            *parts, whole = (int(row[column]) for row in rows)
            self.assertEqual(sum(parts), whole, page["parts"]["table"]["columns"][column])
        twice = page["parts"]["table"]["rows"][1][1]["action"]
        self.assertEqual(self.months.search(twice["domain"]).partner_id, member)
        self.assertIn("Jan 2025", page["parts"]["title"])
        self.assertFalse(self._page(kind="purchases")["parts"], "nothing to add up")

    def test_both_says_why_it_is_a_month_behind(self):  # CC-10
        self._cast()
        self._night(date(2025, 2, 4))
        self._night(date(2025, 3, 4))
        self.assertTrue(self._period(date(2025, 2, 1)))
        warnings = " ".join(self._page(kind="both")["warnings"])
        self.assertIn("Feb 2025 is printed by purchases alone so far", warnings)
        self.assertIn("Apr 1, 2025", warnings, "the grace of 28 February is over")

    def test_gross_and_net_stand_with_what_they_are_made_of(self):  # CC-10
        self._cast()
        for month in (2, 3, 4):
            self._night(date(2025, month, 4))
        table = self._page(kind="agreements")["table"]
        row = dict(zip(table["columns"], table["rows"][0], strict=True))
        self.assertIn("120", row["Contraction"]["text"])
        self.assertIn("0", row["Expansion"]["text"])
        self.assertIn("Gross", table["columns"])

    def test_another_grace_begins_with_the_next_month(self):  # CC-10
        """What was printed by 30 days is compared by 30 days, whatever the grace is today."""
        self._cast()
        self._night(date(2025, 2, 4))
        self._night(date(2025, 3, 4))
        self.company.care_grace_days = 60
        self._night(date(2025, 3, 5))
        january = self._period(kind="agreements")
        self.assertEqual(january.churn_text, "40.0 % (2 of 5)")
        self.assertFalse(january.correction_ids)
        self._night(date(2025, 4, 4))
        february = self._period(date(2025, 2, 1), kind="agreements")
        self.assertEqual(february.definition_id, january.definition_id)
        self.assertEqual(self._period(date(2025, 3, 1)).definition_id.grace_days, 60)
        self._night(date(2025, 5, 4))
        self.assertFalse(self._period(date(2025, 3, 1), kind="agreements"), "60 days to wait")
        self._night(date(2025, 6, 4))
        march = self._period(date(2025, 3, 1), kind="agreements")
        self.assertEqual((march.active_start, march.lost), (4, 0))
        self.assertIn("60 days", march.definition_id.words)
        self.assertFalse((january | february | march).correction_ids)

    def test_agreements_are_told_without_an_invoice(self):  # CC-10
        """The first month is that of the first agreement where no purchase came before."""
        for n in range(4):
            self._sign(self._create_customer(f"Left {n}"), date(2025, 1, 5), date(2025, 2, 10))
        self._sign(self._create_customer("Stays"), date(2025, 1, 5))
        for month in (2, 3, 4):
            self._night(date(2025, month, 4))
        february = self._period(date(2025, 2, 1), kind="agreements")
        self.assertEqual((february.active_start, february.lost), (5, 4))
        both = self._period(date(2025, 2, 1), kind="both")
        self.assertEqual(both.churn_text, "80.0 % (4 of 5)")
        self._buys("First invoice", date(2025, 5, 5))
        self._night(date(2025, 6, 4))
        self.assertEqual(self._period(date(2025, 5, 1)).arrived, 1)

    def test_without_agreements_nothing_is_said_of_them(self):  # CC-10
        self._buys("Once", date(2025, 1, 10))
        self._night(date(2025, 2, 4))
        self._night(date(2025, 3, 8))
        self.assertFalse(self._period(kind="agreements"))
        self.assertFalse(self._period(kind="both"))
