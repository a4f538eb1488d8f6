from odoo import models
from odoo.fields import Domain

#: Agreements per chunk: each may create a successor or an activity.
CHUNK = 200


class CareNight(models.Model):
    _inherit = "care.night"

    def _night_steps(self):
        return super()._night_steps() | {
            "agreements": {"label": self.env._("Agreements that end"), "sequence": 57},
        }

    def _night_agreements(self, company, now, position):
        """Whatever is due among the next agreements by id; nothing twice when repeated."""
        agreements, today = self.env["care.agreement"], company._care_today(now)
        domain = agreements._due_domain(company, today) & Domain("id", ">", position)
        found = agreements.search(domain, order="id", limit=CHUNK)
        found.with_company(company)._pass_night(today)
        return found[-1].id if len(found) == CHUNK else None
