from odoo.tests import tagged

from .test_forecast import MARCH, NOW, ForecastCase

QUARTER = ("quarter", "2026-01-01")


@tagged("post_install", "-at_install")
class TestForecastMonths(ForecastCase):
    """What is said of March is in what the quarter says."""

    def _forecast(self, board, user=None, team=None):
        return self._row(board, user, team)["forecast"]

    def test_month_words_add_up_to_the_quarter(self):  # SA-11
        """Ines: 1,500 and 100 more. The field: 1,800 instead of 2,000. The company: 50 more."""
        field = {"team_id": self.team_field.id}
        with self.at(NOW):
            self._populate()
            before = self._desk().get_forecast(*QUARTER)
            self._adjust(self.ines, 100, user_id=self.ines.id, team_id=self.team_inside.id)
            self._adjust(self.max, 1800, kind="absolute", **field)
            self._adjust(self.max, 50)
            self._adjust(self.max, 9000, date_start="2026-01-15")  # January is over
            month, quarter = (self._desk().get_forecast(*period) for period in (MARCH, QUARTER))
            self.env["sales.forecast.snapshot"]._take(self.house)
            kept = self.env["sales.forecast.snapshot"].search([
                ("company_id", "=", self.house.id), ("level", "=", "company"),
                ("period_kind", "=", "quarter"), ("date_start", "=", "2026-01-01")])
            self._adjust(self.max, 2500, kind="absolute", period_kind="quarter",
                         date_start="2026-01-01", **field)
            said = self._desk().get_forecast(*QUARTER)
        self.assertEqual(self._forecast(before), 3500)
        for board in (month, quarter):
            self.assertEqual(self._forecast(board, self.ines, self.team_inside), 1600)
            self.assertEqual(self._forecast(board, team=self.team_field), 1800)
            self.assertEqual(self._forecast(board), 1600 + 1800 + 50)
        [word] = self._row(quarter, team=self.team_field)["words"]
        self.assertEqual((word["month"], word["amount"]), ("March", 1800))
        self.assertEqual(kept.amount, 3450, "what was said is kept")
        self.assertEqual(self._forecast(said, team=self.team_field), 2500, "a word of its own")
        self.assertEqual(self._forecast(said), 1600 + 2500 + 50)
