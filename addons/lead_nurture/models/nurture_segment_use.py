from odoo import models


class NurtureSegment(models.Model):
    """Scenarios ask for segments too."""

    _inherit = "nurture.segment"

    def _used_by(self):
        # sudo: scenarios of other companies count
        scenarios = self.env["nurture.scenario"].sudo().with_context(active_test=False).search(
            [("trigger_segment_id", "in", self.ids), ("state", "!=", "archived")]
        )
        nodes = self.env["nurture.node"].sudo().search(  # sudo: as above
            [("segment_id", "in", self.ids), ("scenario_id.state", "!=", "archived")]
        )
        return [*super()._used_by(), *(scenarios | nodes.scenario_id).mapped("name")]
