from odoo import api, models


class SalesBackfill(models.Model):
    """The past of contacts and closing dates."""

    _inherit = "sales.backfill"

    @api.model
    def _backfill_subjects(self):
        return super()._backfill_subjects() | {
            "contacts": {"label": self.env._("Last contact with the customer"), "sequence": 30},
            "slips": {"label": self.env._("First expected closing date"), "sequence": 40},
        }
