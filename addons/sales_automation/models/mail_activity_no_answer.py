from odoo import models


class MailActivity(models.Model):
    """A call that nobody took is done, but it is no contact with the customer."""

    _inherit = "mail.activity"

    def action_no_answer(self, feedback=False):
        """Mark calls as done without an answer; "what next?" is asked as after any other."""
        told = self.env._("No answer")
        return self.with_context(sales_no_answer=True).action_feedback(
            feedback=f"{told}: {feedback}" if feedback else told)

    def _action_done(self, feedback=False, attachment_ids=None):
        messages, activities = super()._action_done(
            feedback=feedback, attachment_ids=attachment_ids)
        if self.env.context.get("sales_no_answer"):
            messages.sudo().sales_no_answer = True  # a fact of the system
        return messages, activities
