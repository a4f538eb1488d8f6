from odoo import api, models
from odoo.addons.sales_automation.engine import forecast
from odoo.tools import format_date

from .sales_forecast_board import Said


class SalesForecast(models.AbstractModel):
    """What is said of the months of a quarter counts in the quarter, too.

    Where nothing is said of the quarter itself, it says what its months say: each word on a
    month that is not over is a difference to what that month adds up to. A word on the quarter
    stands instead of them.
    """

    _inherit = "sales.forecast"

    @api.model
    def _get_months(self, period, rates):
        """Return {company id: {place: (difference, words)}} of the months of a quarter."""
        if period.kind != "quarter":
            return {}
        today = self._get_today(self.env.company)
        first, found = forecast.Period.of("month", period.start), {}
        for month in (first.shift(step) for step in range(forecast.MONTHS["quarter"])):
            words = month.end >= today and self.env["sales.forecast.adjustment"]._get_words(month)
            if not words:
                continue
            figures = self._get_figures(month)
            label = format_date(self.env, month.start, date_format="LLLL")
            for company_id, told in words.items():
                nothing = {"users": {}, "teams": {}, "placed": set(), "homes": {}}
                said = Said(company_id, rates[company_id], told, nothing, {})
                self._add_month(
                    found.setdefault(company_id, {}), figures.get(company_id, {}), said, label)
        return found

    @api.model
    def _add_month(self, found, figures, said, label):
        """Add the differences of one month, by place, and the words that made them."""
        for row in self._build_company(self._get_places(figures, said), figures, said):
            if not row["words"]:
                continue
            place = {
                "company": (None, None), "team": (row["team_id"], False),
                "person": (row["team_id"], row["user_id"])}[row["level"]]
            difference, words = found.get(place, (0, []))
            found[place] = (
                difference + row["forecast"] - row["rolled_up"],
                words + [{**word, "month": label} for word in row["words"]])

    @api.model
    def _find_call(self, said, place, word):
        """What counts for the engine: the word on the period, else those on its months."""
        own = word._to_engine(said.rate)
        if own or place not in said.months:
            return own
        return forecast.Adjustment("delta", "commit", said.months[place][0])

    @api.model
    def _find_told(self, said, place, word):
        """The words that made the figure, as the screen tells them."""
        if word._to_engine(said.rate) or place not in said.months:
            return self._describe_word(word, said.rate)
        return said.months[place][1]
