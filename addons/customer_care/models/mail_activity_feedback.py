from odoo import models


class MailActivity(models.Model):
    """A call-back that is marked done, or given to another, where the person works."""

    _inherit = "mail.activity"

    def write(self, vals):
        result = super().write(vals)
        if vals.get("user_id"):
            self._get_followed().write({"follow_user_id": vals["user_id"]})
        return result

    def _action_done(self, feedback=False, attachment_ids=None):
        followed = self._get_followed()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        followed._set_follow_done(feedback or False, True)
        return result

    def _get_followed(self):
        """Open call-backs. Index of care_feedback's follow_activity_id."""
        # Who may change or end the activity may change or end the call, whatever else he reads.
        return self.env["care.feedback"].sudo().search([
            ("follow_activity_id", "in", self.ids), ("follow_state", "=", "open")])
