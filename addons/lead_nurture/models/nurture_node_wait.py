from odoo import fields, models
from odoo.addons.lead_nurture.engine import cadence
from odoo.addons.lead_nurture.engine.outcome import Outcome

UNITS = [("minutes", "minutes"), ("hours", "hours"), ("days", "days"), ("weeks", "weeks")]


class NurtureNode(models.Model):
    """The step at which people stand until some time has passed."""

    _inherit = "nurture.node"

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
                "icon": "fa-clock-o",
                "group": "time",
                "exits": ("next",),
                "pauses": True,
            },
        }

    def _run_node_wait(self, enrolments, now):
        return dict.fromkeys(enrolments, Outcome.wait(self._due(now)))

    def _summary_node_wait(self):
        return self._delay_text()

    def _problem_node_wait(self):
        if not (self.delay_count and self.delay_unit):
            return self.env._("“%s” does not say how long to wait.", self.name)
        return False

    def _due(self, now):
        return cadence.due(now, self.delay_count, self.delay_unit)

    def _delay_text(self):
        units = dict(self._fields["delay_unit"]._description_selection(self.env))
        return f"{self.delay_count} {units.get(self.delay_unit, '')}"
