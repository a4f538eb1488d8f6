from odoo import api, models

from .care_stage import OPEN_KINDS

#: Cases that one run takes from people who have left.
RELEASED = 100


class CareCaseEscalation(models.Model):
    _inherit = "care.case.escalation"

    @api.model
    def _other_duties(self):
        return [*super()._other_duties(), "release", "assign"]

    def _do_release(self):
        """What was opened again, or was archived by SQL: nobody waits for who is gone."""
        self.env["care.case"].search(
            [("user_id.active", "=", False), ("stage_kind", "in", OPEN_KINDS)],
            limit=RELEASED)._release()

    def _do_assign(self):
        """What came in at night, or when all had enough, is given out now."""
        teams = self.env["care.team"].search([("assign_mode", "!=", "manual")])
        for team in teams:
            self.env["care.case"].search(
                [("team_id", "=", team.id), ("user_id", "=", False),
                 ("stage_kind", "in", OPEN_KINDS)],
                limit=100, order="severity desc, id")._give_out()
