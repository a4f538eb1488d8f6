"""Churn and retention: frozen months, corrections beside them, figures that add up."""
import random
from datetime import date, datetime

from odoo.addons.customer_care.engine import churn
from odoo.tests import tagged

from .common_churn import JANUARY, ChurnCommon


@tagged("post_install", "-at_install")
class TestHistory(ChurnCommon):

    def test_january_stands(self):  # CC-10, CC-19
        """A year month by month; then an invoice dated in January comes to light, and a customer
        comes back: January stays as printed, and what is known today stands beside it."""
        gone = self._buys("Gone", date(2024, 11, 20))
        for n in range(4):
            self._buys(f"Loyal {n}", *(date(2025, month, 5) for month in range(1, 13)),
                       date(2024, 12, 5))
        self._run_year()
        january = self._period()
        self.assertEqual((january.active_start, january.lost, january.retained), (5, 1, 4))
        self.assertEqual(january.churn_text, "20.0 % (1 of 5)")
        self.assertEqual(self._story(gone)[-1].lost_on, date(2025, 1, 20))
        printed = january.read()[0]

        self._create_posted(gone, date(2025, 1, 10))
        self._create_posted(gone, date(2026, 1, 8))
        self._night(date(2026, 2, 4))
        january.invalidate_recordset()
        now = january.read()[0]
        for name in ("correction_ids", "correction_count", "correction_text", "known_text"):
            del printed[name], now[name]
        self.assertEqual(now, printed, "the printed figure stands")
        self.assertEqual(january.correction_count, 1)
        self.assertIn("Printed 20.0 % (1 of 5), today's knowledge 0.0 % (0 of 5)",
                      january.correction_text)
        self.assertIn("1 × purchase known late", january.correction_text)
        correction = january.correction_ids
        self.assertEqual((correction.partner_id, correction.printed, correction.known),
                         (gone, "lost", "retained"))
        self.assertEqual(self._period(date(2025, 2, 1)).correction_ids.why, "follows")
        self.assertEqual(self._story(gone).mapped("event"),
                         ["new", "retained", "lost", "reactivated"])
        self.assertEqual(self._period(date(2026, 1, 1)).reactivated, 1)

    def test_a_late_posting_is_neither_lost_nor_found_twice(self):  # CC-10
        """Known late: he enters the books when he is known, not as a reactivation."""
        loyal = self._buys("Loyal", *(date(2025, month, 5) for month in range(1, 5)))
        self._night(date(2025, 2, 4))
        self._night(date(2025, 3, 4))
        late = self._buys("Late", date(2025, 2, 20))
        self._night(date(2025, 4, 4))
        self.assertEqual(self._story(late).mapped("event"), ["restored"])
        march = self._period(date(2025, 3, 1))
        self.assertEqual((march.active_start, march.corrected, march.reactivated), (2, 1, 0))
        february = self._period(date(2025, 2, 1))
        self.assertEqual((february.arrived, february.correction_ids.known), (0, "new"))
        self.assertTrue(self._story(loyal))

    def test_what_is_taken_back_leaves_the_denominator(self):  # CC-10
        self._buys("Loyal", *(date(2025, month, 5) for month in range(1, 5)))
        partner = self._create_customer("Undone")
        invoice = self._create_posted(partner, date(2025, 1, 10))
        self._night(date(2025, 2, 4))
        self._credit(invoice, date(2025, 2, 10))
        self._night(date(2025, 3, 4))
        february = self._period(date(2025, 2, 1))
        self.assertEqual(self._story(partner).mapped("event"), ["new", "withdrawn"])
        self.assertEqual((february.active_start, february.lost, february.corrected), (1, 0, -1))
        self.assertEqual(self._period().correction_ids.why, "undone")

    def test_a_new_definition_leaves_the_old_figures(self):  # CC-10
        self._buys("Once", date(2025, 1, 10))
        self._buys("Also", date(2025, 2, 10))
        self._night(date(2025, 2, 4))
        self._night(date(2025, 3, 4))
        january = self._period()
        before = january.read(["active_end", "definition_id"])
        self.company.care_lapse_days = 20
        self._night(date(2025, 4, 4))
        march = self._period(date(2025, 3, 1))
        self.assertEqual(january.read(["active_end", "definition_id"]), before)
        self.assertEqual(march.definition_id.version, january.definition_id.version + 1)
        self.assertEqual(march.definition_id.lapse_days, 20)
        self.assertEqual((march.active_start, march.lost), (1, 1), "judged by the new limit alone")
        self.assertFalse(self.corrections.search([("company_id", "=", self.company.id)]))

    def test_a_month_is_printed_some_days_after_its_end(self):  # CC-10
        self._buys("Once", date(2025, 1, 10))
        self._night(date(2025, 2, 3))
        self.assertFalse(self._period())
        self._night(date(2025, 2, 4))
        self.assertTrue(self._period())

    def test_without_a_purchase_nothing_is_printed(self):  # CC-10
        self._create_customer("Nobody")
        self._night(date(2025, 2, 4))
        self.assertFalse(self.periods.search([("company_id", "=", self.company.id)]))

    def test_nobody_active_is_not_zero(self):  # CC-10
        self._buys("First", date(2025, 1, 10))
        self._night(date(2025, 2, 4))
        self.assertEqual(self._period().churn_text, "n/a (nobody was active at the start)")
        self.assertEqual(self._period().gross_text, "n/a (no revenue in the year before)")

    def test_a_chunk_that_ran_twice_changes_nothing(self):  # P-7
        self._buys("A", date(2025, 1, 10), date(2025, 1, 20))
        self._buys("B", date(2025, 1, 11))
        self._night(date(2025, 1, 31))
        now, night = datetime(2025, 2, 4, 1), self.nights
        position = night._night_months(self.company, now, 0)
        names = ["partner_id", "month", "event", "revenue"]
        domain = [("company_id", "=", self.company.id)]
        once = [row.read(names)[0] | {"id": 0} for row in self.months.search(domain)]
        night._night_months(self.company, now, 0)
        self.assertEqual(self.periods.search_count(domain), 1)
        twice = [row.read(names)[0] | {"id": 0} for row in self.months.search(domain)]
        self.assertEqual(sorted(once, key=str), sorted(twice, key=str))
        self.assertFalse(self._period().printed_at)
        while position is not None:
            position = night._night_months(self.company, now, position)
        night._run_steps(self.company, now, "periods")
        self.assertEqual((self._period().state, self._period().arrived), ("printed", 2))

    def test_a_merge_keeps_both_histories(self):  # CC-10, P-7
        one = self._buys("One", date(2025, 1, 10))
        two = self._buys("Two", date(2025, 1, 12))
        self._night(date(2025, 2, 4))
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge([one.id, two.id], two)
        self.assertEqual(len(self._story(two)), 2)
        self._night(date(2025, 2, 5))
        self.assertEqual(self._period().arrived, 2)
        self.assertEqual(self._period().correction_ids.arrived, -1)


@tagged("post_install", "-at_install")
class TestFigures(ChurnCommon):

    def test_a_quarter_is_not_the_sum_of_its_months(self):  # CC-10
        """Lost in January and back in March: retained in the quarter, and told apart."""
        back = self._buys("Back", date(2024, 11, 10), date(2025, 3, 5))
        gone = self._buys("Gone", date(2024, 12, 1))
        self._buys("Stays", date(2024, 12, 20), date(2025, 2, 1), date(2025, 3, 20))
        self._buys("New", date(2025, 2, 2))
        for month in (2, 3, 4):
            self._night(date(2025, month, 4))
        lost = [self._period(date(2025, month, 1)).lost for month in (1, 2, 3)]
        self.assertEqual(lost, [2, 0, 0])
        quarter = self._period(span="quarter")
        self.assertEqual(
            (quarter.active_start, quarter.lost, quarter.retained, quarter.returned,
             quarter.arrived, quarter.reactivated), (3, 1, 2, 1, 1, 0))
        self.assertEqual(quarter.display_name, "Q1 2025")
        for figure, partners in (("lost", gone), ("returned", back), ("retained", None)):
            action = quarter._get_figure_action(figure)
            rows = self.months.search(action["domain"])
            self.assertEqual(len(rows), quarter[figure], figure)
            if partners:
                self.assertEqual(rows.partner_id, partners)

    def test_the_books_tie(self):  # CC-10
        """Closing = opening - lost + new + reactivated - came and left; and the next opening is
        that closing, corrected by what came to light."""
        draw = random.Random(5)
        for n in range(12):
            days = sorted(draw.sample(range(360), draw.choice((1, 2, 4, 7))))
            self._buys(f"B{n}", *(date.fromordinal(JANUARY.toordinal() + day) for day in days))
        late = self._create_customer("Late")
        for step in range(12):
            if step == 6:
                self._create_posted(late, date(2025, 5, 9))
            self._night(churn.next_month(JANUARY, step + 1).replace(day=4))
        closing = 0
        for step in range(12):
            month = self._period(churn.next_month(JANUARY, step))
            self.assertEqual(month.active_start, closing + month.corrected, month.display_name)
            self.assertEqual(
                month.active_end, month.active_start - month.lost + month.arrived
                + month.reactivated - month.brief, month.display_name)
            self.assertEqual(month.retained + month.lost, month.active_start)
            closing = month.active_end

    def test_revenue_churn_by_hand(self):  # CC-10
        """300 of 1,000 lost; of those who stayed one bought 100 less, one 50 more."""
        self.company.care_lapse_days = 370
        self._buys("Lost", date(2024, 1, 25), amount=300)
        less = self._buys("Less", date(2023, 6, 1), amount=10)
        self._create_posted(less, date(2024, 1, 15), 300)
        self._create_posted(less, date(2025, 1, 15), 200)
        more = self._buys("More", date(2023, 6, 1), amount=10)
        self._create_posted(more, date(2024, 2, 15), 400)
        self._create_posted(more, date(2025, 1, 15), 50)
        self.company.care_history_months = 1
        self._night(date(2025, 2, 4))
        january = self._period()
        self.assertEqual((january.revenue_start, january.revenue_lost), (1000.0, 300.0))
        self.assertEqual((january.contraction, january.expansion), (100.0, 50.0))
        self.assertEqual(january.gross_text, "40.0 %")
        self.assertEqual(january.net_text, "35.0 %")
        self.assertEqual(january.churn_text, "33.3 % (1 of 3)")
        self.assertEqual(january.retention_text, "66.7 % (2 of 3)")

    def test_the_status_says_the_same_on_the_same_day(self):  # CC-10, CC-12
        self.company.care_close_days = 0
        partners = [
            self._buys("Churned", date(2024, 11, 1)),
            self._buys("Fast", date(2024, 12, 1), date(2024, 12, 8), date(2024, 12, 15)),
            self._buys("Steady", date(2024, 10, 5), date(2024, 11, 5), date(2024, 12, 5),
                       date(2025, 1, 6)),
            self._buys("New", date(2025, 1, 20)),
        ]
        for mode in ("rhythm", "fixed"):
            self.company.care_lapse_mode = mode
            self.periods.search([("company_id", "=", self.company.id)]).unlink()
            self._night(date(2025, 2, 1))
            self._night(date(2025, 2, 1))
            self._count(*partners, now=datetime(2025, 1, 31, 12))
            for partner in partners:
                row = self._story(partner)[-1]
                self.assertEqual(
                    row.status_end, self._care(partner).status, (mode, partner.name))
            self.env.cr.execute(
                "DELETE FROM care_customer_month WHERE company_id = %s", [self.company.id])

    def test_cohorts(self):  # CC-19
        self._buys("One", date(2025, 1, 10))
        self._buys("Two", date(2025, 1, 12), date(2025, 3, 1))
        self._buys("Later", date(2025, 2, 20))
        for month in (2, 3, 4):
            self._night(date(2025, month, 4))
        cells = self.env["care.churn.cohort"].sudo().search([
            ("company_id", "=", self.company.id)])
        self.assertEqual(
            [(c.cohort.month, c.month.month, c.arrived, c.active_end) for c in cells],
            [(1, 1, 2, 2), (1, 2, 0, 2), (1, 3, 0, 1), (2, 2, 1, 1), (2, 3, 0, 1)])

    def test_a_cohort_stays_as_it_was_first_printed(self):  # CC-19
        """An invoice dated back, one credited wholly, a buyer known late: nobody changes rows."""
        def months(*numbers):
            return [date(2025, number, 5) for number in numbers]

        for n in range(2):
            self._buys(f"January {n}", *months(1, 2, 3, 4))
        for n in range(2):
            self._buys(f"March {n}", *months(3, 4))
        back = self._buys("Dated back", *months(3, 4))
        undone = self._create_customer("Undone")
        first = self._create_posted(undone, date(2025, 1, 6))
        self._create_posted(undone, date(2025, 3, 6))
        for month in (2, 3, 4):
            self._night(date(2025, month, 4))
        self._create_posted(back, date(2025, 1, 20))
        self._credit(first, date(2025, 4, 3))
        late = self._buys("Known late", *months(3))
        self._night(date(2025, 5, 4))
        self.assertEqual(set(self._story(back).mapped("cohort")), {date(2025, 3, 1)})
        self.assertEqual(set(self._story(undone).mapped("cohort")), {JANUARY})
        self.assertEqual(self._story(late).mapped("event"), ["restored"])
        heat = self.env["care.churn.report"].sudo().with_company(
            self.company)._get_heat(
            "purchases", "month", "active", 24)
        self.assertEqual(
            [[cell and cell["text"] for cell in row["cells"]] for row in heat["rows"][1:]],
            [["3 / 3", "4 / 4", False, False], ["3 / 3", "3 / 3", "3 / 3", "3 / 3"]])
        self.assertEqual(heat["rows"][1]["note"], "4 new")
        self.assertEqual(
            {row.partner_id: row.arrived for row in self._period().correction_ids},
            {back: 1, undone: -1})

    def test_a_cohort_that_is_lost_wholly_counts_in_the_total(self):  # CC-19
        self._buys("Gone", date(2025, 1, 10))
        self._buys("Stays", *(date(2025, month, 20) for month in (2, 3, 4, 5)))
        for month in (2, 3, 4, 5, 6):
            self._night(date(2025, month, 4))
        heat = self.env["care.churn.report"].sudo().with_company(
            self.company)._get_heat(
            "purchases", "month", "active", 24)
        total, _stays, gone = heat["rows"]
        self.assertEqual([cell["text"] for cell in gone["cells"]],
                         ["1 / 1", "1 / 1", "0 / 1", "0 / 1", "0 / 1"])
        self.assertEqual([cell["text"] for cell in total["cells"]],
                         ["2 / 2", "2 / 2", "1 / 2", "1 / 2", "0 / 1"])
