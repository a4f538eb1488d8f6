from odoo import models

from .care_build import CHUNK
from .care_purchases import Scope


class CareNight(models.Model):
    _inherit = "care.night"

    def _night_steps(self):
        return super()._night_steps() | {
            "products": {
                "label": self.env._("Purchases by product"), "sequence": 60, "fresh": True},
        }

    def _night_products(self, company, now, position):
        """Some customers' products after the others; then what is typical of each product."""
        until, count = self.env["care.build"]._query_chunk_end(position, CHUNK // 4)
        if not count:
            self.env["care.product.history"]._settle_pace(company)
            return None
        self.env["care.product.history"]._refresh(company, Scope(after=position, until=until))
        return until

    def _fresh_products(self, company, scope, now):
        self.env["care.product.history"]._refresh(company, scope)
