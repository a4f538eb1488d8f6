from odoo import models

from .conflicts import apart


class CareFeedback(models.Model):
    _inherit = "care.feedback"

    def _on_recorded(self):
        """An answer is heard at once; should it go wrong, the night hears it again."""
        super()._on_recorded()
        with apart(self.env, "Answers %s could not be heard", self.ids):
            self.env["care.voice"]._keep_feedback(self)
