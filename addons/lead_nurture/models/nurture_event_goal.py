from odoo import api, models

SWEEP = "lead_nurture.ir_cron_leave"


class NurtureEvent(models.Model):
    """What happens may be somebody's goal, or the end of his journey: have it looked at now."""

    _inherit = "nurture.event"

    @api.model
    def _after_insert(self, events):
        super()._after_insert(events)
        # sudo: events come in by anybody, rules are not theirs to read
        rules = self.env["nurture.scenario.rule"].sudo().search(
            [("scenario_id.state", "in", ("running", "paused"))]
        )
        if {"segment_enter", *rules._told_by()} & {*events.mapped("kind")}:
            self.env["ir.cron"]._nurture_wake(SWEEP)
