from datetime import date

from lxml.html import fromstring
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import CareCommon
from .common_churn import ChurnCommon


@tagged("post_install", "-at_install")
class TestPrinted(CareCommon):
    """The care record on paper says what the screen says, no more than its reader may see."""

    def _print(self, care, user):
        report = self.env["ir.actions.report"].with_user(user)
        html, _kind = report._render_qweb_html("customer_care.report_care_record", care.ids)
        return html.decode()

    def test_paper_says_what_the_screen_says(self):  # CC-1
        user = new_test_user(
            self.env, "printer", groups="customer_care.group_customer_care_user",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        buyer = self._create_customer("Paper & Sons")
        self._buy(buyer, 100, 70, 40)
        self._count(buyer)
        care = self._care(buyer)
        page = self._print(care, user)
        self.assertIn("Paper &amp; Sons", page)
        self.assertIn("300.00", page)
        self.assertIn(care.with_user(user).story.replace("’", "&#39;")[:40], page)
        self.assertEqual(page.count("Customer Invoice"), 3)
        self.assertIn("As of ", page)


@tagged("post_install", "-at_install")
class TestPrintedMonth(ChurnCommon):
    """A month prints again with the figures of then; what is known since stands apart."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = new_test_user(
            cls.env, "paper_reader", "customer_care.group_customer_care_user",
            company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)])
        cls.loyal = cls._create_customer("Loyal & Sons")
        cls.quiet = cls._create_customer("Quiet")
        for month in (1, 2, 3, 4):
            cls._create_posted(cls.loyal, date(2025, month, 10))
        cls._create_posted(cls.quiet, date(2025, 1, 20), 250)

    def _paper(self, record, report="customer_care.report_churn_period", user=None):
        """The text of the page, one blank between words; a request of its own."""
        self.env.invalidate_all()
        html, _kind = self.env["ir.actions.report"].with_user(
            user or self.reader)._render_qweb_html(report, record.ids)
        return " ".join(fromstring(html.decode()).text_content().split())

    def _printed(self, paper):
        """What was printed, without what became known since."""
        return paper.split("Known since")[0].split("Definition,")[0]

    def test_a_month_prints_again_as_it_was(self):  # CC-10
        for month in (2, 3, 4):
            self._night(date(2025, month, 4))
        march = self._period(date(2025, 3, 1))
        with freeze_time("2025-04-05 09:00:00"):
            then = self._paper(march)
        for words in ("Churn and retention, Mar 2025", "Churn 50.0 % (1 of 2)",
                      "Figures as printed on 04/04/2025; this sheet was made on 04/05/2025",
                      "Quiet 03/22/2025", "$ 250.00"):
            self.assertIn(words, then)
        self.assertNotIn("Known since", then)

        self.company.care_lapse_days = 700  # another definition, from the next month on
        self._create_posted(self.quiet, date(2025, 3, 15), 40)
        self._night(date(2025, 5, 4))
        with freeze_time("2025-04-05 10:00:00"):
            again = self._paper(march)
        self.assertEqual(self._printed(again), self._printed(then))
        apart = again.split("Known since")[1]
        self.assertIn(
            "Printed 50.0 % (1 of 2), today's knowledge 0.0 % (0 of 2): 1 × purchase known late",
            apart)
        self.assertIn("Lost 1 -1 0", apart)
        self.assertIn("lost after 60 days", apart, "the definition of then")

    def test_the_months_of_a_customer_stay_on_his_card(self):  # CC-9, CC-10
        for month in (2, 3, 4):
            self._night(date(2025, month, 4))
        self._create_posted(self.quiet, date(2025, 3, 15), 40)
        self._night(date(2025, 5, 4))
        with freeze_time("2025-05-04 09:00:00"):
            card = self._paper(self._care(self.quiet), "customer_care.report_care_record")
        self.assertIn("As of 05/04/2025, from the records of that day", card)
        self.assertIn("$ 290.00", card, "today's knowledge")
        self.assertIn("Mar 2025 Churned Lost 0 $ 0.00 $ 250.00", card, "as printed")

    def test_more_are_lost_than_a_sheet_names(self):  # CC-10
        for number in range(42):
            self._buys(f"Once {number}", date(2025, 1, 25), amount=number + 1)
        for month in (2, 3, 4):
            self._night(date(2025, month, 4))
        paper = self._paper(self._period(date(2025, 3, 1)))
        self.assertIn("Once 41", paper)
        self.assertNotIn("Once 1 ", paper)
        self.assertIn("And 3 more, who brought less.", paper)

    def test_a_stranger_prints_nothing(self):  # ALL-4
        self._night(date(2025, 2, 4))
        stranger = new_test_user(self.env, "paper_stranger", "base.group_user")
        with self.assertRaises(AccessError):
            self._paper(self._period(), user=stranger)
