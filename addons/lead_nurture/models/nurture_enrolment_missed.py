from odoo import models


class NurtureEnrolment(models.Model):
    """Messages that were due in a pause and are not to be sent any more are passed."""

    _inherit = "nurture.enrolment"

    def _do_step_once(self, node, releasing, now):
        missed = self._missed_message(node)
        if missed:
            result = self.env._("missed in the pause")
            missed._pass_over(node, node._way_on(), result, now, releasing)
        rest = self - missed
        if rest:
            super(NurtureEnrolment, rest)._do_step_once(node, releasing, now)

    def _missed_message(self, node):
        """Of the people at this step, those whose message was due in a pause that is skipped. Who
        is late to a step stays late until his next wait, so `run_at` tells when it was due."""
        kinds = self.env["nurture.node"]._node_kinds()
        windows = node.scenario_id._missed_windows()
        if not windows or kinds[node.kind]["group"] != "message":
            return self.browse()
        return self.filtered(
            lambda e: any(start <= e.run_at < until for start, until in windows)
        )
