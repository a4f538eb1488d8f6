from odoo import api, models

from .nurture_event import DERIVED_KINDS

OPENED = ("sent", "open", "reply", "bounce")


class NurtureEvent(models.Model):
    """New events wake who waits for them, let people in, and tell core's statistics."""

    _inherit = "nurture.event"

    @api.model
    def _after_insert(self, events):
        super()._after_insert(events)
        human = events.filtered(lambda event: event.actor == "human")
        self.env["nurture.waiter"]._wake(human)
        human._mark_traces()
        if any(event.kind in DERIVED_KINDS for event in events):
            self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_enrol")

    def _mark_traces(self):
        """Opens and clicks of humans go to core's trace; one still being sent is left alone,
        because a change of it would make its sender fail after the mail has left."""
        for kind, mark in (("mail_open", "set_opened"), ("mail_click", "set_clicked")):
            events = self.filtered(
                lambda e, k=kind: e.kind == k and e.res_model == "nurture.send"
            )
            if events:
                sends = self.env["nurture.send"].browse(events.mapped("res_id"))
                traces = sends.trace_id.filtered(lambda trace: trace.trace_status in OPENED)
                getattr(traces, mark)()
                if kind == "mail_click":
                    traces.set_opened()
