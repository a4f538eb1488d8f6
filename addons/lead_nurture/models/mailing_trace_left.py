from odoo import fields, models


class MailingTrace(models.Model):
    """A mail that was held back because its recipient had left the scenario, or because it
    was too late for it."""

    _inherit = "mailing.trace"

    failure_type = fields.Selection(
        selection_add=[
            ("nurture_left", "Left the scenario before it was sent"),
            ("nurture_late", "Would have come too late"),
        ]
    )
