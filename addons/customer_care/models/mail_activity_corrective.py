from odoo import models

from .care_case_corrective import ACTIVITY


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        """Who ticks off the corrective action in his list has done it on the case as well."""
        kind = self.env.ref(ACTIVITY, raise_if_not_found=False)
        done = self.filtered(
            lambda one: one.res_model == "care.case" and one.activity_type_id == kind)
        # The owner may tick off his own activity without working with cases.
        cases = self.env["care.case"].sudo().browse(done.mapped("res_id"))
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        cases.exists()._set_corrective_done()
        return result
