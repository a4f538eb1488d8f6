from odoo import api, models


class NurtureBreaker(models.Model):
    """A simulation neither counts as a try of a step nor pauses it."""

    _inherit = "nurture.breaker"

    @api.model
    def _watch(self, node, shut, tried, errors, now):
        if not self.env["nurture.simulation"]._script():
            super()._watch(node, shut, tried, errors, now)
