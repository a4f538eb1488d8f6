from odoo import models


class NurtureScoreModel(models.Model):
    """Publishing a draft swaps its content with that of its model; a backtest goes along with the
    content that it tested."""

    _inherit = "nurture.score.model"

    def _publish_draft(self):
        model = super()._publish_draft()
        tests = self.env["nurture.backtest"]
        tests.flush_model(["model_id", "other_model_id"])
        self.env.execute_query(tests._query_swap_models(self, model))
        tests.invalidate_model(["model_id", "other_model_id"], flush=False)
        return model
