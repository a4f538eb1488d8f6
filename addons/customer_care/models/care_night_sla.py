from odoo import models

from .care_stage import OPEN_KINDS

#: Open cases in one chunk: short, for agents write the same rows.
CHUNK = 500


class CareNight(models.Model):
    _inherit = "care.night"

    def _night_steps(self):
        return super()._night_steps() | {
            "deadlines": {"label": self.env._("Deadlines of cases"), "sequence": 84},
            "case_pace": {"label": self.env._("Usual time of cases"), "sequence": 85},
        }

    def _night_deadlines(self, company, now, position):
        """What holds for open cases now: service levels, working hours and leaves as they are."""
        cases = self.env["care.case"].search(
            [("id", ">", position), ("company_id", "=", company.id),
             ("stage_kind", "in", OPEN_KINDS)], limit=CHUNK, order="id")
        cases._tell_anew(now)
        return cases[-1].id if len(cases) == CHUNK else None

    def _night_case_pace(self, company, now, position):
        self.env["care.case.pace"]._learn(company, now)
