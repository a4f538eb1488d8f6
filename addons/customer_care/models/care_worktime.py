from datetime import timedelta

import pytz
from odoo import api, models
from odoo.addons.customer_care.engine.worktime import WorkClock

#: Days beyond the last moment that are looked at first, and at most.
FIRST_LOOK, LAST_LOOK = 28, 1500


class CareWorktime(models.AbstractModel):
    """Clocks that run in the working hours of a calendar, its leaves and time zone included."""

    _name = "care.worktime"
    _description = "Working hours"

    @api.model
    def _get_clock(self, calendar, company, first, last, hours=0.0) -> WorkClock:
        """A clock from `first` to so many hours after `last` (naive UTC).

        Two queries, whatever the number of days. A calendar without hours gives one that stands.
        """
        days = FIRST_LOOK
        while True:
            end = last + timedelta(days=days)
            clock = WorkClock(self._get_spans(calendar, company, first, end))
            if days >= LAST_LOOK or clock.hours(last, end) >= hours:
                return clock
            days *= 4

    @api.model
    def _is_worktime(self, calendar, company, now, resource=None) -> bool:
        """Whether these are working hours of the calendar, or of somebody who works by it."""
        soon = now + timedelta(minutes=1)
        return bool(self._get_spans(calendar, company, now, soon, resource))

    @api.model
    def _get_spans(self, calendar, company, first, last, resource=None):
        # Leaves without a calendar hold for their own company only; core takes those of all.
        leaves = [("time_type", "=", "leave"), ("company_id", "in", (False, company.id))]
        spans = calendar._work_intervals_batch(
            pytz.utc.localize(first), pytz.utc.localize(last), domain=leaves,
            resources=resource)[resource.id if resource else False]
        return [
            (begin.astimezone(pytz.utc).replace(tzinfo=None),
             end.astimezone(pytz.utc).replace(tzinfo=None))
            for begin, end, _attendance in spans]
