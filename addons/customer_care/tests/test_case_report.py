from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from .common_sla import SlaCommon, june


@tagged("post_install", "-at_install")
class TestCaseReport(SlaCommon):
    """Figures of cases, counted by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls._promise(reply=2, resolve=8)
        cls.here = [("company_id", "=", cls.company.id)]

    def _report(self, name="care.case.report"):
        self.env.flush_all()
        return self.env[name].with_user(self.agent)

    def _serve(self, day, reply, resolve):
        """A case of 9 o'clock, answered and resolved after so many hours of that morning."""
        case = self._open_at(june(day, 9))
        if reply is not None:
            self._answer(june(day, 9 + reply), case)
        if resolve is not None:
            self._resolve(june(day, 9 + resolve), case)
        return case

    def test_means_and_medians_are_of_the_cases_that_were_answered(self):  # CC-5
        for day, hours in ((1, 0.5), (2, 1), (3, 3)):
            self._serve(day, hours, None)
        self._serve(4, None, None)
        with freeze_time(june(5)):
            self._open_case(channel="phone")  # answered at once: in no figure of waiting
        [(count, answered, mean, median)] = self._report()._read_group(
            self.here, [], ["__count", "answered:sum", "reply_hours:avg", "reply_median:avg"])
        self.assertEqual((count, answered, mean, median), (5, 3, 1.5, 1.0))
        [(nothing,)] = self._report()._read_group(
            [*self.here, ("channel", "=", "phone")], [], ["reply_median:avg"])
        self.assertFalse(nothing)

    def test_reopened_is_a_share_of_the_resolved(self):  # CC-7
        first, _second = self._serve(1, 1, 2), self._serve(2, 1, 2)
        self._serve(3, 1, None)
        self._at(june(3), first, "action_reopen")
        [(reopened, resolved, rate)] = self._report()._read_group(
            self.here, [], ["reopened:sum", "resolved:sum", "reopen_rate:avg"])
        self.assertEqual((reopened, resolved, rate), (1, 2, 50.0))

    def test_duplicates_and_thank_yous_are_not_counted(self):  # CC-6
        case, double = self._serve(1, 1, None), self._serve(1, None, None)
        self._at(june(2), double, "_close", "duplicate")
        case._add_contact("in", "email", june(1, 11), noise="thanks")
        case._add_contact("in", "email", june(1, 12))
        [(count, contacts)] = self._report()._read_group(
            self.here, [], ["__count", "contact_count:sum"])
        self.assertEqual((count, contacts), (1, 2))

    def test_what_is_overdue_now_is_missed_already(self):  # CC-5
        self._serve(1, 1, 2)                    # both met
        self._serve(2, 2.5, 3)                  # reply missed, resolution met
        self._serve(3, None, None)              # both overdue in the end
        fresh = self._open_at(june(8, 9))
        with freeze_time(june(8, 10)):
            rows = dict((promise, row) for promise, *row in self._report(
                "care.sla.report")._read_group(
                self.here, ["promise"],
                ["met:sum", "judged:sum", "missed:sum", "met_share:avg", "__count"]))
        self.assertEqual([round(n, 1) for n in rows["reply"]], [1, 3, 2, 33.3, 4])
        self.assertEqual([round(n, 1) for n in rows["resolution"]], [2, 3, 1, 66.7, 4])
        with freeze_time(june(8, 10)):
            found = self._report("care.sla.report").search(
                [*self.here, ("result", "=", "running")])
            self.assertEqual(found.case_id, fresh)
            self.assertEqual(found[0].action_open_case()["res_id"], fresh.id)
            [(share,)] = self._report("care.sla.report")._read_group(
                [("case_id", "=", fresh.id)], [], ["met_share:avg"])
        self.assertFalse(share)

    def test_who_may_read_them(self):  # ALL-4
        case = self._serve(1, 1, 2)
        other = self.env["res.company"].sudo().create({"name": "Second House"})
        stranger = new_test_user(
            self.env, "case_stranger", groups="customer_care.group_customer_care_manager",
            company_id=other.id, company_ids=[(6, 0, other.ids)])
        seller = new_test_user(self.env, "case_reader", groups="sales_team.group_sale_salesman")
        for name in ("care.case.report", "care.sla.report"):
            domain = [("case_id", "=", case.id)]
            self.assertTrue(self._report(name).search(domain))
            self.assertFalse(self.env[name].with_user(stranger).search(domain))
            with self.assertRaises(AccessError):
                self.env[name].with_user(seller).search(domain)

    def _page(self):
        with freeze_time(june(8, 10)):
            page = self.env["care.dashboard"].with_user(self.agent).with_company(
                self.company).get_dashboard(period="month")
        return {tile["key"]: tile for tile in page["tiles"]}

    def test_the_tiles_say_how_much_they_rest_on(self):  # CC-22
        self.assertIn("No case", self._page()["open_cases"]["few"])
        self.assertIn("n/a", self._page()["first_reply"]["few"])
        for day in (1, 2, 3, 4, 5):
            self._serve(day, 1, 2)
        self.assertIn("Too few", self._page()["first_reply"]["few"])
        for day in (1, 2, 3, 4, 5):
            self._serve(day, 3, 5)
        with freeze_time(june(5)):
            self._open_case(channel="phone")
        tiles = self._page()
        self.assertEqual(tiles["first_reply"]["figure"], "2 h")
        self.assertIn("10 cases", tiles["first_reply"]["note"])
        self.assertIn("5 of 10", tiles["first_reply"]["note"])
        self.assertIn("1 call", tiles["first_reply"]["note"])
        self.assertEqual(tiles["open_cases"]["figure"], "1")

    def test_who_was_never_answered_is_late_on_the_tile_too(self):  # CC-5, CC-22
        """The tile says what the analysis of service levels says."""
        for _ in range(3):
            self._serve(1, None, None)
        late = self._page()["first_reply"]
        self.assertIn("n/a", late["few"])
        self.assertIn("0 of 3", late["note"])
        for _ in range(10):
            self._serve(2, 1, 2)
        for reason in ("spam", "duplicate"):
            self._at(june(3), self._serve(2, 1, None), "_close", reason)
        with freeze_time(june(3)):
            self._open_case(channel="phone").with_user(self.agent)._close("spam")
        self._open_at(june(8, 9))  # has its two hours still
        tile = self._page()["first_reply"]
        self.assertIn("10 of 13", tile["note"])
        self.assertIn("3 of them still wait", tile["note"])
        self.assertIn("1 more still waits", tile["note"])
        self.assertNotIn("call", tile["note"])
        with freeze_time(june(8, 10)):
            [(met, judged)] = self._report("care.sla.report")._read_group(
                [*self.here, ("promise", "=", "reply")], [], ["met:sum", "judged:sum"])
        self.assertEqual((met, judged), (10, 13))

    def test_each_bar_of_the_open_cases_opens_its_cases(self):  # CC-22
        self._serve(1, None, None)
        self._serve(2, 1, None)
        self._open_at(june(8, 9))
        with freeze_time(june(8, 10)):
            tile = self._page()["open_cases"]
            self.assertEqual(tile["figure"], "3")
            chart = tile["chart"]
            for value, action in zip(
                    chart["series"][0]["values"], chart["actions"], strict=True):
                self.assertEqual(
                    self.cases.with_user(self.agent).search_count(action["domain"]), value)
            self.assertEqual(sum(chart["series"][0]["values"]), 3)

    def test_overdue_promises_are_named_and_are_the_bar_of_the_open_cases(self):  # CC-5, CC-22
        self.assertIn("No promise", self._page()["late_cases"]["few"])
        never, answered = self._serve(1, None, None), self._serve(2, 1, None)
        self._open_at(june(8, 9))
        tiles = self._page()
        late, bars = tiles["late_cases"], tiles["open_cases"]["chart"]
        self.assertEqual(late["figure"], "2")
        self.assertEqual(bars["series"][0]["values"][bars["labels"].index("Overdue")], 2)
        self.assertIn("1 of them wait for the first reply", late["note"])
        self.assertEqual([row[0]["action"]["res_id"] for row in late["table"]["rows"]],
                         (never + answered).ids)
        with freeze_time(june(8, 10)):
            self.assertEqual(self.cases.with_user(self.agent).search(
                late["action"]["domain"]), never + answered)

    def test_the_digest_tells_open_cases_and_the_median(self):  # CC-22
        for day in (1, 2, 3, 4, 5):
            self._serve(day, 1, 2)
            self._serve(day, 3, None)
        with freeze_time(june(8, 10)):
            digest = self.env["digest.digest"].with_user(self.agent).with_company(
                self.company).sudo().with_context(
                start_datetime=june(1, 0), end_datetime=june(8, 0)).new(
                {"name": "Week", "company_id": self.company.id})
            digest = digest.with_user(self.agent)
            self.assertEqual(digest.kpi_care_open_cases_value, 5)
            self.assertEqual(digest.kpi_care_first_reply_value, 2.0)

    def test_the_digest_tells_the_first_reply_of_a_quarter(self):  # CC-22
        for day in (1, 2, 3, 4, 5):
            self._serve(day, 1, 2)
            self._serve(day, 3, None)
        digest = self.env["digest.digest"].sudo().create({
            "name": "Daily", "company_id": self.company.id, "periodicity": "daily",
            "kpi_care_first_reply": True})
        with freeze_time(june(8, 10)):
            self.env.flush_all()
            [told] = [kpi for kpi in digest._compute_kpis(self.company, self.agent)
                      if kpi["kpi_name"] == "kpi_care_first_reply"]
        self.assertEqual(told["kpi_col1"]["value"], "2.00")
        self.assertIn("10 cases", told["kpi_col1"]["col_subtitle"])
        self.assertEqual((told["kpi_col2"], told["kpi_col3"]), ({}, {}))
