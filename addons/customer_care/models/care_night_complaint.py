from odoo import models


class CareNight(models.Model):
    _inherit = "care.night"

    def _night_steps(self):
        return super()._night_steps() | {
            "bought_again": {"label": self.env._("Bought again after a complaint"),
                             "sequence": 57},
        }

    def _night_bought_again(self, company, now, position):
        return self.env["care.case"]._see_bought_again(company, now, position)
