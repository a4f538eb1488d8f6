from odoo import models

from .care_build import CHUNK
from .care_purchases import Scope


class CareNight(models.Model):
    _inherit = "care.night"

    def _night_steps(self):
        return super()._night_steps() | {
            "product_month": {"label": self.env._("Units sold by month"), "sequence": 61},
            "voices": {"label": self.env._("Voice of the customer: cases"), "sequence": 64},
            "voices_feedback": {
                "label": self.env._("Voice of the customer: answers"), "sequence": 64},
            "voices_daily": {
                "label": self.env._("Voice of the customer: daily notes"), "sequence": 64},
            "alerts": {"label": self.env._("Product alerts"), "sequence": 65},
        }

    def _night_product_month(self, company, now, position):
        """Some customers after the others; nothing to do where no customer was ever heard."""
        months = self.env["care.product.month"]
        if not self.env["care.voice"].with_context(active_test=False).search_count(
                [("company_id", "=", company.id)], limit=1):
            return None
        if not position:
            months._begin(company)
        until, count = self.env["care.build"]._query_chunk_end(position, CHUNK // 4)
        if not count:
            months._end(company)
            return None
        months._add(company, Scope(after=position, until=until), company._care_today(now))
        return until

    def _night_voices(self, company, now, position):
        """What was said and not heard at once: of old, by import, in other files."""
        return self.env["care.voice"]._gather(company, now, position)

    def _night_voices_feedback(self, company, now, position):
        return self.env["care.voice"]._gather_feedback(company, now, position)

    def _night_voices_daily(self, company, now, position):
        return self.env["care.voice"]._gather_daily(company, now, position)

    def _night_alerts(self, company, now, position):
        """Clusters that nobody's save showed; then who is concerned, and what is usual."""
        alerts = self.env["care.alert"]
        if not position:
            alerts._find_clusters(company, now)
        still = alerts.search([("company_id", "=", company.id), ("state", "!=", "closed")])
        until, count = self.env["care.build"]._query_chunk_end(position, CHUNK)
        if still and count:
            still._refresh_buyers(Scope(after=position, until=until))
            return until
        still._refresh(now)
        alerts._keep_tags(company, now)
        return None
