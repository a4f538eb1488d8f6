from odoo import models


class MailActivity(models.Model):
    """Calls and meetings done are read as events, behind a mark."""

    _inherit = "mail.activity"

    # the pull of events: what was written after the mark
    _nurture_pull_idx = models.Index("(write_date, id) WHERE NOT active AND date_done IS NOT NULL")
