from odoo import models


class CrmStage(models.Model):
    """The place of a stage in the pipeline."""

    _inherit = "crm.stage"

    def _place(self):
        """Return a key that sorts stages as the pipeline shows them."""
        self.ensure_one()
        return (self.sequence, self.id)
