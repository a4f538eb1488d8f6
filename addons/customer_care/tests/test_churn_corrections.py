"""What today's documents would print otherwise: found whoever changed, and kept."""
from datetime import date, datetime

from freezegun import freeze_time
from odoo.tests import tagged

from .common_churn import ChurnCommon


@tagged("post_install", "-at_install")
class TestCorrections(ChurnCommon):

    def _recount(self, partner):
        """What the cron does by day with a mark, and the night after it."""
        with freeze_time("2025-07-04 09:00:00"):
            self.env["care.customer"].sudo()._refresh_wholly(self.company, partner.ids)
        self._night(date(2025, 7, 5))

    def _print_spring(self):
        self.company.care_lapse_days = 40
        for month in (2, 3, 4, 5, 6, 7):
            self._night(date(2025, month, 4))

    def test_a_day_moved_inside_a_customer_s_history(self):  # CC-10
        """First, last two and all totals stay as they were; two months would not."""
        partner = self._create_customer("Moved")
        march = [self._create_posted(partner, date(2025, month, 5)) for month in (1, 2, 3, 5, 6)][2]
        self._print_spring()
        self.assertFalse(self.corrections.search([("partner_id", "=", partner.id)]))
        before = self._care(partner).read(["revenue_net", "purchase_days", "computed_at"])
        march.button_draft()
        march.invoice_date = date(2025, 4, 25)
        march.action_post()
        self._recount(partner)
        self.assertEqual(self._care(partner).read(
            ["revenue_net", "purchase_days", "computed_at"]), before, "the same in all")
        self.assertEqual(
            {row.date_from: row.purchases for row in self.corrections.search([
                ("partner_id", "=", partner.id), ("span", "=", "month"), ("purchases", "!=", 0)])},
            {date(2025, 3, 1): -1, date(2025, 4, 1): 1})

    def test_who_has_new_figures_is_written_once(self):  # P-7
        """His new figures say that a document changed; only who has none is told apart."""
        richer, same = (self._buys(name, date(2025, 1, 5)) for name in ("Richer", "Same"))
        first, second = datetime(2025, 7, 3, 9), datetime(2025, 7, 4, 9)
        for now in (first, second):
            with freeze_time(now):
                self.env["care.customer"].sudo()._refresh_wholly(
                    self.company, (richer | same).ids)
            self._create_posted(richer, date(2025, 3, 20))
        self.assertEqual(
            [(care.computed_at, care.recounted_at) for care in map(self._care, (richer, same))],
            [(second, False), (first, second)])

    def test_corrections_of_older_definitions_stay(self):  # CC-10
        """What is not compared any more keeps what was found of it."""
        self._buys("First", date(2025, 1, 5))
        partner = self._buys("Late", date(2025, 2, 20), date(2025, 3, 20))
        self._print_spring()
        self._create_posted(partner, date(2025, 1, 20))
        self._recount(partner)
        found = self._period().correction_ids
        self.assertEqual((found.partner_id, found.arrived), (partner, 1))
        older = self.env["care.churn.definition"].sudo().search([
            ("company_id", "=", self.company.id)])
        older.figures_version -= 1
        self._night(date(2025, 8, 4))
        self.assertEqual(self._period(date(2025, 7, 1)).definition_id.version, older.version + 1)
        self._create_posted(partner, date(2025, 7, 25))
        self.corrections._look_again(self.company, partner.ids, datetime(2025, 8, 5, 1))
        self.assertEqual(self._period(date(2025, 7, 1)).correction_ids.partner_id, partner)
        self.assertEqual(self._period().correction_ids, found)
