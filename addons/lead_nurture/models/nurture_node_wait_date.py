from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import local_time
from odoo.addons.lead_nurture.engine.outcome import Outcome
from odoo.exceptions import ValidationError

from .nurture_node_wait_clock import clock_text


class NurtureNode(models.Model):
    """Waits for a date that the lead knows: a trial's end, an expected closing."""

    _inherit = "nurture.node"

    wait_mode = fields.Selection(
        selection_add=[("date", "Until a date of the lead")], ondelete={"date": "set default"}
    )
    date_field = fields.Selection(
        selection="_selection_date_field",
        string="Date",
        help="Read again when the time is up: who has got a later date by then waits for that. "
        "Without a date, or when it has passed, the person goes on at once.",
    )
    date_shift = fields.Integer("Shift", help="In days: -3 is three days before, 3 is after.")
    date_hour = fields.Float("At", default=9.0, help="Time of day where the person lives.")

    @api.constrains("date_hour", "date_shift")
    def _check_date_hour(self):
        for node in self:
            if not 0 <= node.date_hour < 24:
                raise ValidationError(
                    self.env._("“%s”: the time of day is from 0:00 to 23:59.", node.name)
                )
            if abs(node.date_shift) > 3650:
                raise ValidationError(
                    self.env._("“%s”: a date is shifted by ten years at most.", node.name)
                )

    @api.model
    def _selection_date_field(self):
        found = self.env["crm.lead"].fields_get(attributes=["type", "string", "store"])
        return sorted(
            (
                (name, spec["string"])
                for name, spec in found.items()
                if spec["type"] in ("date", "datetime") and spec.get("store")
            ),
            key=lambda item: item[1],
        )

    def _wait_until_date(self, enrolments, now):
        places = enrolments.person_id._places(self.company_id)
        leads = enrolments._leads_as_owner()
        known = leads.search_fetch([("id", "in", leads.ids)], [self.date_field])
        value_of = {lead.id: lead[self.date_field] for lead in known}
        return {
            enrolment: self._moment_of(
                value_of.get(enrolment.lead_id.id), places[enrolment.person_id.id].zone
            )
            for enrolment in enrolments
        }

    def _moment_of(self, value, zone):
        """The day of `value` there, shifted, at the chosen time of day; None without a value."""
        if not value:
            return None
        day = local_time.to_local(value, zone).date() if isinstance(value, datetime) else value
        minutes = timedelta(minutes=round(self.date_hour * 60))
        wall = datetime.combine(day + timedelta(days=self.date_shift), time()) + minutes
        return local_time.to_utc(wall, zone)

    def _release_node_wait(self, enrolments, now):
        """Whose date has moved in the meantime waits on."""
        until = self._wait_until_date(enrolments, now) if self.wait_mode == "date" else {}
        return {
            enrolment: Outcome.wait(until[enrolment])
            if until.get(enrolment) and until[enrolment] > now
            else Outcome.go(result="time")
            for enrolment in enrolments
        }

    def _wait_text_date(self):
        _ = self.env._
        name = dict(self._selection_date_field()).get(self.date_field, "")
        hour = clock_text(self.date_hour)
        if not self.date_shift:
            return _("%(date)s, %(hour)s", date=name, hour=hour)
        days = abs(self.date_shift)
        if self.date_shift < 0:
            return _("%(days)s days before %(date)s, %(hour)s", days=days, date=name, hour=hour)
        return _("%(days)s days after %(date)s, %(hour)s", days=days, date=name, hour=hour)

    def _wait_problem_date(self):
        if not self.date_field:
            return self.env._("“%s” does not say for which date of the lead to wait.", self.name)
        return False
