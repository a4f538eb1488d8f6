from odoo import api, models


class NurtureScoreRule(models.Model):
    """Who saves a lead or contact tells those who judge him; segments judge too."""

    _inherit = "nurture.score.rule"

    @api.model
    def _watched_fields(self, source):
        watched = super()._watched_fields(source)
        return watched | self.env["nurture.segment.condition"]._watched_fields(source)
