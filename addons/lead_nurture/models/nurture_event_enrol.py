from odoo import api, models


class NurtureEvent(models.Model):
    """New events let people in where a scenario waits for them."""

    _inherit = "nurture.event"

    @api.model
    def _after_insert(self, events):
        super()._after_insert(events)
        scenarios = self.env["nurture.scenario"].sudo().search(  # sudo: of all companies
            [("state", "=", "running"), ("trigger_kind", "in", ("event", "webhook"))]
        )
        wanted = {"custom"} if "webhook" in scenarios.mapped("trigger_kind") else set()
        for scenario in scenarios:
            wanted.update(scenario._event_kinds_of(scenario.event_kind))
        if any(event.kind in wanted for event in events):
            self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_enrol")
