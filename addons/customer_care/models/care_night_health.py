from odoo import models

from .care_night_rfm import CHUNK
from .care_purchases import Scope


class CareNight(models.Model):
    _inherit = "care.night"

    def _night_steps(self):
        return super()._night_steps() | {
            "health": {"label": self.env._("Health"), "sequence": 45, "fresh": True},
        }

    def _night_health(self, company, now, position):
        """Days went by, invoices fell due, words of people ran out."""
        until = self.env["care.rfm"]._query_chunk_end(company, position, CHUNK)
        if until is not None:
            self.env["care.health"]._rejudge(company, Scope(after=position, until=until), now)
        return until

    def _fresh_health(self, company, scope, now):
        self.env["care.health"]._rejudge(company, scope, now)
