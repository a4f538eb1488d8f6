from odoo import api, models


class CareCaseEscalation(models.Model):
    """Cases that could not be told their deadlines: a row without level and promise."""

    _inherit = "care.case.escalation"

    @api.model
    def _find_trouble(self, cases):
        return self.search([("case_id", "in", cases.ids), ("level_id", "=", False),
                            ("promise", "=", False)])

    @api.model
    def _keep_trouble(self, case, error, now):
        """Tried again a little later each time, and, when that is given up, every night."""
        row = self._find_trouble(case)
        values = self._prepare_row(
            row, self.env._("Its deadlines could not be told: %s", error), now)
        if row:
            row.write(values)
        else:
            self.create(values | {"case_id": case.id, "reached_at": now})
        case.escalate_at = values["retry_at"]

    @api.model
    def _end_trouble(self, cases):
        self._find_trouble(cases).unlink()
