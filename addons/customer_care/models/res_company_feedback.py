from datetime import date, datetime, time

import pytz
from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    care_min_answers = fields.Integer(
        "Answers for a figure", default=10,
        help="NPS, CES and CSAT of a page, a segment or a digest are shown from so many answers "
        "on; below, the page says how many there are.",
        groups="base.group_user", prefetch="customer_care")
    care_follow_days = fields.Integer(
        "Call back within", default=2,
        help="Working days after a bad answer until the customer should have been called, where no "
        "programme says otherwise. The day after, the leader is told.",
        groups="base.group_user", prefetch="customer_care")
    care_follow_rest_days = fields.Integer(
        "One call-back per person in", default=30,
        help="Days in which a person who answers one programme badly again is called back once.",
        groups="base.group_user", prefetch="customer_care")

    _care_feedback_numbers = models.Constraint(
        "CHECK(care_min_answers > 0 AND care_follow_days >= 0 AND care_follow_rest_days >= 0)",
        "A figure needs an answer at least, and days cannot be negative.")

    def _care_begin(self, day: date) -> datetime:
        """The moment at which a day of the company begins (naive UTC)."""
        zone = pytz.timezone(self._care_zone())
        begins = zone.localize(datetime.combine(day, time.min))
        return begins.astimezone(pytz.utc).replace(tzinfo=None)
