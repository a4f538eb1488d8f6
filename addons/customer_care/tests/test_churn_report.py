"""What is shown of churn: every figure opens as many customers as it says, to those who may."""
from datetime import date, datetime

from freezegun import freeze_time
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common_churn import JANUARY, ChurnCommon


@tagged("post_install", "-at_install")
class TestReport(ChurnCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = new_test_user(
            cls.env, "churn_reader", "customer_care.group_customer_care_user",
            company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)])
        cls.stranger = new_test_user(cls.env, "churn_stranger", "base.group_user",
                                     company_id=cls.company.id,
                                     company_ids=[(6, 0, cls.company.ids)])
        cls.report = cls.env["care.churn.report"].with_user(cls.reader).with_company(cls.company)

    def _print_spring(self):
        for n in range(10):
            self._buys(f"Once {n}", date(2025, 1, 5 + n))
        self._buys("Loyal", date(2025, 1, 4), date(2025, 2, 3), date(2025, 3, 4), date(2025, 4, 2))
        self._buys("Later", date(2025, 2, 20))
        for month in (2, 3, 4, 5):
            self._night(date(2025, month, 4))

    def _rows_behind(self, action):
        return self.months.with_user(self.reader).search_count(action["domain"])

    def test_every_count_opens_its_customers(self):  # CC-19
        self._print_spring()
        page = self.report.get_trend({"span": "month", "kind": "nonsense"})
        self.assertEqual([row[0]["text"].replace("\N{NO-BREAK SPACE}", " ")
                          for row in page["table"]["rows"]],
                         ["Apr 2025", "Mar 2025", "Feb 2025", "Jan 2025"])
        opened = 0
        for row in page["table"]["rows"]:
            for cell in row[1:5]:
                if cell["action"]:
                    self.assertEqual(self._rows_behind(cell["action"]), int(cell["text"]))
                    opened += 1
        self.assertGreater(opened, 6)
        self.assertEqual(page["table"]["rows"][-1][5]["text"], "n/a")
        self.assertEqual(page["chart"]["series"][0]["values"][0], None, "a gap, not 0")
        self.assertIn("churn before Mar 2025 is too low", page["warnings"][0])

    def test_every_cell_of_the_map_opens_its_customers(self):  # CC-19
        self._print_spring()
        for shown in ("active", "bought"):
            heat = self.report.get_cohorts({"span": "month", "shown": shown})["heat"]
            self.assertEqual(heat["rows"][0]["label"], "All cohorts")
            january = heat["rows"][-1]
            self.assertEqual(january["note"], "11 new")
            for row in heat["rows"][1:]:
                for cell in filter(None, row["cells"]):
                    count = int(cell["title"].split(" of ")[0])
                    self.assertEqual(self._rows_behind(cell["action"]), count, cell["title"])
        self.assertEqual([cell["text"] for cell in january["cells"]],
                         ["100 %", "9 %", "9 %", "9 %"])
        self.assertEqual(heat["rows"][1]["cells"][0]["text"], "1 / 1", "too few for a share")

    def test_a_quarter_s_map_counts_whole_quarters(self):  # CC-19
        self._print_spring()
        heat = self.report.get_cohorts({"span": "quarter"})["heat"]
        self.assertEqual([row["label"] for row in heat["rows"]], ["All cohorts", "Q1 2025"])
        self.assertEqual(heat["rows"][1]["note"], "12 new")
        self.assertEqual(self.report.get_cohorts({"span": "quarter", "shown": "bought"})[
            "choices"][1]["value"], "active", "bought is told by month alone")

    def test_without_history_the_page_says_what_to_wait_for(self):  # CC-19
        for page in (self.report.get_trend(), self.report.get_cohorts()):
            self.assertEqual(page["few"], "No month has been printed yet")
            self.assertIn("3 days after its end", page["notes"][0])
        self._buys("One", date(2025, 1, 10))
        self._night(date(2025, 2, 4))
        self.assertIn("Too little history", self.report.get_trend({"span": "year"})["few"])

    def test_a_year_is_told_with_every_month(self):  # CC-10
        self._buys("Gone", date(2024, 12, 20))
        self._buys("Loyal", *(date(2025, month, 5) for month in range(1, 13)), date(2024, 12, 5))
        self._run_year()
        year = self._period(span="year")
        self.assertEqual((year.active_start, year.lost, year.display_name), (2, 1, "2025"))
        rolling = self.periods.search([
            ("company_id", "=", self.company.id), ("span", "=", "rolling")])
        self.assertEqual(rolling.mapped("last_month"), [date(2025, 12, 1), date(2025, 11, 1)])
        self.assertEqual(rolling[0].churn_text, year.churn_text)

    @freeze_time("2025-05-20 09:00:00")
    def test_tiles(self):  # CC-22
        self._print_spring()
        dashboard = self.env["care.dashboard"].with_user(self.reader).with_company(self.company)
        tiles = {tile["key"]: tile for tile in dashboard.get_dashboard("last_12")["tiles"]}
        self.assertIn("Too few for a rate", tiles["churn"]["few"])
        self.assertEqual(
            tiles["churn"]["note"],
            "Apr 2025: 1 of 2 customers active at its start were lost.")
        self.assertIn("twelve printed months", tiles["retention"]["few"])
        self.assertEqual(tiles["reactivated"]["figure"], "0")
        self.assertTrue(tiles["cohorts"]["heat"]["rows"])

    @freeze_time("2025-05-20 09:00:00")
    def test_the_digest_tells_the_month_printed_last(self):  # CC-22
        digest = self.env["digest.digest"].sudo().create({
            "name": "Churn", "company_id": self.company.id, "kpi_care_churn_rate": True,
            "kpi_care_retention": True}).with_user(self.reader).with_company(self.company)
        with self.assertRaises(AccessError, msg="left out of the mail, not 0"):
            _value = digest.sudo(False).kpi_care_churn_rate_value
        self._print_spring()
        march = self._period(date(2025, 3, 1))
        self.assertEqual(march.churn_text, "83.3 % (10 of 12)")
        told = digest.sudo(False).with_context(
            start_datetime=datetime(2025, 4, 3), end_datetime=datetime(2025, 5, 3))
        self.assertAlmostEqual(told.kpi_care_churn_rate_value, 83.33, 1)

    def test_rights(self):  # ALL-4
        self._print_spring()
        with self.assertRaises(AccessError):
            self.env["care.churn.report"].with_user(self.stranger).get_trend()
        with self.assertRaises(AccessError):
            self.periods.with_user(self.stranger).search([])
        period = self._period().with_user(self.reader)
        self.assertEqual(period.action_open_figure()["res_model"], "care.customer.month")
        with self.assertRaises(AccessError):
            period.write({"lost": 5})
        with self.assertRaises(AccessError):
            self._story(self._buys("X", JANUARY)).with_user(self.reader).create({})
        foreign = new_test_user(
            self.env, "churn_foreign", "customer_care.group_customer_care_user",
            company_id=self.env.ref("base.main_company").id)
        if foreign.company_id == self.company:
            return
        domain = period._get_figure_action("arrived")["domain"]
        self.assertFalse(self.months.with_user(foreign).search(domain), "another company's figure")

    def test_a_figure_that_is_none_opens_nothing(self):  # RELIABILITY 3
        self._buys("One", date(2025, 1, 10))
        self._night(date(2025, 2, 4))
        for value in ("0:lost", f"{self._period().id}:revenue; DROP TABLE", f"{10**8}:lost",
                      "x:lost", "", "12"):
            self.assertFalse(self.months.search([("figure", "=", value)]), value)
