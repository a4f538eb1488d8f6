from odoo import models

from .care_cost_period import GRAINS

#: Years for which missing periods are printed, the running one included.
YEARS_BACK = 5
#: Years whose printed periods are looked at again.
YEARS_OPEN = 2


class CareNight(models.Model):
    _inherit = "care.night"

    def _night_steps(self):
        return super()._night_steps() | {
            "cost": {"label": self.env._("Retention cost"), "sequence": 58},
        }

    def _night_cost(self, company, now, position):
        """One kind of period of one year, from the oldest year on."""
        today, grains = company._care_today(now), list(GRAINS)
        back, index = divmod(position, len(grains))
        year, grain = today.year - YEARS_BACK + 1 + back, grains[index]
        periods = self.env["care.cost.period"]
        if (year > today.year - YEARS_OPEN
                or periods._find_missing(company, grain, year, today)):
            periods._measure_year(company, grain, year, today)
        position += 1
        return position if position < YEARS_BACK * len(grains) else None
