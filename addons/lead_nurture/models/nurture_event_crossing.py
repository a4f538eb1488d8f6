from odoo import models


class NurtureEvent(models.Model):
    """Crossings are few among events: found without a walk over all of them."""

    _inherit = "nurture.event"

    # nurture.crossing: what crossed since the mark
    _crossing_idx = models.Index(
        "(id) WHERE kind IN ('band_up', 'band_down') AND source = 'score'"
    )
