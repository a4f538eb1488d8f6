from odoo import models


class NurtureEnrolment(models.Model):
    """People in a simulation stop at a step that fails, where a lane would try again."""

    _inherit = "nurture.enrolment"

    def _note_failure(self, error, now):
        if not self.node_id._script():
            return super()._note_failure(error, now)
        self.env.invalidate_all(flush=False)
        self._set_parked(str(error)[:2000])
        return None
