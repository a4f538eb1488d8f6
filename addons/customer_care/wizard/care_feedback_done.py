from odoo import fields, models


class CareFeedbackDone(models.TransientModel):
    """What came of one call to a customer who answered badly."""

    _name = "care.feedback.done"
    _description = "Record of a call-back"

    feedback_ids = fields.Many2many("care.feedback", string="Answers", required=True)
    is_reached = fields.Boolean(
        "The customer was reached", default=True,
        help="Off: nobody answered, or another way was taken. The call-back ends all the same.")
    outcome = fields.Text(
        required=True, help="What the customer said, and what was agreed. It stands on the answer.")

    def action_apply(self):
        """The call-backs end, with what came of them."""
        self.feedback_ids._check_follows()
        # Answers are written by code only; that the user may was just checked.
        self.feedback_ids.sudo()._set_follow_done(self.outcome, self.is_reached)
