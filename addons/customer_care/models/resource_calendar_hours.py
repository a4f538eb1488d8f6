from odoo import api, models

#: What decides about the hours beside the lines; the last two where they are flexible.
HOURS = {"tz", "two_weeks_calendar", "schedule_type", "hours_per_day", "full_time_required_hours"}


class ResourceCalendar(models.Model):
    """Working hours of a team that change move the deadlines of its open cases."""

    _inherit = "resource.calendar"

    def write(self, vals):
        result = super().write(vals)
        if not HOURS.isdisjoint(vals):
            self._care_tell_deadlines()
        return result

    def _care_tell_deadlines(self):
        """Once, at the end of the transaction: an edited week is many lines."""
        # Whoever plans the hours need not work with cases; archived teams have open ones, too.
        teams = self.env["care.team"].sudo().with_context(active_test=False)
        companies = teams.search([("resource_calendar_id", "in", self.ids)]).company_id
        pending = self.env.cr.precommit
        waiting = pending.data.get("customer_care.hours")
        if waiting is not None:
            waiting.update(companies.ids)
        elif companies:
            pending.data["customer_care.hours"] = set(companies.ids)
            pending.add(teams.env["care.case"]._tell_changed_hours)


class ResourceCalendarAttendance(models.Model):
    """A line of working hours."""

    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.calendar_id._care_tell_deadlines()
        return lines

    def write(self, vals):
        calendars = self.calendar_id
        result = super().write(vals)
        (calendars | self.calendar_id)._care_tell_deadlines()
        return result

    def unlink(self):
        calendars = self.calendar_id
        result = super().unlink()
        calendars._care_tell_deadlines()
        return result
