from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import business, local_time
from odoo.exceptions import ValidationError

HALF_PAST = "%02d:%02d"


def clock_text(hours):
    """08:30 for 8.5."""
    return HALF_PAST % divmod(round(hours * 60), 60)


class NurtureNode(models.Model):
    """Waits by the clock and the holidays of the place where each person lives."""

    _inherit = "nurture.node"

    wait_mode = fields.Selection(
        selection_add=[
            ("working", "For some working time"),
            ("window", "Until certain hours of the week"),
        ],
        ondelete={"working": "set default", "window": "set default"},
        help="Working time is that of the company's working hours; all hours are those of the "
        "clock where the person lives.",
    )
    working_unit = fields.Selection(
        [("hours", "working hours"), ("days", "working days")], required=True, default="days"
    )
    weekday_ids = fields.Many2many(
        "nurture.weekday", "nurture_node_weekday_rel", string="Days", help="Empty: every day."
    )
    hour_from = fields.Float("From", default=8.0)
    hour_to = fields.Float(
        "To", default=18.0, help="Not later than the beginning: goes on into the next morning."
    )
    skip_holidays = fields.Boolean(
        "Not on holidays",
        default=True,
        help="Days of the list of holidays for the country of the person, and days on which the "
        "company's own calendar is closed.",
    )

    @api.constrains("hour_from", "hour_to")
    def _check_hours(self):
        for node in self:
            if not (0 <= node.hour_from <= 24 and 0 <= node.hour_to <= 24):
                raise ValidationError(
                    self.env._("“%s”: hours are from 0:00 to 24:00.", node.name)
                )

    # ------------------------------------------------------------
    # WORKING TIME
    # ------------------------------------------------------------

    def _wait_until_working(self, enrolments, now):
        hours = self.company_id._nurture_working_hours()
        after = {"hours": business.after_hours, "days": business.after_days}[self.working_unit]
        return self._ask_clocks(
            enrolments,
            now,
            lambda zone, closed: after(now, self.delay_count, zone, hours, closed),
        )

    def _wait_text_working(self):
        units = dict(self._fields["working_unit"]._description_selection(self.env))
        return f"{self.delay_count} {units[self.working_unit]}"

    def _wait_problem_working(self):
        if local_time.never_open(self.company_id._nurture_working_hours()):
            return self.env._(
                "“%(step)s” waits for working time, but the working hours of %(company)s are "
                "empty.",
                step=self.name,
                company=self.company_id.name,
            )
        if not self.delay_count:
            return self.env._("“%s” does not say how long to wait.", self.name)
        return False

    # ------------------------------------------------------------
    # HOURS OF THE WEEK
    # ------------------------------------------------------------

    def _wait_until_window(self, enrolments, now):
        hours = self._window()
        return self._ask_clocks(
            enrolments, now, lambda zone, closed: local_time.next_open(now, zone, hours, closed)
        )

    def _wait_text_window(self):
        days = ", ".join(self.weekday_ids.mapped("name")) or self.env._("Every day")
        return f"{days}, {clock_text(self.hour_from)}-{clock_text(self.hour_to)}"

    def _wait_problem_window(self):
        if local_time.never_open(self._window()):
            return self.env._("The hours of “%s” leave no minute of the week open.", self.name)
        return False

    def _window(self):
        return local_time.daily(
            self.weekday_ids._numbers(), round(self.hour_from * 60), round(self.hour_to * 60)
        )

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _ask_clocks(self, enrolments, now, answer):
        """{enrolment: answer(zone, closed days)}, asked once for all who share both."""
        places = enrolments.person_id._places(self.company_id)
        closed = {}
        if self.skip_holidays:
            countries = {place.country_id for place in places.values()}
            closed = self.env["nurture.holiday"]._closed_days(
                countries, self.company_id, now, own=True
            )
        answers = {
            place: answer(place.zone, closed.get(place.country_id, ()))
            for place in set(places.values())
        }
        return {enrolment: answers[places[enrolment.person_id.id]] for enrolment in enrolments}
