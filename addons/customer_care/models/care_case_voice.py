from odoo import api, models

from .conflicts import apart


class CareCase(models.Model):
    """A case is heard when it is opened, when what it is about changes, and at each word."""

    _inherit = "care.case"

    #: What the row of a case is made of.
    _voice_fields = frozenset({
        "name", "description", "kind", "severity", "partner_id", "product_id", "lot_name",
        "category_id", "order_id", "parent_id", "duplicate_of_id", "close_reason", "active",
        "company_id"})

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases._keep_voices()
        return cases

    def write(self, vals):
        result = super().write(vals)
        if not self._voice_fields.isdisjoint(vals):
            self._keep_voices()
        return result

    def _on_inbound(self, contact):
        super()._on_inbound(contact)
        if contact.message_id and not contact.is_noise:
            self._keep_voices()

    def _keep_voices(self):
        """Heard at once; should it go wrong, the case is saved and the night hears it again."""
        voices = self.env["care.voice"]
        with apart(self.env, "Cases %s could not be heard", self.ids):
            voices._keep_cases(self)
