from odoo import Command, fields, models


class NurtureScoreModel(models.Model):
    """A score model says what its crossings do. A new one alerts whoever has the hot lead."""

    _inherit = "nurture.score.model"

    crossing_ids = fields.One2many(
        "nurture.crossing",
        "model_id",
        "When somebody crosses",
        copy=True,
        default=lambda self: [
            Command.create({"direction": "band_up", "band": "hot", "kind": "alert"})
        ],
    )
