from odoo import api, models


class NurtureDirty(models.Model):
    """Who is scored is looked at by the segments next, in the transaction that writes the score."""

    _inherit = "nurture.dirty"

    @api.model
    def _claim(self, limit):
        loud, quiet = super()._claim(limit)
        queue = self.env["nurture.segment.dirty"]
        queue._push(loud)
        queue._push(quiet, silent=True)
        return loud, quiet
