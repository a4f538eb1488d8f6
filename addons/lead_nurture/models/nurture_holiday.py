from datetime import date, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import local_time
from odoo.tools import SQL

# the years around now for which days that come every year are reckoned
YEARS = range(-1, 3)


class NurtureHoliday(models.Model):
    """One public holiday of a country, kept by its people whatever our own calendar says."""

    _name = "nurture.holiday"
    _inherit = "nurture.shared"
    _description = "Public holiday"
    _order = "date, country_id, id"

    name = fields.Char(required=True, translate=True)
    date = fields.Date("Day", required=True)
    yearly = fields.Boolean("Every year", help="The same day and month in each year.")
    country_id = fields.Many2one(
        "res.country", "Country", index=True, help="Empty: kept in all countries."
    )
    company_id = fields.Many2one(
        "res.company", "Company", index=True, default=lambda self: self._default_company_id(),
        help="Empty: looked at by all companies.",
    )  # fmt: skip

    _day_uniq = models.UniqueIndex(
        "(date, COALESCE(country_id, 0), COALESCE(company_id, 0))",
        "This day is in the list already.",
    )

    @api.model
    def _closed_days(self, countries, company, now, own=False):
        """{country id: days}: the holidays of these countries around `now`, as people there
        count days. With `own` also the days on which the calendar of the company is closed."""
        self.flush_model()
        everywhere, of_country = set(), {country_id: set() for country_id in countries}
        for country_id, day, yearly in self.env.execute_query(
            self._query_days(list(countries), company.id, now)
        ):
            days = of_country[country_id] if country_id else everywhere
            days.update(self._each_year(day, now.year) if yearly else [day])
        if own:
            everywhere |= self._company_days(company, now)
        return {
            country_id: frozenset(days | everywhere) for country_id, days in of_country.items()
        }

    @api.model
    def _each_year(self, day, year):
        """29 February only in years that have one."""
        for shift in YEARS:
            try:
                yield date(year + shift, day.month, day.day)
            except ValueError:
                continue

    @api.model
    def _company_days(self, company, now):
        """Days that the calendar of the company is closed: those whose noon is time off."""
        calendar = company.resource_calendar_id
        place = local_time.zone(calendar.tz) or ZoneInfo("UTC")
        # sudo: whoever runs a scenario
        leaves = self.env["resource.calendar.leaves"].sudo().search(
            [
                ("resource_id", "=", False),
                ("calendar_id", "in", [calendar.id, False]),
                ("company_id", "in", [company.id, False]),
                ("date_to", ">=", now - timedelta(days=2)),
                ("date_from", "<=", now + timedelta(days=local_time.HORIZON)),
            ]
        )
        found = set()
        for leave in leaves:
            start = local_time.to_local(leave.date_from, place)
            end = local_time.to_local(leave.date_to, place)
            day = start.date() + timedelta(days=start.hour >= 12)
            while (day < end.date()) or (day == end.date() and end.hour >= 12):
                found.add(day)
                day += timedelta(days=1)
        return found

    @api.model
    def _query_days(self, country_ids, company_id, now):
        # index nurture_holiday_day_uniq
        return SQL(
            """SELECT country_id, date, yearly IS TRUE FROM nurture_holiday
                WHERE (country_id IS NULL OR country_id = ANY(%(countries)s))
                  AND (company_id IS NULL OR company_id = %(company)s)
                  AND (yearly IS TRUE OR date BETWEEN %(since)s AND %(until)s)""",
            countries=country_ids,
            company=company_id,
            since=now.date() - timedelta(days=2),
            until=now.date() + timedelta(days=local_time.HORIZON),
        )
