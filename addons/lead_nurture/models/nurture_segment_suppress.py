from odoo import models


class NurtureSegment(models.Model):
    """Goals, exit rules and suppression ask for segments too."""

    _inherit = "nurture.segment"

    def _used_by(self):
        # sudo: scenarios of other companies count
        scenarios = self.env["nurture.scenario"].sudo().with_context(active_test=False).search(
            [
                ("state", "!=", "archived"),
                "|",
                ("suppress_segment_ids", "in", self.ids),
                "|",
                ("goal_ids.segment_id", "in", self.ids),
                ("exit_rule_ids.segment_id", "in", self.ids),
            ]
        )
        return [*super()._used_by(), *scenarios.mapped("name")]
