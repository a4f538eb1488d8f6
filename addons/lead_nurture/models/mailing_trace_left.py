from odoo import fields, models


class MailingTrace(models.Model):
    """A mail that was held back because its recipient had left the scenario."""

    _inherit = "mailing.trace"

    failure_type = fields.Selection(
        selection_add=[("nurture_left", "Left the scenario before it was sent")]
    )
