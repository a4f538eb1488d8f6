from odoo import api, fields, models
from odoo.addons.lead_nurture.engine.outcome import Outcome


class NurtureNode(models.Model):
    """The step at which people stand until something happens, or time is up."""

    _inherit = "nurture.node"

    event_kind = fields.Selection(
        selection="_selection_event_kind",
        string="Event",
        default="mail_click",
        help="Only what a human did counts; hits of mail gateways and scanners never do.",
    )
    event_scope = fields.Selection(
        [("scenario", "On the mails of this scenario"), ("any", "Anywhere")],
        "Where",
        default="scenario",
        required=True,
    )
    event_since = fields.Selection(
        [("step", "This step began"), ("entry", "The person entered")],
        "Counted since",
        default="step",
        required=True,
        help="A branch always counts from the moment the person entered the scenario.",
    )

    @api.model
    def _selection_event_kind(self):
        kinds = self.env["nurture.event"]._fields["kind"]
        return kinds._description_selection(self.env)

    def _node_kinds(self):
        return {
            **super()._node_kinds(),
            "wait_event": {
                "label": self.env._("Wait for an event"),
                "help": self.env._(
                    "Until somebody clicks, answers or visits, with a limit in time."
                ),
                "icon": "fa-hourglass-half",
                "group": "time",
                "exits": ("yes", "timeout"),
                "pauses": True,
            },
        }

    def _run_node_wait_event(self, enrolments, now):
        """What was waited for may have happened already; else stand here until it does."""
        waiter = self.env["nurture.waiter"]
        waiter._arm(enrolments, self, now)
        happened = waiter._happened(enrolments)
        return {
            **dict.fromkeys(happened, Outcome.go("yes", "event")),
            **dict.fromkeys(enrolments - happened, Outcome.wait(self._due(now))),
        }

    def _release_node_wait_event(self, enrolments, now):
        """Time is up, unless the event is on record and only its wake-up call got lost."""
        happened = self.env["nurture.waiter"]._happened(enrolments)
        return {
            **dict.fromkeys(happened, Outcome.go("yes", "event")),
            **dict.fromkeys(enrolments - happened, Outcome.go("timeout", "time")),
        }

    def _exit_text_node_wait_event(self, label):
        if label == "yes":
            return self._event_text()
        return self.env._("After %s", self._delay_text())

    def _summary_node_wait_event(self):
        return self.env._(
            "%(event)s, at most %(time)s", event=self._event_text(), time=self._delay_text()
        )

    def _problem_node_wait_event(self):
        return self._wait_problem_delay()

    def _event_text(self):
        return dict(self._selection_event_kind()).get(self.event_kind, "")

    def _counts_own_mails(self):
        """Only events that stem from a mail can be asked to stem from a mail of this journey."""
        return self.event_scope == "scenario" and self.event_kind.startswith("mail_")
