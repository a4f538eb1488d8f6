from odoo import Command, api, fields, models


class NurtureScoreModel(models.Model):
    """A score model says what its crossings do. A new one alerts whoever has the hot lead."""

    _inherit = "nurture.score.model"

    crossing_ids = fields.One2many(
        "nurture.crossing",
        "model_id",
        "When somebody crosses",
        copy=True,
        default=lambda self: self._default_crossings(),
    )

    @api.model
    def _default_crossings(self):
        return [Command.create({"direction": "band_up", "band": "hot", "kind": "alert"})]

    def copy_data(self, default=None):
        """A version has none: they are the model's own."""
        if default and default.get("parent_id"):
            default = {**default, "crossing_ids": []}
        return super().copy_data(default)

    @api.model
    def _give_first_crossings(self):
        for model in self.search([("state", "=", "active")]):
            if not model.with_context(active_test=False).crossing_ids:
                model.crossing_ids = self._default_crossings()
