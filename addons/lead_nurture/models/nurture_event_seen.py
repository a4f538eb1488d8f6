from odoo import api, models

SEEN = ("mail_open", "mail_click")


class NurtureEvent(models.Model):
    """Opens and clicks of humans are counted at the step whose message they saw, also when events
    are classed anew."""

    _inherit = "nurture.event"

    @api.model
    def _after_insert(self, events):
        super()._after_insert(events)
        seen = events.filtered(
            lambda e: e.kind in SEEN and e.res_model == "nurture.send" and e.actor == "human"
        )
        self.env["nurture.send.seen"]._note(seen)

    @api.model
    def _scores_follow(self, person_ids, silent):
        super()._scores_follow(person_ids, silent)
        self.env["nurture.send.seen"]._follow(person_ids)
