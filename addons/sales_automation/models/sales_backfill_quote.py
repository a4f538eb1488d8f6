from odoo import api, models


class SalesBackfill(models.Model):
    """Quotations that were sent before the moment of sending was recorded."""

    _inherit = "sales.backfill"

    @api.model
    def _backfill_subjects(self):
        return {**super()._backfill_subjects(), "quotes": {
            "label": self.env._("When quotations were sent"), "sequence": 60}}
