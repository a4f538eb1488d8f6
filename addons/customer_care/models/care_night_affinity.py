from odoo import models

from .care_build import CHUNK
from .care_purchases import Scope


class CareNight(models.Model):
    _inherit = "care.night"

    def _night_steps(self):
        return super()._night_steps() | {
            "affinity": {
                "label": self.env._("Products bought together"), "sequence": 65, "every": 7},
            "proposals": {"label": self.env._("Proposals"), "sequence": 67, "fresh": True},
        }

    def _night_affinity(self, company, now, position):
        """Some customers' baskets after the others; then their judgement."""
        tally = self.env["care.affinity.tally"]
        if not position or not tally._is_begun(company):
            tally._begin(company)
            position = 0
        until, count = self.env["care.build"]._query_chunk_end(position, CHUNK // 8)
        today = company._care_today(now)
        if not count:
            self.env["care.affinity.count"]._settle(company, today)
            return None
        tally._add(company, Scope(after=position, until=until), today)
        return until

    def _night_proposals(self, company, now, position):
        """What became of some customers' proposals, and what can be proposed to them next."""
        until, count = self.env["care.build"]._query_chunk_end(position, CHUNK // 4)
        if not count:
            return None
        scope, today = Scope(after=position, until=until), company._care_today(now)
        proposals = self.env["care.proposal"]
        proposals._settle(company, scope, today)
        if company.care_proposals:
            proposals._propose(company, scope, today)
        return until

    def _fresh_proposals(self, company, scope, now):
        self.env["care.proposal"]._settle(company, scope, company._care_today(now))
