from datetime import datetime, timedelta

from odoo import api, models

#: What one night looks back at; a night may have been missed.
NIGHTS = timedelta(days=7)


class CareNight(models.Model):
    """What tills wrote long after the sale (edited, invoiced, sent late) is found by night."""

    _inherit = "care.night"

    @api.model
    def _night_steps(self):
        steps = super()._night_steps()
        if self.env["care.purchases"]._has_pos():
            steps["till"] = {"label": self.env._("Point of sale"), "sequence": 5}
        return steps

    def _night_till(self, company, now, position):
        """Customers of orders written in the last days, however old the orders are."""
        if company.care_pos:
            partners = self.env["care.customer"]._query_till(
                company, now - NIGHTS, datetime.min)
            self.env["care.dirty"]._mark({(partner, company.id) for partner in partners})
