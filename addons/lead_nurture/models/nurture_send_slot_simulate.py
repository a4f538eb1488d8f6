from datetime import datetime, time

from odoo import api, models
from odoo.addons.lead_nurture.engine.rate import Places


class NurtureSendSlot(models.Model):
    """A simulation sees the places of a server that are taken, and keeps those that it takes to
    itself: lanes are not held up by it."""

    _inherit = "nurture.send.slot"

    @api.model
    def _places(self, server, company, limits, now):
        script = self.env["nurture.simulation"]._script()
        if not script:
            return super()._places(server, company, limits, now)
        since = datetime.combine(now.date(), time())
        taken = dict(self.env.execute_query(self._query_taken(server, company, since)))
        for hour, number in script.places.get((server.id, company.id), {}).items():
            taken[hour] = taken.get(hour, 0) + number
        return Places(limits, taken)

    @api.model
    def _save(self, server, company, added):
        script = self.env["nurture.simulation"]._script()
        if not script:
            super()._save(server, company, added)
            return
        own = script.places.setdefault((server.id, company.id), {})
        for hour, number in added.items():
            own[hour] = own.get(hour, 0) + number
