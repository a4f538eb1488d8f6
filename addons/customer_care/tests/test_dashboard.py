from ast import literal_eval

from lxml import etree
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import CareCommon


@tagged("post_install", "-at_install")
class TestDashboard(CareCommon):
    """One page that says where the customers stand; every figure opens its records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env, "dash", groups="customer_care.group_customer_care_user",
            company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)])

    def _page(self, **kw):
        page = self.env["care.dashboard"].with_user(self.user).get_dashboard(**kw)
        return page | {"tiles": {tile["key"]: tile for tile in page["tiles"]}}

    def test_who_is_to_be_kept_comes_first_by_value(self):  # CC-22
        small, big, gone = (self._create_customer(name) for name in ("Small", "Big", "Gone"))
        self._buy(small, 200, 165, 130, 85, amount=10)
        self._buy(big, 200, 165, 130, 85, amount=1000)
        self._buy(gone, 900, amount=99)
        self._count(small, big, gone)
        here = [("company_id", "=", self.company.id)]
        danger = self.customers.search([*here, ("status", "in", ("at_risk", "lapsed"))])
        self.assertEqual(danger.partner_id, small | big)
        tile = self._page()["tiles"]["danger"]
        self.assertEqual(tile["figure"], str(len(danger)))
        self.assertEqual([row[0]["text"] for row in tile["table"]["rows"]],
                         danger.sorted("revenue_net", reverse=True).mapped("partner_id.name"))
        self.assertEqual(self.customers.search(tile["action"]["domain"]), danger)

    def test_each_bar_opens_its_customers(self):  # CC-22, CC-19
        for days in (5, 10, 900):
            buyer = self._create_customer(f"Buyer {days}")
            self._buy(buyer, days)
            self._count(buyer)
        chart = self._page()["tiles"]["statuses"]["chart"]
        for value, action in zip(chart["series"][0]["values"], chart["actions"], strict=True):
            self.assertEqual(self.customers.search_count(action["domain"]), value)

    def test_an_empty_company_gets_words_and_no_zero(self):  # CC-22
        tiles = self._page()["tiles"]
        self.assertIn("Nobody", tiles["danger"]["few"])
        self.assertNotIn("statuses", tiles)

    def test_a_failed_night_is_said(self):  # CC-22, RELIABILITY 1
        self.assertFalse(self._page()["alert"])
        nights = self.env["care.night"].sudo()
        nights._wake("status", company=self.company)
        nights.search([("company_id", "=", self.company.id)])._set_failed("broken")
        self.assertIn("did not end", self._page()["alert"]["text"])

    def test_any_period_is_whole_days_and_nonsense_is_the_last_year(self):  # CC-22
        dashboard = self.env["care.dashboard"].with_user(self.user)
        for period in ("month", "last_month", "quarter", "year", "last_12"):
            scope = dashboard._get_scope(period)
            self.assertEqual((scope.first.day, scope.last.day), (1, 1), period)
            self.assertLess(scope.first, scope.last)
        self.assertEqual(self._page(period="'; DROP")["period"], "last_12")

    def test_what_burns_stands_first_then_how_we_serve_then_what_customers_are_worth(self):  # CC-22
        keys = sorted(tiles := self.env["care.dashboard"]._dashboard_tiles(),
                      key=lambda key: tiles[key]["sequence"])
        self.assertEqual(keys[:9], [
            "open_cases", "late_cases", "call_backs", "alerts", "first_reply", "fcr", "nps",
            "ces", "csat"])
        self.assertEqual(keys[9], "danger")

    @freeze_time("2026-11-23 10:00:00")
    def test_a_period_names_its_months(self):  # CC-22
        labels = dict(self._page()["periods"])
        self.assertEqual(labels["last_12"], "Last 12 closed months: Nov 2025 – Oct 2026")
        self.assertEqual(labels["month"], "This month: Nov 2026")
        self.assertEqual(labels["quarter"], "This quarter: Oct 2026 – Dec 2026")

    def test_reports_open_with_the_months_of_the_page(self):  # CC-22
        for name, kept in (
                ("care_case_report_action", "year"), ("care_sla_report_action", "year"),
                ("care_fcr_report_action", "year"), ("care_feedback_report_action", "last_12"),
                ("care_complaint_report_action", "last_year"),
                ("care_voice_report_action", "year")):
            action = self.env.ref(f"customer_care.{name}")
            self.assertTrue(literal_eval(action.context)[f"search_default_{kept}"], name)
            arch = etree.fromstring(self.env[action.res_model].with_user(self.user).get_view(
                view_type="search")["arch"])
            [closed], [running] = (arch.findall(f".//filter[@name='{one}']")
                                   for one in (kept, "this_month"))
            self.assertIn("12 closed months", closed.get("string"))
            self.assertEqual([leaf[1:] for leaf in literal_eval(closed.get("domain"))],
                             [(">=", "today =1d -12m"), ("<", "today =1d")], name)
            self.assertEqual(literal_eval(running.get("domain"))[0][1:], (">=", "today =1d"))
            # beside each other: both together are the year up to today
            self.assertIs(closed.getnext(), running, name)

    def test_for_users_of_customer_care(self):  # CC-22, ALL-4
        clerk = new_test_user(self.env, "clerk", groups="sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            self.env["care.dashboard"].with_user(clerk).get_dashboard()
