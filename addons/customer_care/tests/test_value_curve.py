"""The curve of value by age of the customers (CC-19)."""
from datetime import date
from unittest.mock import patch

from odoo.addons.customer_care.models import care_value_cohort
from odoo.tests import tagged

from .common import TODAY
from .common_forecast import ForecastCommon


@tagged("post_install", "-at_install")
class TestValueCurve(ForecastCommon):

    def test_hand_computed(self):  # CC-19
        """Six customers of one quarter; month 1 begins a month after each one's own first day."""
        first = date(2026, 1, 10)  # 171 days before TODAY: five whole months lived
        partners = self._sell([[(TODAY - first).days]] * 6)  # 100 each in month 1
        early, late, credited = partners[:3]
        self._create_posted(early, date(2026, 2, 9), 60)  # still month 1
        self._create_posted(late, date(2026, 2, 10), 30)  # month 2
        self._credit(self._create_posted(credited, date(2026, 4, 10), 90), date(2026, 5, 10), 90)
        self._create_posted(late, date(2026, 6, 20), 999)  # month 6 has not ended yet
        self._count(*partners)
        self._fit("value")
        line = self._line("2026")
        self.assertEqual(line["customers"], 6)
        steps = [110, 115, 115, 130, 115]  # the credit note takes back what month 4 gave
        self.assertEqual([round(point, 6) for point in line["points"]], steps)
        opened = self.customers.search(line["action"]["domain"])
        self.assertEqual(opened.partner_id, partners)

    def _page(self, by="year"):
        return self.env["care.value.cohort"].sudo().with_company(self.company).get_curve(by)

    def _line(self, label, by="year"):
        page = self._page(by)
        return next(line for line in page["cohorts"] if line["label"] == label)

    def test_counting_again_changes_nothing(self):
        self._sell([[400 + n, 300, 20] for n in range(20)])
        self._fit("value")
        before = self._line("2025 Q2", "quarter")
        self._fit("value")
        self.assertEqual(self._line("2025 Q2", "quarter"), before)

    def test_a_large_cohort_is_counted_part_by_part(self):  # P-11
        self._sell([[400 + n, 300, 20] for n in range(20)])
        self._fit("value")
        before = self._line("2025 Q2", "quarter")
        with patch.object(care_value_cohort, "CHUNK", 3):
            self._fit("value")
        self.assertEqual(self._line("2025 Q2", "quarter"), before)

    def test_a_cohort_that_is_gone_leaves_the_curve(self):
        partners = self._sell([[400] for _n in range(6)] + [[100] for _n in range(6)])
        self._fit("value")
        self.assertTrue(self._line("2025"))
        self.customers.search([("partner_id", "in", partners[:6].ids)]).unlink()
        self._fit("value")
        self.assertEqual([line["label"] for line in self._page()["cohorts"]], ["2026"])

    def test_few_customers_make_no_line(self):
        self._sell([[400], [400]])
        self._fit("value")
        page = self._page()
        self.assertEqual((page["cohorts"], page["small"]), ([], 1))

    def test_the_line_goes_on_where_there_is_a_forecast(self):
        self._grow()
        self._fit()
        page = self._page()
        self.assertEqual(page["horizon"], 365)
        for line in page["cohorts"]:
            customers = self.customers.search(line["action"]["domain"])
            mean = sum(customers.mapped("ltv_predicted")) / len(customers)
            self.assertAlmostEqual(line["predicted"], mean, 1)
