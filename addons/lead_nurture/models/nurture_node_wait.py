from odoo import fields, models
from odoo.addons.lead_nurture.engine import cadence
from odoo.addons.lead_nurture.engine.outcome import Outcome

UNITS = [("minutes", "minutes"), ("hours", "hours"), ("days", "days"), ("weeks", "weeks")]


class NurtureNode(models.Model):
    """The step at which people stand until some time has passed.

    How long is said by a mode: an entry of the selection and `_wait_until_<mode>(enrolments, now)`
    → {enrolment: moment, or None to go on at once}; `_wait_text_<mode>()` says it in words,
    `_wait_problem_<mode>()` what is missing.
    """

    _inherit = "nurture.node"

    wait_mode = fields.Selection(
        [("delay", "For some time")], "How", required=True, default="delay"
    )
    delay_count = fields.Integer("Wait", default=1)
    delay_unit = fields.Selection(UNITS, default="days")

    _delay_positive = models.Constraint(
        "CHECK(delay_count >= 0 AND delay_count <= 100000)",
        "A wait is between 0 and 100,000 units long.",
    )

    def _node_kinds(self):
        return {
            **super()._node_kinds(),
            "wait": {
                "label": self.env._("Wait"),
                "help": self.env._(
                    "Some days, working hours only, or up to a date of the lead."
                ),
                "icon": "fa-clock-o",
                "group": "time",
                "exits": ("next",),
                "pauses": True,
            },
        }

    def _run_node_wait(self, enrolments, now):
        until = self._of_mode("_wait_until", enrolments, now)
        return {
            enrolment: Outcome.wait(moment)
            if moment and (moment > now or self.wait_mode == "delay")
            else Outcome.go(result="time")
            for enrolment, moment in until.items()
        }

    def _summary_node_wait(self):
        return self._of_mode("_wait_text")

    def _problem_node_wait(self):
        return self._of_mode("_wait_problem")

    def _of_mode(self, prefix, *arguments):
        return getattr(self, f"{prefix}_{self.wait_mode}")(*arguments)

    # ------------------------------------------------------------
    # FOR SOME TIME
    # ------------------------------------------------------------

    def _wait_until_delay(self, enrolments, now):
        return dict.fromkeys(enrolments, self._due(now))

    def _wait_text_delay(self):
        return self._delay_text()

    def _wait_problem_delay(self):
        if not (self.delay_count and self.delay_unit):
            return self.env._("“%s” does not say how long to wait.", self.name)
        return False

    def _due(self, now):
        return cadence.due(now, self.delay_count, self.delay_unit)

    def _delay_text(self):
        _ = self.env._
        if self.delay_count == 1:
            one = {
                "minutes": _("1 minute"),
                "hours": _("1 hour"),
                "days": _("1 day"),
                "weeks": _("1 week"),
            }
            return one.get(self.delay_unit, "")
        units = dict(self._fields["delay_unit"]._description_selection(self.env))
        return f"{self.delay_count} {units.get(self.delay_unit, '')}"
