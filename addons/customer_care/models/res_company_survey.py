from datetime import datetime, time, timedelta

import pytz
from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    care_survey_cooling_days = fields.Integer(
        "Rest between two questions", default=90,
        help="Days in which a person is asked once at most, over all survey programmes. 0: no "
        "rest.", groups="base.group_user", prefetch="customer_care")
    care_survey_from = fields.Char(
        "Questions come from",
        help="Sender of survey mails, as “Name <address>”. Empty: the company's address.",
        groups="base.group_user", prefetch="customer_care")
    care_survey_hour_from = fields.Float(
        "Not before", default=8.0,
        help="Hour of the company's day before which no survey mail leaves.",
        groups="base.group_user", prefetch="customer_care")
    care_survey_hour_until = fields.Float(
        "Not after", default=20.0,
        help="Hour of the company's day after which survey mails wait for the next day.",
        groups="base.group_user", prefetch="customer_care")

    _care_survey_numbers = models.Constraint(
        "CHECK(care_survey_cooling_days >= 0 AND care_survey_hour_from >= 0"
        " AND care_survey_hour_until <= 24 AND care_survey_hour_from < care_survey_hour_until)",
        "The rest between two questions cannot be negative, and the hours of survey mails must lie "
        "between 0 and 24, the first before the last.")

    def _care_survey_moment(self, now: datetime) -> datetime:
        """When a survey mail that is due now leaves: at once within the hours (naive UTC)."""
        self.ensure_one()
        zone = pytz.timezone(self._care_zone())
        local = pytz.utc.localize(now).astimezone(zone)
        hour = local.hour + local.minute / 60
        if self.care_survey_hour_from <= hour < self.care_survey_hour_until:
            return now
        day = local.date() + timedelta(days=hour >= self.care_survey_hour_until)
        first = time(int(self.care_survey_hour_from), int(self.care_survey_hour_from % 1 * 60))
        leaves = zone.localize(datetime.combine(day, first)).astimezone(pytz.utc)
        return max(leaves.replace(tzinfo=None), now)
