from odoo import models

from .care_purchases import Scope

#: Customers per chunk of the night: some seconds when all are written, one or two otherwise.
CHUNK = 50_000


class CareNight(models.Model):
    _inherit = "care.night"

    def _night_steps(self):
        return super()._night_steps() | {
            "rfm": {"label": self.env._("RFM segments"), "sequence": 40, "fresh": True},
            "tags": {"label": self.env._("Contact tags of segments"), "sequence": 48},
        }

    def _night_rfm(self, company, now, position):
        """Days went by: recency falls, and with it the segment."""
        if not position:
            self.env["care.rfm.border"]._keep_current(company, now)
        rfm = self.env["care.rfm"]
        until = rfm._query_chunk_end(company, position, CHUNK)
        if until is None:
            self.env["care.rfm.border"]._current(company).settled = True
        else:
            rfm._rescore(company, Scope(after=position, until=until), now)
        return until

    def _fresh_rfm(self, company, scope, now):
        self.env["care.rfm"]._rescore(company, scope, now)

    def _night_tags(self, company, now, position):
        self.env["care.tag"]._keep_in_step(company, now)
