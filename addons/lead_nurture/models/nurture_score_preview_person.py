from odoo import api, fields, models


class NurtureScorePreviewPerson(models.Model):
    """One row: a person who would change band or grade if a draft were published."""

    _name = "nurture.score.preview.person"
    _description = "Person who would change band"
    _log_access = False
    _order = "total desc, id"
    _rec_name = "person_id"

    preview_id = fields.Many2one(
        "nurture.score.preview", "Preview", required=True, readonly=True, index=True,
        ondelete="cascade",
    )  # fmt: skip
    person_id = fields.Many2one(
        "nurture.person", "Person", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", "Company", readonly=True)
    band_before = fields.Selection("_selection_bands", "Interest now", readonly=True)
    band = fields.Selection("_selection_bands", "Interest then", readonly=True)
    grade_before = fields.Char("Fit now", readonly=True)
    grade = fields.Char("Fit then", readonly=True)
    total_before = fields.Integer("Score now", readonly=True, aggregator="avg")
    total = fields.Integer("Score then", readonly=True, aggregator="avg")

    @api.model
    def _selection_bands(self):
        return self.env["nurture.score"]._selection_bands()

    def action_open_person(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "nurture.person",
            "view_mode": "form",
            "res_id": self.person_id.id,
        }
